package main

// These tests are inside package main: a program can't be imported.

import (
	"context"
	"errors"
	"image"
	"image/color"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stint-pim/stint/cmd/dev/need"
)

func write(t *testing.T, root string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		p := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func names(needs []need.Need) []string {
	var all []string
	for _, n := range needs {
		all = append(all, n.Name)
	}
	return all
}

func stepNames(steps []step) []string {
	var all []string
	for _, s := range steps {
		all = append(all, s.name)
	}
	return all
}

func TestTheRootIsFoundFromBelow(t *testing.T) {
	root := t.TempDir()
	write(t, root, map[string]string{"go.mod": "module " + module + "\n", "a/go.mod": "module other\n", "a/b/x.go": ""})
	if got, err := findRoot(filepath.Join(root, "a", "b")); err != nil || got != root {
		t.Errorf("got %q, %v; want %q", got, err, root)
	}
	if _, err := findRoot(t.TempDir()); err == nil {
		t.Error("found a clone where there is none")
	}
}

func TestWithoutADisplayRunSaysSoAndNamesServe(t *testing.T) {
	env := map[string]string{}
	get := func(name string) string { return env[name] }
	if hasDisplay("linux", get) || !hasDisplay("darwin", get) || !hasDisplay("windows", get) {
		t.Error("only Linux can be without a display")
	}
	for _, name := range []string{"DISPLAY", "WAYLAND_DISPLAY"} {
		env = map[string]string{name: ":0"}
		if !hasDisplay("linux", get) {
			t.Errorf("%s is a display", name)
		}
	}
	if runtime.GOOS == "linux" {
		t.Setenv("DISPLAY", "")
		t.Setenv("WAYLAND_DISPLAY", "")
		var out strings.Builder
		d := &dev{root: t.TempDir(), out: &out, err: &out, host: need.Machine{Out: &out, Err: &out}}
		if err := d.run(t.Context(), nil); !errors.Is(err, errNoDisplay) {
			t.Errorf("got %v", err)
		}
		if out.Len() > 0 {
			t.Errorf("it did something first: %s", out.String())
		}
	}
	if !strings.Contains(errNoDisplay.Error(), "stint serve") || status("run", errNoDisplay) == 0 {
		t.Errorf("%q, status %d", errNoDisplay, status("run", errNoDisplay))
	}
}

func TestALanguageIsNamedOnlyWhereThereIsNone(t *testing.T) {
	for _, c := range []struct {
		env  map[string]string
		want []string
	}{
		{map[string]string{"LANG": "de_DE.UTF-8"}, nil},
		{map[string]string{"LC_ALL": "fr_FR", "LANG": "C"}, nil},
		{map[string]string{"LANG": "C.UTF-8"}, []string{"LC_ALL=", "LC_MESSAGES=en_US.UTF-8"}},
		{map[string]string{"LC_ALL": "POSIX", "LANG": "de_DE"}, []string{"LC_ALL=", "LC_MESSAGES=en_US.UTF-8"}},
		{nil, []string{"LC_ALL=", "LC_MESSAGES=en_US.UTF-8"}},
	} {
		if d := cmp.Diff(c.want, messages(func(name string) string { return c.env[name] })); d != "" {
			t.Errorf("%v (-want +got):\n%s", c.env, d)
		}
	}
}

func TestServersAreNamedByTheTestsThatStartThem(t *testing.T) {
	root := t.TempDir()
	write(t, root, map[string]string{
		"core/connector/postgres/driver_test.go": `exec.Command(filepath.Join(dir, "initdb"), "-D", data)`,
		"core/connector/ldap/driver.go":          `the "slapd" of shipped code doesn't count`,
		"mail/mail_test.go":                      "// a comment about slapd and Xvfb doesn't count\n",
		"mail/mailtest/server.go":                `exec.Command("/usr/sbin/smtpd", "-d")`,
		"cmd/stint-desktop/testdata/a.txtar":     "exec Xvfb :9\n",
		"cmd/dev/need/need.go":                   `"slapd"`,
		"cmd/dev/dev_test.go":                    `"slapd"`,
		"tools/go.mod":                           "module tools\n",
		"tools/a_test.go":                        `"slapd"`,
	})
	dirs, err := readSources(root, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"a PostgreSQL server", "a mail server", "a virtual display"}
	if d := cmp.Diff(want, names(testNeeds(dirs, testFlags{short: true}, "linux"))); d != "" {
		t.Errorf("needs on Linux (-want +got):\n%s", d)
	}
	if d := cmp.Diff(want[:2], names(testNeeds(dirs, testFlags{short: true}, "darwin"))); d != "" {
		t.Errorf("needs on macOS (-want +got):\n%s", d)
	}
	dirs, err = readSources(root, map[string]bool{"mail": true})
	if err != nil {
		t.Fatal(err)
	}
	got := names(testNeeds(dirs, testFlags{race: true, patterns: []string{"./mail"}}, "linux"))
	if d := cmp.Diff([]string{"a C compiler"}, got); d != "" {
		t.Errorf("needs of one package (-want +got):\n%s", d)
	}
}

func TestLongTestsRunTwiceAndBenchmarksAreFound(t *testing.T) {
	root := t.TempDir()
	write(t, root, map[string]string{
		"storage/sqlite/a_test.go":   "func TestA(t *testing.T) { if testing.Short() { return } }\n",
		"core/a_test.go":             "func BenchmarkDecide(b *testing.B) {}\nfunc Benchmarked(b *testing.B) {}\n",
		"core/engine/a_test.go":      "// func BenchmarkNot(b *testing.B) {}\nfunc Benchmark_x(b *testing.B) {}\n",
		"core/seal/a_test.go":        "func Benchmarks(b *testing.B) {}\n",
		".cache/x/a_test.go":         "func BenchmarkHidden(b *testing.B) {}\n",
		"storage/sqlite/a.go":        "package sqlite\n",
		"core/seal/testdata/a.txtar": "exec stint\n",
	})
	dirs, err := readSources(root, nil)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"./storage/sqlite"}, heavy(dirs)); d != "" {
		t.Errorf("long tests (-want +got):\n%s", d)
	}
	if d := cmp.Diff([]string{"./core", "./core/engine"}, benchmarked(dirs)); d != "" {
		t.Errorf("benchmarks (-want +got):\n%s", d)
	}
}

