package main

import (
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stint-pim/stint/cmd/dev/need"
)

const mutantText = `# It counts
# wrongly.
test ./core ^TestF01Counts$
-- core/count.go
<<<<
	return n
====
	return n + 1
>>>>
`

func TestMutantIsReadAndPutIn(t *testing.T) {
	root := t.TempDir()
	write(t, root, map[string]string{
		"core/count.go":                  "package core\n\nfunc count(n int) int {\n\treturn n\n}\n",
		mutantDir + "/F01-counts.txt":    mutantText,
		mutantDir + "/readme-of-them.md": "not one\n",
	})
	all, err := readMutants(root)
	if err != nil || len(all) != 1 {
		t.Fatalf("read %d, %v", len(all), err)
	}
	m := all[0]
	if m.about != "It counts wrongly." || m.pkg != "./core" || m.test != "^TestF01Counts$" || m.no() != 1 {
		t.Errorf("read %+v", m)
	}
	got, err := m.mutate(root)
	want := map[string]string{"core/count.go": "package core\n\nfunc count(n int) int {\n\treturn n + 1\n}\n"}
	if d := cmp.Diff(want, got); err != nil || d != "" {
		t.Errorf("%v (-want +got):\n%s", err, d)
	}
	// Code that changed under a mutant is not passed over.
	write(t, root, map[string]string{"core/count.go": "package core\n"})
	if _, err := m.mutate(root); err == nil {
		t.Error("the text to replace isn't there, and nobody says so")
	}
}

