package main

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/stint-pim/stint/cmd/dev/need"
)

// headless lets all packages compile without a display, a graphics driver or
// headers. Packages that don't look at the tag share their build cache with
// builds that lack it.
const headless = "ci"

// testTags are those of tests: core/failpoint lets them kill and fail the
// program at every step. Builds and benchmarks go without it, because what is
// shipped does; so each of its two forms is compiled in every run.
const testTags = headless + ",failpoints"

// testTimeout is for one package under the race detector on two cores.
const testTimeout = "20m"

// raceFlags turn the race detector on, but not within SQLite's translated C, the
// shaping of text and the hashes of passwords: they compute on memory of one
// goroutine at a time, are not ours, and took most of the time. What surrounds them (database/sql
// and the driver, Fyne, and all of Stint) is watched, as is the memory handed
// to them. The C library underneath synchronises with atomics, which the
// detector has to see; there only the checks of pointer arithmetic are off.
var raceFlags = []string{
	"-race",
	"-gcflags=modernc.org/sqlite/lib=-race=false",
	"-gcflags=modernc.org/libc=-d=checkptr=0",
	"-gcflags=modernc.org/memory=-d=checkptr=0",
	"-gcflags=github.com/go-text/...=-race=false",
	"-gcflags=golang.org/x/image/...=-race=false",
	"-gcflags=golang.org/x/crypto/...=-race=false",
}

type testFlags struct {
	short, race bool
	patterns    []string // "./..." unless asked otherwise
	more        []string // after "--", for `go test`
}

func (f testFlags) all() bool { return len(f.patterns) == 0 }

func (f testFlags) packages() []string {
	if f.all() {
		return []string{"./..."}
	}
	return f.patterns
}

func (d *dev) testFlags(args []string) (testFlags, error) {
	var f testFlags
	if i := slices.Index(args, "--"); i >= 0 {
		args, f.more = args[:i], args[i+1:]
	}
	fs := d.flags("test", "test [--short] [--race=false] [packages] [-- flags of go test]: with packages, only what concerns them")
	fs.BoolVar(&f.short, "short", false, "no builds for other systems, and the short form of long tests")
	fs.BoolVar(&f.race, "race", true, "with the race detector")
	err := parse(fs, args)
	f.patterns = fs.Args()
	return f, err
}

// A step is one part of a run; a failed one doesn't keep the others from
// telling what they find.
type step struct {
	name string
	do   func(context.Context) error
}

// test is what continuous integration runs.
func (d *dev) test(ctx context.Context, args []string) error {
	f, err := d.testFlags(args)
	if err != nil {
		return err
	}
	sources, err := d.sources(ctx, f)
	if err != nil {
		return err
	}
	if err := d.install(ctx, testNeeds(sources, f, runtime.GOOS)...); err != nil {
		return err
	}
	// Tests fail where they can't find a server, instead of passing it over.
	d.set("CI=true")

	var sum tally
	started := time.Now()
	failed := d.steps(ctx, d.testSteps(f, heavy(sources), &sum))
	d.say("")
	for _, s := range sum.skips {
		d.say("skipped: %s", s)
	}
	for _, name := range failed {
		d.say("FAILED: %s", name)
	}
	d.say("%s in %s", map[bool]string{true: "All steps passed", false: "Not all steps passed"}[len(failed) == 0], time.Since(started).Round(time.Second))
	d.say("tests: %d passed, %d failed, %d skipped", sum.passed, sum.failed, len(sum.skips))
	switch {
	case len(failed) > 0:
		return exited{1} // the lines above say it all
	case sum.passed == 0:
		return errors.New("no test ran")
	}
	return nil
}

