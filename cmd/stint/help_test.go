package main

import (
	"bytes"
	"context"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/stint-pim/stint/core/api"
)

// offline runs the program without a world around it.
func offline(t *testing.T, args ...string) (code int, out, problem string) {
	t.Helper()
	var o, e bytes.Buffer
	io := stdio{In: strings.NewReader(""), Out: &o, Err: &e, Getenv: func(string) string { return "" }, Now: time.Now, Open: openStore, VerifyDB: verifyStore}
	code = run(context.Background(), args, io)
	return code, o.String(), e.String()
}

// commands lists every command that people can type, by its words.
func commands(cmd *cobra.Command, path []string, each func(*cobra.Command, []string)) {
	for _, c := range cmd.Commands() {
		if c.Hidden || c.Name() == "help" || c.Name() == "completion" {
			continue
		}
		words := append(append([]string{}, path...), c.Name())
		each(c, words)
		commands(c, words, each)
	}
}

func TestEveryCommandExplainsItself(t *testing.T) {
	a := &app{stdio: stdio{Getenv: func(string) string { return "" }}}
	n := 0
	commands(a.root(), nil, func(c *cobra.Command, words []string) {
		n++
		name := strings.Join(words, " ")
		code, out, problem := offline(t, append(words, "--help")...)
		if code != 0 || problem != "" || !strings.Contains(out, "Usage:") || !strings.Contains(out, c.Short) && c.Long == "" {
			t.Errorf("%s --help: status %d, %q\n%s", name, code, problem, out)
		}
		if c.Short == "" || strings.HasSuffix(c.Short, ".") {
			t.Errorf("%s: short is %q", name, c.Short)
		}
		c.LocalFlags().VisitAll(func(f *pflag.Flag) {
			if f.Usage == "" {
				t.Errorf("%s --%s has no explanation", name, f.Name)
			}
		})
		for _, line := range strings.Split(c.Example, "\n") {
			if strings.TrimSpace(line) != "" && !strings.Contains(line, "stint "+words[0]) {
				t.Errorf("%s: example %q is of another command", name, line)
			}
		}
	})
	if n < 30 {
		t.Errorf("only %d commands were tried", n)
	}
}

// TestExamplesParse: what help shows can be typed. Commands in the examples are
// read up to their own code, which an unreachable server then ends.
func TestExamplesParse(t *testing.T) {
	a := &app{stdio: stdio{Getenv: func(string) string { return "" }}}
	flag := regexp.MustCompile(`\s(--[a-z-]+)`)
	commands(a.root(), nil, func(c *cobra.Command, words []string) {
		for _, m := range flag.FindAllStringSubmatch(strings.ReplaceAll(c.Example+"\n"+c.Long, "\n", " "), -1) {
			name := strings.TrimPrefix(m[1], "--")
			if c.Flags().Lookup(name) == nil && c.InheritedFlags().Lookup(name) == nil && name != "totp" {
				t.Errorf("%s: --%s in its help is no flag of it", strings.Join(words, " "), name)
			}
		}
	})
}

// TestExitStatusTable: what help says of exit statuses is the table that the
// program goes by.
func TestExitStatusTable(t *testing.T) {
	got := map[int]bool{}
	for _, m := range regexp.MustCompile(`(?m)(?:^|\s{2,})(\d+) +[a-z]`).FindAllStringSubmatch(exitCodes, -1) {
		n, err := strconv.Atoi(m[1])
		if err != nil {
			t.Fatal(err)
		}
		got[n] = true
	}
	want := map[int]bool{0: true}
	for _, m := range api.Codes() {
		want[m.Exit] = true
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("exit statuses in the help (-want +got):\n%s", d)
	}
}

func TestCompletionLoads(t *testing.T) {
	for _, shell := range []string{"bash", "zsh", "fish"} {
		code, out, problem := offline(t, "completion", shell)
		if code != 0 || out == "" {
			t.Fatalf("completion %s: status %d: %s", shell, code, problem)
		}
		if shell != "bash" {
			continue
		}
		cmd := exec.Command("bash", "-n")
		cmd.Stdin = strings.NewReader(out)
		if said, err := cmd.CombinedOutput(); err != nil || len(said) > 0 {
			t.Errorf("bash -n: %v\n%s", err, said)
		}
	}
}