func TestStepsFollowTheFlags(t *testing.T) {
	builds := []string{"build: the window for this machine", "build: everything for windows", "build: everything for darwin"}
	for _, c := range []struct {
		args []string
		want []string
	}{
		{nil, slices.Concat([]string{"gofmt", "go vet"}, builds, []string{"tests with the race detector", "long tests at full length"})},
		{[]string{"--race=false"}, slices.Concat([]string{"gofmt", "go vet"}, builds, []string{"tests"})},
		{[]string{"--short"}, []string{"gofmt", "go vet", "tests with the race detector, short"}},
		{[]string{"--short", "--race=false"}, []string{"gofmt", "go vet", "tests, short"}},
		{[]string{"./core", "--", "-run", "Decide"}, []string{"gofmt", "go vet", "tests with the race detector", "long tests at full length"}},
	} {
		d := &dev{out: io.Discard, err: io.Discard}
		f, err := d.testFlags(c.args)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.want, stepNames(d.testSteps(f, []string{"./storage/sqlite"}, &tally{}))); diff != "" {
			t.Errorf("%v (-want +got):\n%s", c.args, diff)
		}
		if i := slices.Index(c.args, "--"); i > 0 && !slices.Equal(f.more, c.args[i+1:]) {
			t.Errorf("%v: passed on %v", c.args, f.more)
		}
	}
	d := &dev{out: io.Discard, err: io.Discard}
	if _, err := d.testFlags([]string{"--nonsense"}); !errors.Is(err, errUsage) {
		t.Errorf("an unknown flag: %v", err)
	}
}

func TestAFailedStepLetsTheOthersSpeak(t *testing.T) {
	var out strings.Builder
	d := &dev{out: &out, err: &out}
	ran := 0
	good := func(context.Context) error { ran++; return nil }
	bad := func(context.Context) error { ran++; return errors.New("broken") }
	failed := d.steps(t.Context(), []step{{"one", good}, {"two", bad}, {"three", good}})
	if ran != 3 || !slices.Equal(failed, []string{"two"}) || !strings.Contains(out.String(), "two FAILED") {
		t.Errorf("ran %d, failed %v:\n%s", ran, failed, out.String())
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if failed := d.steps(ctx, []step{{"four", good}}); len(failed) != 1 || ran != 3 {
		t.Errorf("after an interrupt: failed %v, ran %d", failed, ran)
	}
}

func TestUnformattedFilesAreNamed(t *testing.T) {
	root := t.TempDir()
	write(t, root, map[string]string{"a/good.go": "package a\n", "a/testdata/x.go": "package  x\n", ".git/y.go": "nonsense"})
	var out strings.Builder
	if err := checkFormat(root, &out); err != nil {
		t.Fatalf("a tidy tree: %v", err)
	}
	write(t, root, map[string]string{"a/bad.go": "package  a\n", "b/broken.go": "package\n"})
	err := checkFormat(root, &out)
	if err == nil || err.Error() != "type: gofmt -w a/bad.go b/broken.go" || !strings.Contains(out.String(), "b/broken.go: ") {
		t.Errorf("got %v, said %q", err, out.String())
	}
}

func TestMetadataIsDerivedForARelease(t *testing.T) {
	text := []byte("[Details]\nName = \"Stint\"\nIcon = \"resources/app/stint.png\"\nVersion = \"0.1.0\"\n")
	for version, number := range map[string]string{"v1.2.3": "1.2.3", "v1.2.3-4-gabcdef0": "1.2.3", "abcdef0": "0.1.0", "dev": "0.1.0"} {
		want := "[Details]\nName = \"Stint\"\nIcon = \"/src/resources/app/stint.png\"\nVersion = \"" + number + "\"\n"
		if d := cmp.Diff(want, string(deriveMeta(text, "/src", version))); d != "" {
			t.Errorf("%s (-want +got):\n%s", version, d)
		}
	}
}

func TestPicturesThatShowNothingAreRefused(t *testing.T) {
	picture := func(t *testing.T, path string, dot bool) {
		t.Helper()
		m := image.NewRGBA(image.Rect(0, 0, 4, 3))
		if dot {
			m.Set(3, 2, color.White)
		}
		f, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(png.Encode(f, m), f.Close()); err != nil {
			t.Fatal(err)
		}
	}
	dir := t.TempDir()
	var out strings.Builder
	d := &dev{out: &out}
	if err := d.listPictures(dir, time.Time{}); err == nil {
		t.Error("no picture at all was well")
	}
	picture(t, filepath.Join(dir, "access-light.png"), true)
	if err := d.listPictures(dir, time.Time{}); err != nil || !strings.Contains(out.String(), "4 × 3") {
		t.Errorf("got %v, said %q", err, out.String())
	}
	if err := d.listPictures(dir, time.Now().Add(time.Hour)); err == nil {
		t.Error("pictures of an earlier run counted")
	}
	picture(t, filepath.Join(dir, "audit-dark.png"), false)
	if err := d.listPictures(dir, time.Time{}); err == nil || !strings.Contains(err.Error(), "audit-dark.png") {
		t.Errorf("got %v", err)
	}
}
