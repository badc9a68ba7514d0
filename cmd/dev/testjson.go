package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
)

// tally counts tests over several runs of `go test`. Subtests count, too.
type tally struct {
	passed, failed int
	skips          []string // "package.Test: reason"
}

// testEvent is a line of `go test -json`; see `go doc test2json`.
type testEvent struct {
	Action, Package, Test, Output string
}

// goTest runs `go test -json` and shows what `go test` would have shown: a
// line per package, and whatever a failed test printed.
func (d *dev) goTest(ctx context.Context, args []string, sum *tally) error {
	plain := slices.DeleteFunc(slices.Clone(args), func(a string) bool { return a == "-json" })
	d.say("$ go %s", strings.Join(plain, " "))
	c := d.cmd(ctx, "go", args...)
	c.Stdout = nil
	lines, err := c.StdoutPipe()
	if err != nil {
		return err
	}
	if err := c.Start(); err != nil {
		return err
	}
	readErr := retell(lines, d.out, sum)
	if err := c.Wait(); err != nil {
		return err
	}
	return readErr
}

// retell reads events until the end and adds them to sum.
func retell(events io.Reader, out io.Writer, sum *tally) error {
	printed := map[string]map[string][]string{} // by package and test, while a test runs
	lines := bufio.NewReader(events)
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) > 0 {
			var e testEvent
			if json.Unmarshal(line, &e) != nil {
				_, _ = out.Write(line) // not an event: what the go command itself has to say
			} else {
				tell(e, printed, out, sum)
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read what go test says: %w", err)
		}
	}
}

func tell(e testEvent, printed map[string]map[string][]string, out io.Writer, sum *tally) {
	if printed[e.Package] == nil {
		printed[e.Package] = map[string][]string{}
	}
	running := printed[e.Package]
	switch {
	case e.Action == "run":
		running[e.Test] = nil // from here on it has not ended
	case e.Action == "output" && e.Test != "":
		if !strings.HasPrefix(e.Output, "=== ") {
			running[e.Test] = append(running[e.Test], e.Output)
		}
	case e.Action == "output", e.Action == "build-output":
		// "PASS" says less than the "ok" after it, and a package without tests
		// nothing that one wants to know.
		if e.Output != "PASS\n" && !strings.Contains(e.Output, "[no test files]") {
			_, _ = io.WriteString(out, e.Output)
		}
	case e.Test == "" && e.Action == "fail": // what was still running when the package ended
		names := make([]string, 0, len(running))
		for name := range running {
			names = append(names, name)
		}
		slices.Sort(names)
		for _, name := range names {
			sum.failed++
			fmt.Fprintf(out, "--- FAIL: %s (did not end)\n%s", name, strings.Join(running[name], ""))
		}
		delete(printed, e.Package)
	case e.Test == "":
	case e.Action == "pass":
		sum.passed++
		delete(running, e.Test)
	case e.Action == "skip":
		sum.skips = append(sum.skips, e.Package+"."+e.Test+": "+reason(running[e.Test]))
		delete(running, e.Test)
	case e.Action == "fail":
		sum.failed++
		fmt.Fprint(out, strings.Join(running[e.Test], ""))
		delete(running, e.Test)
	}
}

// reason is what a skipped test said before it gave up.
func reason(printed []string) string {
	for _, line := range printed {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "---") {
			return line
		}
	}
	return "no reason given"
}
