package main

import (
	"context"
	"errors"
)

// The linters, at fixed versions and outside Stint's own module graph: `go run
// module@version` builds each with the versions it was tested with.
const (
	golangciLint = "github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0"
	staticcheck  = "honnef.co/go/tools/cmd/staticcheck@v0.8.2"
)

// lint runs both linters, the second also when the first found something.
func (d *dev) lint(ctx context.Context, args []string) error {
	fs := d.flags("lint", "lint [--quick] [packages]: golangci-lint with .golangci.yml, then staticcheck alone")
	quick := fs.Bool("quick", false, "staticcheck only, which compiles in seconds")
	if err := parse(fs, args); err != nil {
		return err
	}
	patterns := fs.Args()
	if len(patterns) == 0 {
		patterns = []string{"./..."}
	}
	var found []error
	if !*quick {
		if err := d.gotool(ctx, nil, append([]string{"run", golangciLint, "run"}, patterns...)...); err != nil {
			found = append(found, errors.New("golangci-lint found something"))
		}
	}
	// What .golangci.yml leaves out is left out here, too.
	checks := "all,-ST1003,-ST1005,-ST1016,-QF*"
	if err := d.gotool(ctx, nil, append([]string{"run", staticcheck, "-tags", headless, "-checks", checks}, patterns...)...); err != nil {
		found = append(found, errors.New("staticcheck found something"))
	}
	if err := errors.Join(found...); err != nil {
		return err
	}
	d.say("Nothing found.")
	return nil
}
