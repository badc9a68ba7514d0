package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"time"
)

// goalPattern chooses the benchmarks of the goals: BenchmarkB01Activation.
const goalPattern = "^BenchmarkB[0-9][0-9][A-Z]"

type benchFlags struct {
	count                int
	pattern, length, out string
	all                  bool
}

// bench measures the goals, each beside its floor, prints a table for people,
// and keeps what it measured in a file that benchstat reads. Ratios between
// product and floor of one run mean something; absolute figures drift with the
// machine.
func (d *dev) bench(ctx context.Context, args []string) error {
	var f benchFlags
	fs := d.flags("bench", "bench [--count n] [--bench regexp] [--time d] [--all] [--out file] [packages]")
	fs.IntVar(&f.count, "count", 3, "runs of each benchmark; the table shows the middle one. benchstat wants six or more to tell change from noise")
	fs.StringVar(&f.pattern, "bench", goalPattern, "which benchmarks, as go test takes it")
	fs.StringVar(&f.length, "time", "1x", "how long each runs, as go test's -benchtime takes it; the goals' benchmarks choose their own length")
	fs.BoolVar(&f.all, "all", false, "also the benchmarks of single parts, a second each")
	fs.StringVar(&f.out, "out", "", "the file (default: .cache/bench/<commit>-<time>.txt)")
	if err := parse(fs, args); err != nil {
		return err
	}
	pkgs := fs.Args()
	if len(pkgs) == 0 {
		dirs, err := readSources(d.root, nil)
		if err != nil {
			return err
		}
		if pkgs = benchmarked(dirs); len(pkgs) == 0 {
			return errors.New("no package has a benchmark")
		}
	}
	used, err := d.sources(ctx, testFlags{patterns: pkgs})
	if err != nil {
		return err
	}
	if err := d.install(ctx, testNeeds(used, testFlags{patterns: pkgs}, runtime.GOOS)...); err != nil {
		return err
	}
	d.set("CI=true")
	if f.out == "" {
		if f.out, err = d.cache("bench", d.version(ctx)+"-"+time.Now().UTC().Format("20060102T150405Z")+".txt"); err != nil {
			return err
		}
	}
	return d.measure(ctx, f, pkgs)
}

// measure runs the benchmarks and writes file and table.
func (d *dev) measure(ctx context.Context, f benchFlags, pkgs []string) error {
	file, err := os.Create(f.out)
	if err != nil {
		return err
	}
	defer file.Close()
	var kept strings.Builder
	to := io.MultiWriter(d.out, file, &kept)
	fmt.Fprintf(to, "load: %s\n", load())
	run := func(pattern, length string, count int, pkgs []string) error {
		args := slices.Concat([]string{"test", "-tags", headless, "-run", "^$", "-bench", pattern, "-benchmem",
			"-benchtime", length, "-count", fmt.Sprint(count), "-p", "1", "-timeout", "60m"}, pkgs)
		d.say("$ go %s", strings.Join(args, " "))
		c := d.cmd(ctx, "go", args...)
		c.Stdout = to
		return c.Run()
	}
	err = run(f.pattern, f.length, f.count, pkgs)
	if f.all && ctx.Err() == nil {
		err = errors.Join(err, run("^Benchmark([^B]|B[^0-9])", "1s", f.count, pkgs))
	}
	fmt.Fprintf(to, "load: %s\n", load())
	if rows := readGoals(kept.String()); len(rows) > 0 {
		table := goalTable(rows)
		d.say("\n%s", table)
		if err := os.WriteFile(f.out+".table", []byte(table), 0o600); err != nil {
			return err
		}
	}
	if err != nil {
		return fmt.Errorf("benchmarks: %w (what was measured is in %s)", err, f.out)
	}
	if err := file.Close(); err != nil {
		return err
	}
	d.say("The figures are in %s\nTo compare two such files: go run golang.org/x/perf/cmd/benchstat@latest old.txt new.txt", f.out)
	return nil
}

// load tells how busy the machine is, where it says so.
func load() string {
	b, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	return strings.TrimSpace(string(b))
}

// benchmarked returns the packages that have a benchmark.
func benchmarked(dirs []sourceDir) []string {
	declares := regexp.MustCompile(`(?m)^func Benchmark[^a-z]\w*\(\w+ \*testing\.B\)`)
	var pkgs []string
	for _, s := range dirs {
		if declares.MatchString(s.tests) {
			pkgs = append(pkgs, "./"+s.dir)
		}
	}
	return pkgs
}