// testSteps orders a run so that what fails fast comes first.
//
// The race detector makes tests several times slower. So there are two passes: all packages under the detector, where a long test may
// ask testing.Short and do less; then, without it, the packages that asked, at
// full length.
func (d *dev) testSteps(f testFlags, heavy []string, sum *tally) []step {
	test := func(pkgs []string, flags ...string) func(context.Context) error {
		return func(ctx context.Context) error {
			args := slices.Concat([]string{"test", "-json", "-tags", testTags, "-timeout", testTimeout}, flags, f.more, pkgs)
			return d.goTest(ctx, args, sum)
		}
	}
	steps := []step{
		{"gofmt", func(context.Context) error { return checkFormat(d.root, d.out) }},
		{"go vet", func(ctx context.Context) error {
			return d.gotool(ctx, nil, append([]string{"vet", "-tags", testTags}, f.packages()...)...)
		}},
	}
	if f.all() && !f.short {
		steps = append(steps, step{"build: the window for this machine", func(ctx context.Context) error {
			to, err := d.cache("bin", exe("stint-desktop"))
			if err != nil {
				return err
			}
			return d.buildWindow(ctx, to)
		}})
		steps = append(steps, step{"build: everything for windows", func(ctx context.Context) error {
			return d.gotool(ctx, []string{"GOOS=windows", "CGO_ENABLED=0"}, "build", "-tags", headless, "./...")
		}}, step{"build: everything for darwin", d.buildDarwin})
	}
	switch {
	case f.race && f.short:
		steps = append(steps, step{"tests with the race detector, short", test(f.packages(), append(raceFlags, "-short")...)})
	case f.short:
		steps = append(steps, step{"tests, short", test(f.packages(), "-short")})
	case f.race:
		steps = append(steps, step{"tests with the race detector", test(f.packages(), append(raceFlags, "-short")...)})
		if len(heavy) > 0 {
			steps = append(steps, step{"long tests at full length", test(heavy)})
		}
	default:
		steps = append(steps, step{"tests", test(f.packages())})
	}
	return steps
}

// steps runs all steps and returns the names of those that failed. It stops
// early only when ctx ends.
func (d *dev) steps(ctx context.Context, steps []step) (failed []string) {
	for i, s := range steps {
		if ctx.Err() != nil {
			return append(failed, s.name+" (interrupted)")
		}
		d.say("\n== %d/%d %s", i+1, len(steps), s.name)
		started := time.Now()
		err := s.do(ctx)
		took := time.Since(started).Round(100 * time.Millisecond)
		if err != nil {
			failed = append(failed, s.name)
			d.say("== %s FAILED after %s: %v", s.name, took, err)
			continue
		}
		d.say("== %s passed in %s", s.name, took)
	}
	return failed
}

// sources returns the directories whose tests a run would start, with those
// of this module that they use. They are paths below the root.
func (d *dev) sources(ctx context.Context, f testFlags) ([]sourceDir, error) {
	if f.all() {
		return readSources(d.root, nil)
	}
	out, err := d.output(ctx, "go", slices.Concat(
		[]string{"list", "-e", "-deps", "-test", "-tags", testTags, "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}"}, f.patterns)...)
	if err != nil {
		return nil, fmt.Errorf("list packages: %w", err)
	}
	only := map[string]bool{}
	for line := range strings.Lines(out) {
		// With -test, "a/b [a/b.test]" and "a/b.test" stand in the list, too.
		name, _, _ := strings.Cut(strings.TrimSpace(line), " ")
		if dir, inside := strings.CutPrefix(name, module+"/"); inside {
			only[strings.TrimSuffix(strings.TrimSuffix(dir, ".test"), "_test")] = true
		}
	}
	return readSources(d.root, only)
}

// testNeeds says what the tests in dirs take. A test that wants a server names
// its program, so nobody has to keep a list.
func testNeeds(dirs []sourceDir, f testFlags, goos string) []need.Need {
	var needs []need.Need
	if f.race {
		needs = append(needs, need.Compiler())
	}
	if f.all() && !f.short {
		needs = append(needs, windowNeeds()...)
	}
	for _, s := range serverSigns() {
		if goos != "linux" && s.linuxOnly {
			continue
		}
		if slices.ContainsFunc(dirs, func(d sourceDir) bool { return s.sign.MatchString(d.tests) }) {
			needs = append(needs, s.need)
		}
	}
	return needs
}
