package main

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"time"
)

var fuzzTarget = regexp.MustCompile(`(?m)^func (Fuzz[A-Z]\w*)\(\w+ \*testing\.F\)`)

// fuzz feeds every parser that has a fuzz target with random input, and
// returns how many there were. What breaks one is kept by the go command
// under testdata/fuzz, where the ordinary tests find it.
func (d *dev) fuzz(ctx context.Context, dirs []sourceDir, each time.Duration) (n int, err error) {
	var errs []error
	for _, s := range dirs {
		for _, m := range fuzzTarget.FindAllStringSubmatch(s.tests, -1) {
			n++
			err := d.gotool(ctx, nil, "test", "-tags", testTags, "-run", "^$", "-fuzz", "^"+m[1]+"$", "-fuzztime", each.String(), "./"+s.dir)
			if err != nil {
				errs = append(errs, fmt.Errorf("%s in %s: %w", m[1], s.dir, err))
			}
			if ctx.Err() != nil {
				return n, errors.Join(errs...)
			}
		}
	}
	return n, errors.Join(errs...)
}
