package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// mutantDir holds the bugs that tests were seen to find.
const mutantDir = "cmd/dev/mutants"

// A mutant is a bug on purpose: replacements in source files, and the test
// that must fail with them. The file looks so:
//
//	# The engine acknowledges before the commit is durable.
//	test ./core/engine ^TestF05FsyncFails$
//	-- core/engine/commit.go
//	<<<<
//	old text, which must stand in the file exactly once
//	====
//	new text
//	>>>>
//
// “long” behind the test asks for its long form, where only that has eyes for it.
type mutant struct {
	name      string // of the file, without .txt
	about     string
	pkg, test string
	long      bool
	edits     []edit
}

type edit struct{ file, old, new string }

// no is the fault's number; 0 for bugs outside the list.
func (m mutant) no() int {
	n, _ := strconv.Atoi(strings.TrimPrefix(strings.SplitN(m.name, "-", 2)[0], "F"))
	return n
}

// readMutants reads all mutants of a tree.
func readMutants(root string) ([]mutant, error) {
	files, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(mutantDir), "*.txt"))
	if err != nil {
		return nil, err
	}
	slices.Sort(files)
	var all []mutant
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			return nil, err
		}
		m, err := parseMutant(strings.TrimSuffix(filepath.Base(f), ".txt"), string(text))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", filepath.Base(f), err)
		}
		all = append(all, m)
	}
	return all, nil
}

func parseMutant(name, text string) (mutant, error) {
	m := mutant{name: name}
	var file string
	var into *string
	for line := range strings.Lines(text) {
		bare := strings.TrimRight(line, "\r\n")
		switch {
		case into == nil && strings.HasPrefix(bare, "#"):
			m.about = strings.TrimSpace(m.about + " " + strings.TrimSpace(bare[1:]))
		case into == nil && strings.HasPrefix(bare, "test "):
			words := strings.Fields(bare)
			m.long = len(words) == 4 && words[3] == "long"
			if len(words) != 3 && !m.long {
				return m, fmt.Errorf("%q: want “test ./package regexp”, perhaps with “long” behind it", bare)
			}
			m.pkg, m.test = words[1], words[2]
		case into == nil && strings.HasPrefix(bare, "-- "):
			file = strings.TrimSuffix(strings.TrimSpace(bare[3:]), " --")
		case into == nil && bare == "<<<<":
			m.edits = append(m.edits, edit{file: file})
			into = &m.edits[len(m.edits)-1].old
		case into != nil && bare == "====":
			into = &m.edits[len(m.edits)-1].new
		case into != nil && bare == ">>>>":
			into = nil
		case into != nil:
			*into += line
		case strings.TrimSpace(bare) != "":
			return m, fmt.Errorf("don't know what to make of %q", bare)
		}
	}
	switch {
	case into != nil:
		return m, errors.New("an edit has no end")
	case m.about == "" || m.test == "" || len(m.edits) == 0:
		return m, errors.New("a mutant says what is broken, names a test, and has an edit")
	}
	return m, nil
}

// mutate returns the files of m with its edits made, by their path below root.
func (m mutant) mutate(root string) (map[string]string, error) {
	changed := map[string]string{}
	for _, e := range m.edits {
		text, ok := changed[e.file]
		if !ok {
			b, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(e.file)))
			if err != nil {
				return nil, err
			}
			text = string(b)
		}
		if n := strings.Count(text, e.old); n != 1 || e.old == "" {
			return nil, fmt.Errorf("%s: the text to replace stands there %d times, want once:\n%s", e.file, n, e.old)
		}
		changed[e.file] = strings.Replace(text, e.old, e.new, 1)
	}
	return changed, nil
}

// prove puts the chosen mutants in, one at a time, and wants their tests to fail.
func (d *dev) prove(ctx context.Context, chosen map[int]bool) error {
	all, err := readMutants(d.root)
	if err != nil {
		return err
	}
	proven := map[int]int{}
	whole := true
	for _, is := range chosen {
		whole = whole && is
	}
	var survived []string
	for _, m := range all {
		// Those of no fault on the list are proven with all of it only.
		if _, known := chosen[m.no()]; !chosen[m.no()] && (known || !whole) {
			continue
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		started := time.Now()
		found, how, err := d.try(ctx, m)
		if err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
		d.say("%-6s %-34s %5s  %s", map[bool]string{true: "found", false: "MISSED"}[found], m.name, time.Since(started).Round(time.Second), how)
		if !found {
			survived = append(survived, m.name)
			d.say("       %s", m.about)
			continue
		}
		proven[m.no()]++
	}
	for _, f := range faults {
		if chosen[f.no] && proven[f.no] == 0 {
			survived = append(survived, fmt.Sprintf("F%02d has no bug that its test was seen to find", f.no))
		}
	}
	if len(survived) > 0 {
		return fmt.Errorf("not proven:\n  %s", strings.Join(survived, "\n  "))
	}
	return nil
}

// try runs the test of one mutant. It is found when the test itself fails; a
// build that fails shows nothing.
func (d *dev) try(ctx context.Context, m mutant) (found bool, how string, err error) {
	changed, err := m.mutate(d.root)
	if err != nil {
		return false, "", err
	}
	dir, err := os.MkdirTemp("", "stint-mutant-")
	if err != nil {
		return false, "", err
	}
	defer os.RemoveAll(dir)
	overlay := struct{ Replace map[string]string }{map[string]string{}}
	for file, text := range changed {
		to := filepath.Join(dir, strings.ReplaceAll(file, "/", "_"))
		if err := os.WriteFile(to, []byte(text), 0o600); err != nil {
			return false, "", err
		}
		overlay.Replace[filepath.Join(d.root, filepath.FromSlash(file))] = to
	}
	text, err := json.Marshal(overlay)
	if err != nil {
		return false, "", err
	}
	list := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(list, text, 0o600); err != nil {
		return false, "", err
	}
	// In the environment, so that a program which a test builds has the bug, too.
	env := []string{"GOFLAGS=" + strings.TrimSpace(os.Getenv("GOFLAGS")+" -buildvcs=false -overlay="+list)}
	ended, runErr := d.testOutcomes(ctx, env, []string{"-run", m.test, "-short=" + strconv.FormatBool(!m.long), "-count=1", "-timeout", "4m", m.pkg}, io.Discard)
	for name, r := range ended {
		if r.action == "fail" {
			return true, "by " + name, nil
		}
	}
	switch {
	case len(ended) == 0 && runErr != nil:
		return false, "it does not compile, or the test did not end: " + runErr.Error(), nil
	case len(ended) == 0:
		return false, "no test " + m.test + " in " + m.pkg, nil
	}
	return false, "the test passes with the bug in", nil
}
