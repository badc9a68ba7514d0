package cmd_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
)

// TestReadmeIsTrue checks what the README tells people to type and to look at:
// each command exists with the flags it is given, each file is there, and each
// test that it names for a promise is one.
func TestReadmeIsTrue(t *testing.T) {
	root := ".."
	text, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	stint := filepath.Join(t.TempDir(), "stint")
	if runtime.GOOS == "windows" {
		stint += ".exe"
	}
	build := exec.Command("go", "build", "-buildvcs=false", "-o", stint, "./cmd/stint")
	build.Dir, build.Env = root, append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	n := 0
	for _, line := range commandsIn(string(text)) {
		words := strings.Fields(line)
		switch {
		case words[0] == "stint":
			n++
			checkStint(t, stint, line, words[1:])
		case strings.HasPrefix(line, "go run ./cmd/dev "):
			n++
			help := exec.Command("go", "run", "./cmd/dev", words[3], "-h")
			help.Dir = root
			if out, err := help.CombinedOutput(); err != nil && words[3] != "run" {
				t.Errorf("%s: %v\n%s", line, err, out)
			} else if words[3] == "run" && bytes.Contains(out, []byte("usage:")) {
				t.Errorf("%s: there is no such verb\n%s", line, out)
			}
		case strings.HasPrefix(line, "go install "):
			if _, err := os.Stat(filepath.Join(root, words[2], "main.go")); err != nil {
				t.Errorf("%s: %v", line, err)
			}
		}
	}
	if n < 10 {
		t.Errorf("found %d commands, want more: is the test still reading the README rightly?", n)
	}
	for _, path := range linksIn(string(text)) {
		if _, err := os.Stat(filepath.Join(root, path)); err != nil {
			t.Errorf("a link leads nowhere: %v", err)
		}
	}
}

// TestPromisesNameTheirTests holds the tables of README and SECURITY.md to
// what there is: `folder` `TestName`.
func TestPromisesNameTheirTests(t *testing.T) {
	named := regexp.MustCompile("`([a-z/-]+)` `((?:Test|Fuzz|Run)[A-Za-z0-9]*)`")
	for _, file := range []string{"README.md", "SECURITY.md"} {
		text, err := os.ReadFile(filepath.Join("..", file))
		if err != nil {
			t.Fatal(err)
		}
		all := named.FindAllSubmatch(text, -1)
		if len(all) < 8 {
			t.Errorf("%s: found %d promises with a test, want more", file, len(all))
		}
		for _, m := range all {
			sources, err := filepath.Glob(filepath.Join("..", string(m[1]), "*.go"))
			if err != nil {
				t.Fatal(err)
			}
			found := false
			for _, s := range sources {
				code, err := os.ReadFile(s)
				if err != nil {
					t.Fatal(err)
				}
				found = found || bytes.Contains(code, []byte("func "+string(m[2])+"("))
			}
			if !found {
				t.Errorf("%s: %s has no %s", file, m[1], m[2])
			}
		}
	}
}

// checkStint asks a subcommand for its help and looks for the flags of a line.
func checkStint(t *testing.T, stint, line string, words []string) {
	t.Helper()
	if words[0] == "--help" {
		words = nil
	}
	var verbs []string
	for _, w := range words {
		if !regexp.MustCompile(`^[a-z]+$`).MatchString(w) || len(verbs) == 2 {
			break
		}
		verbs = append(verbs, w)
	}
	var out []byte
	for ; ; verbs = verbs[:len(verbs)-1] { // what follows a verb may be a name
		var err error
		if out, err = exec.Command(stint, append(verbs, "--help")...).CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", line, err, out)
			return
		}
		if len(verbs) == 0 || bytes.Contains(out, []byte("\n  stint "+strings.Join(verbs, " "))) {
			break
		}
	}
	if len(verbs) == 0 && len(words) > 0 {
		t.Errorf("%s: there is no such command", line)
	}
	for _, w := range words {
		flag, _, _ := strings.Cut(w, "=")
		if strings.HasPrefix(flag, "--") && !regexp.MustCompile(regexp.QuoteMeta(flag)+`[ ,]`).Match(out) {
			t.Errorf("%s: there is no %s", line, flag)
		}
	}
}

// commandsIn returns the lines of code blocks, and what stands in the text
// between backquotes and begins with a command.
func commandsIn(text string) []string {
	var all []string
	inside := false
	span := regexp.MustCompile("`((?:stint|go run ./cmd/dev) [^`]+)`")
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(line, "```"):
			inside = !inside
		case inside && line != "":
			all = append(all, line)
		case !inside:
			for _, m := range span.FindAllStringSubmatch(line, -1) {
				all = append(all, m[1])
			}
		}
	}
	return all
}

// linksIn returns the files that a text leads to.
func linksIn(text string) []string {
	var all []string
	for _, m := range regexp.MustCompile(`(?:\]\(|src="|srcset=")([^)"#]+)[)"#]`).FindAllStringSubmatch(text, -1) {
		if !strings.Contains(m[1], "://") {
			all = append(all, m[1])
		}
	}
	return all
}
