// Dev is what a newcomer types: it runs, tests, measures, pictures, checks and
// packages Stint.
//
//	go run ./cmd/dev <run|test|faults|bench|screenshots|lint|package> [arguments]
//
// It uses nothing but the standard library, so that it starts on a machine
// that has only Go, and brings the rest itself: each verb finds out what is
// missing, says what it would install, and asks before it does.
//
// It is not part of Stint and is never shipped.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	status := run(ctx, os.Args[1:])
	stop()
	os.Exit(status)
}

type verb struct {
	name, what string
	do         func(*dev, context.Context, []string) error
}

func verbs() []verb {
	return []verb{
		{"run", "build and start the window", (*dev).run},
		{"test", "what continuous integration runs: format, vet, builds, all tests", (*dev).test},
		{"faults", "what Stint survives, fault by fault; --prove shows that the tests can fail", (*dev).faults},
		{"bench", "measure, and keep the figures for benchstat", (*dev).bench},
		{"screenshots", "a picture of every page into resources/screenshots", (*dev).screenshots},
		{"lint", "golangci-lint and staticcheck", (*dev).lint},
		{"package", "what people download, into dist", (*dev).pack},
	}
}

// run returns the exit status: 0 for success, 2 for a wrong command line, that
// of the program for `dev run`, and 1 for whatever else went wrong.
func run(ctx context.Context, args []string) int {
	if len(args) > 0 {
		for _, v := range verbs() {
			if v.name != args[0] {
				continue
			}
			d, err := newDev()
			if err == nil {
				err = v.do(d, ctx, args[1:])
			}
			return status(v.name, err)
		}
	}
	fmt.Fprintln(os.Stderr, "usage: go run ./cmd/dev <verb> [arguments]; -h after a verb tells more")
	for _, v := range verbs() {
		fmt.Fprintf(os.Stderr, "  %-12s %s\n", v.name, v.what)
	}
	return 2
}

func status(verb string, err error) int {
	var ended exited
	switch {
	case err == nil:
		return 0
	case errors.Is(err, flag.ErrHelp):
		return 0
	case errors.As(err, &ended): // it has said why itself
		return ended.code
	case errors.Is(err, errUsage):
		return 2
	}
	fmt.Fprintf(os.Stderr, "dev %s: %v\n", verb, err)
	return 1
}

// errUsage is returned after the flag package has told what was wrong.
var errUsage = errors.New("wrong command line")

// exited is the end of a program that this one only started.
type exited struct{ code int }

func (e exited) Error() string { return fmt.Sprintf("exit status %d", e.code) }

// asExit turns the end of a started program into exited, and leaves other
// errors as they are.
func asExit(err error) error {
	var e *exec.ExitError
	if errors.As(err, &e) && e.ExitCode() > 0 {
		return exited{e.ExitCode()}
	}
	return err
}
