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

// bench measures and keeps what it measured in a file that benchstat reads.
// Ratios between two files of one machine mean something; absolute figures
// drift with the machine.
func (d *dev) bench(ctx context.Context, args []string) error {
	fs := d.flags("bench", "bench [--count n] [--bench regexp] [--time d] [--out file] [packages]")
	count := fs.Int("count", 6, "runs of each benchmark; benchstat wants six or more to tell change from noise")
	pattern := fs.String("bench", ".", "which benchmarks, as go test takes it")
	length := fs.String("time", "1s", "how long each runs, as go test's -benchtime takes it")
	to := fs.String("out", "", "the file (default: .cache/bench/<commit>-<time>.txt)")
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
	if *to == "" {
		p, err := d.cache("bench", d.version(ctx)+"-"+time.Now().UTC().Format("20060102T150405Z")+".txt")
		if err != nil {
			return err
		}
		*to = p
	}
	file, err := os.Create(*to)
	if err != nil {
		return err
	}
	defer file.Close()
	args = slices.Concat([]string{"test", "-tags", testTags, "-run", "^$", "-bench", *pattern, "-benchmem",
		"-benchtime", *length, "-count", fmt.Sprint(*count), "-timeout", "60m"}, pkgs)
	d.say("$ go %s", strings.Join(args, " "))
	c := d.cmd(ctx, "go", args...)
	c.Stdout = io.MultiWriter(d.out, file)
	if err := c.Run(); err != nil {
		return fmt.Errorf("benchmarks: %w (what was measured is in %s)", err, *to)
	}
	if err := file.Close(); err != nil {
		return err
	}
	d.say("\nThe figures are in %s\nTo compare two such files: go run golang.org/x/perf/cmd/benchstat@latest old.txt new.txt", *to)
	return nil
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
