package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"
)

// faultTest finds the tests of the fault list in a source file.
var faultTest = regexp.MustCompile(`(?m)^func (TestF(\d\d)[A-Z]\w*)\(\w+ \*testing\.T\)`)

// faults runs the fault list and tells for each fault what was tried and what
// came of it. With --prove it puts each of the known bugs in, one at a time,
// and wants the test that guards against it to fail: a test that can't fail
// shows nothing.
func (d *dev) faults(ctx context.Context, args []string) error {
	fs := d.flags("faults", "faults [--short] [--prove] [--fuzz d] [--only F13,F14]")
	short := fs.Bool("short", false, "the short form, which is also part of dev test")
	prove := fs.Bool("prove", false, "put each bug of cmd/dev/mutants in and see its test fail")
	fuzz := fs.Duration("fuzz", 5*time.Second, "how long each parser is fed with random input; 0: not at all")
	only := fs.String("only", "", "these faults, such as F02,F13; default: all")
	if err := parse(fs, args); err != nil {
		return err
	}
	chosen, err := chooseFaults(*only)
	if err != nil {
		return err
	}
	dirs, err := readSources(d.root, nil)
	if err != nil {
		return err
	}
	if err := d.install(ctx, testNeeds(dirs, testFlags{}, runtime.GOOS)...); err != nil {
		return err
	}
	d.set("CI=true")
	if *prove {
		return d.prove(ctx, chosen)
	}
	found := faultTests(dirs)
	results := map[string]testResult{} // by package and test
	flags := []string{"-count=1", "-timeout", testTimeout}
	if *short {
		flags = append(flags, "-short")
	}
	started := time.Now()
	runErr := d.runFaults(ctx, pick(found, chosen), flags, results)
	fuzzed, fuzzErr := 0, error(nil)
	if *fuzz > 0 && chosen[27] {
		fuzzed, fuzzErr = d.fuzz(ctx, dirs, *fuzz)
	}
	bad := d.tellFaults(chosen, found, results)
	if fuzzed > 0 {
		d.say("%d parsers were fed with random input for %s each", fuzzed, *fuzz)
	}
	d.say("%s", time.Since(started).Round(time.Second))
	if err := errors.Join(runErr, fuzzErr); err != nil {
		return err
	}
	if bad > 0 {
		return fmt.Errorf("%d of the faults are not survived, or nothing shows that they are", bad)
	}
	return nil
}

// chooseFaults reads "F02,F13"; an empty text means all.
func chooseFaults(list string) (map[int]bool, error) {
	chosen := map[int]bool{}
	for _, f := range faults {
		chosen[f.no] = list == ""
	}
	for _, word := range strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' }) {
		n, err := strconv.Atoi(strings.TrimLeft(word, "Ff"))
		if _, known := chosen[n]; err != nil || !known {
			return nil, fmt.Errorf("there is no fault %q: they are F01 to F%d", word, len(faults))
		}
		chosen[n] = true
	}
	return chosen, nil
}

// namedTest is a test of the fault list.
type namedTest struct {
	no        int
	pkg, name string // pkg as "./core/engine"
}

func (t namedTest) key() string { return t.pkg + " " + t.name }

func faultTests(dirs []sourceDir) []namedTest {
	var all []namedTest
	for _, s := range dirs {
		for _, m := range faultTest.FindAllStringSubmatch(s.tests, -1) {
			n, err := strconv.Atoi(m[2])
			if err == nil {
				all = append(all, namedTest{n, "./" + s.dir, m[1]})
			}
		}
	}
	slices.SortFunc(all, func(a, b namedTest) int {
		return cmp.Or(cmp.Compare(a.no, b.no), cmp.Compare(a.pkg, b.pkg), cmp.Compare(a.name, b.name))
	})
	return all
}

func pick(all []namedTest, chosen map[int]bool) []namedTest {
	return slices.DeleteFunc(slices.Clone(all), func(t namedTest) bool { return !chosen[t.no] })
}

// runFaults runs tests package by package and notes how each ended.
func (d *dev) runFaults(ctx context.Context, tests []namedTest, flags []string, results map[string]testResult) error {
	byPkg := map[string][]string{}
	for _, t := range tests {
		byPkg[t.pkg] = append(byPkg[t.pkg], t.name)
	}
	var errs []error
	for _, pkg := range slices.Sorted(maps.Keys(byPkg)) {
		run := "^(" + strings.Join(byPkg[pkg], "|") + ")$"
		ended, err := d.testOutcomes(ctx, nil, slices.Concat([]string{"-run", run}, flags, []string{pkg}), d.out)
		for name, r := range ended {
			results[pkg+" "+name] = r
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", pkg, err))
		}
		if ctx.Err() != nil {
			break
		}
	}
	return errors.Join(errs...)
}

// testResult is how a test ended.
type testResult struct {
	action string // pass, fail, skip
	took   time.Duration
}

// testOutcomes runs `go test` with args and returns how its top-level tests
// ended. What failed tests print, and what the go command has to say, goes to
// out. The error is the go command's.
func (d *dev) testOutcomes(ctx context.Context, env, args []string, out io.Writer) (map[string]testResult, error) {
	c := d.cmd(ctx, "go", slices.Concat([]string{"test", "-json", "-tags", testTags}, args)...)
	c.Env = append(c.Env, env...)
	var events bytes.Buffer
	c.Stdout = &events
	err := c.Run()
	ended := map[string]testResult{}
	var sum tally
	for line := range bytes.Lines(events.Bytes()) {
		var e struct {
			Action, Test string
			Elapsed      float64
		}
		if json.Unmarshal(line, &e) != nil || e.Test == "" || strings.Contains(e.Test, "/") {
			continue
		}
		if e.Action == "pass" || e.Action == "fail" || e.Action == "skip" {
			ended[e.Test] = testResult{e.Action, time.Duration(e.Elapsed * float64(time.Second))}
		}
	}
	return ended, errors.Join(err, retell(&events, out, &sum))
}

// tellFaults prints the table and returns how many faults have no proof.
func (d *dev) tellFaults(chosen map[int]bool, found []namedTest, results map[string]testResult) (bad int) {
	d.say("")
	for _, f := range faults {
		if !chosen[f.no] {
			continue
		}
		var took time.Duration
		var lines []string
		verdict := "survived"
		for _, t := range found {
			if t.no != f.no {
				continue
			}
			r, ran := results[t.key()]
			took += r.took
			switch {
			case !ran:
				r.action, verdict = "did not run", "NOT SHOWN"
			case r.action == "skip" && f.needs != "":
				verdict = "not tried: this machine doesn't allow " + f.needs
			case r.action != "pass":
				verdict = "NOT SURVIVED"
			}
			lines = append(lines, fmt.Sprintf("       %-4s %s %s", r.action, strings.TrimPrefix(t.pkg, "./"), t.name))
		}
		if len(lines) == 0 {
			verdict = "NO TEST"
		}
		if verdict == strings.ToUpper(verdict) {
			bad++
		}
		d.say("F%02d  %-62s %6s  %s", f.no, f.what, took.Round(100*time.Millisecond), verdict)
		for _, l := range lines {
			d.say("%s", l)
		}
	}
	return bad
}