func TestBadMutantsAreRefused(t *testing.T) {
	for name, text := range map[string]string{
		"no test":  strings.Replace(mutantText, "test ./core ^TestF01Counts$\n", "", 1),
		"no about": strings.TrimPrefix(mutantText, "# It counts\n# wrongly.\n"),
		"no end":   strings.TrimSuffix(mutantText, ">>>>\n"),
		"no edit":  "# x\ntest ./core X\n",
		"nonsense": mutantText + "what is this\n",
		"how long": strings.Replace(mutantText, "^TestF01Counts$\n", "^TestF01Counts$ lang\n", 1),
	} {
		if _, err := parseMutant("F01-x", text); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}

// A mutant whose code has changed proves nothing any more; this tells at once
// instead of when somebody next proves the list.
func TestMutantsFitTheCode(t *testing.T) {
	root := filepath.Join("..", "..")
	all, err := readMutants(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range all {
		if _, err := m.mutate(root); err != nil {
			t.Errorf("%s: %v", m.name, err)
		}
	}
}

// The whole way with the real go command: a bug that is found, one that is
// not, and one that doesn't compile.
func TestProveTellsWhatATestFinds(t *testing.T) {
	root := t.TempDir()
	write(t, root, map[string]string{
		"go.mod":             "module " + module + "\n",
		"core/count.go":      "package core\n\nfunc Count(n int) int {\n\treturn n\n}\n",
		"core/count_test.go": "package core\n\nimport \"testing\"\n\nfunc TestF01Counts(t *testing.T) {\n\tif Count(1) != 1 {\n\t\tt.Error(\"wrong\")\n\t}\n}\n",
	})
	d := &dev{root: root, out: io.Discard, err: io.Discard, host: need.Machine{}}
	d.set("PATH="+mustEnv(t, "PATH"), "HOME="+t.TempDir(), "GOFLAGS=-mod=mod", "GOCACHE="+goCache(t))
	for to, want := range map[string]struct {
		found bool
		how   string
	}{
		"	return n + 1\n":   {true, "by TestF01Counts"},
		"	return n + 0\n":   {false, "the test passes with the bug in"},
		"	return \"one\"\n": {false, "it does not compile, or the test did not end: exit status 1"},
	} {
		m, err := parseMutant("F01-x", strings.Replace(mutantText, "	return n + 1\n", to, 1))
		if err != nil {
			t.Fatal(err)
		}
		found, how, err := d.try(context.Background(), m)
		if err != nil || found != want.found || how != want.how {
			t.Errorf("%q: got %v, %q, %v; want %v, %q", to, found, how, err, want.found, want.how)
		}
	}
}

func TestFaultTestsAreFoundByTheirNames(t *testing.T) {
	dirs := []sourceDir{{dir: "core/engine", tests: "func TestF13ClockBack(t *testing.T) {\n}\nfunc TestForm(t *testing.T) {}\nfunc TestF05Fsync(tt *testing.T) {}\n"}}
	want := []namedTest{{5, "./core/engine", "TestF05Fsync"}, {13, "./core/engine", "TestF13ClockBack"}}
	if d := cmp.Diff(want, faultTests(dirs), cmp.AllowUnexported(namedTest{})); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	chosen, err := chooseFaults("F05, 7")
	if err != nil || !chosen[5] || !chosen[7] || chosen[13] {
		t.Errorf("chose %v, %v", chosen, err)
	}
	if _, err := chooseFaults("F29"); err == nil {
		t.Error("there is no F29")
	}
	for i, f := range faults {
		if f.no != i+1 {
			t.Errorf("fault %d stands at place %d", f.no, i+1)
		}
	}
}

func TestFaultTableCountsWhatIsNotShown(t *testing.T) {
	var out strings.Builder
	d := &dev{out: &out}
	chosen, _ := chooseFaults("F04,F05,F06,F07,F08")
	found := []namedTest{{4, "./a", "TestF04A"}, {5, "./a", "TestF05A"}, {5, "./b", "TestF05B"}, {6, "./a", "TestF06A"}, {7, "./a", "TestF07A"}}
	bad := d.tellFaults(chosen, found, map[string]testResult{
		"./a TestF04A": {action: "skip"}, "./a TestF05A": {action: "pass"}, "./b TestF05B": {action: "skip"}, "./a TestF06A": {action: "pass"},
	})
	if bad != 3 { // F05 was passed over in part, F07 did not run, F08 has no test; F04 may be passed over
		t.Errorf("%d are bad, want 3:\n%s", bad, out.String())
	}
	for _, want := range []string{"NOT SURVIVED", "NOT SHOWN", "NO TEST", "survived", "not tried: this machine doesn't allow mounting file systems"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in:\n%s", want, out.String())
		}
	}
}

func TestGoalsAreReadFromBenchmarks(t *testing.T) {
	text := `goos: linux
BenchmarkB01Activation-2   	       1	9 ns/op	 3.00 p99-ms	 1.50 floor-ms	 1.5 goal-max	 2.00 product-ms	 1.33 ratio	 8 B/op
BenchmarkB01Activation-2   	       1	9 ns/op	 3.00 p99-ms	 1.00 floor-ms	 1.5 goal-max	 2.00 product-ms	 2.00 ratio
BenchmarkB01Activation-2   	       1	9 ns/op	 3.00 p99-ms	 1.60 floor-ms	 1.5 goal-max	 2.24 product-ms	 1.40 ratio
BenchmarkB02Clients/32     	       1	9 ns/op	 4000 floor-per-s	 0.6 goal-min	 2000 product-per-s	 0.50 ratio
BenchmarkBox-2   	       1	9 ns/op
PASS
`
	rows := readGoals(text)
	if len(rows) != 2 || len(rows["B01Activation"]) != 3 {
		t.Fatalf("read %v", rows)
	}
	got := strings.Split(strings.TrimSpace(goalTable(rows)), "\n")
	want := []string{
		"goal           product     floor  ratio  wanted   noise                               also",
		"B01Activation  2.24 ms     1.60   1.40   <= 1.50  60 %   reached, on a noisy machine  3.00 p99-ms",
		"B02Clients/32  2000 per-s  4000   0.50   >= 0.60  0 %    MISSED",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestFuzzTargetsAreFound(t *testing.T) {
	var got []string
	for _, m := range fuzzTarget.FindAllStringSubmatch("func FuzzParse(f *testing.F) {\nfunc FuzzyThing(f *testing.T) {\nfunc Fuzzed() {", -1) {
		got = append(got, m[1])
	}
	if !slices.Equal(got, []string{"FuzzParse"}) {
		t.Errorf("got %v", got)
	}
}

func mustEnv(t *testing.T, name string) string {
	t.Helper()
	v := os.Getenv(name)
	if v == "" {
		t.Fatalf("%s is not set", name)
	}
	return v
}

// goCache is where this machine's go command keeps what it built.
func goCache(t *testing.T) string {
	t.Helper()
	out, err := exec.Command("go", "env", "GOCACHE").Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}
