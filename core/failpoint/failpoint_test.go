package failpoint_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stint-pim/stint/core/failpoint"
)

// asChild is set where this program plays a process that is told from outside.
const asChild = "FAILPOINT_TEST_CHILD"

func TestMain(m *testing.M) {
	if os.Getenv(asChild) == "" {
		os.Exit(m.Run())
	}
	for i := range 3 {
		began := time.Now()
		err := failpoint.Err("one")
		failpoint.Hit("two")
		fmt.Println(i+1, err, time.Since(began) >= 20*time.Millisecond)
	}
}

func child(spec string) (out string, killed bool) {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), asChild+"=1", "STINT_FAILPOINTS="+spec)
	b, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	return string(b), errors.As(err, &exit) && exit.ExitCode() == -1
}

func TestToldFromOutside(t *testing.T) {
	for _, c := range []struct {
		spec, want string
		killed     bool
	}{
		{"", "1 <nil> false\n2 <nil> false\n3 <nil> false\n", false},
		{"other=kill", "1 <nil> false\n2 <nil> false\n3 <nil> false\n", false},
		{"one=kill", "", true},
		{"two=kill@3", "1 <nil> false\n2 <nil> false\n", true},
		{"one=error@2", "1 <nil> false\n2 failpoint one false\n3 <nil> false\n", false},
		{"one=error@1,two=sleep:20ms@2", "1 failpoint one false\n2 <nil> true\n3 <nil> false\n", false},
	} {
		if got, killed := child(c.spec); got != c.want || killed != c.killed {
			t.Errorf("%q: killed %v, said\n%s", c.spec, killed, got)
		}
	}
	for _, spec := range []string{"one", "=kill", "one=kil", "one=kill@", "one=kill@0", "one=sleep", "one=sleep:1", "one=kill:1s", "one=kill,"} {
		if got, _ := child(spec); !strings.Contains(got, "panic: STINT_FAILPOINTS: ") {
			t.Errorf("%q was taken: %s", spec, got)
		}
	}
}

func TestArm(t *testing.T) {
	hits, inner := 0, 0
	disarm := failpoint.Arm("p", func() error { hits++; return errors.ErrUnsupported })
	if err := failpoint.Err("p"); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("got %v", err)
	}
	failpoint.Hit("p")
	failpoint.Hit("q")
	failpoint.Arm("p", func() error { inner++; return nil })()
	failpoint.Hit("p")
	disarm()
	failpoint.Hit("p")
	if err := failpoint.Err("p"); err != nil || hits != 3 || inner != 0 {
		t.Errorf("%d hits, %d of what was replaced again, %v", hits, inner, err)
	}
}

// What people install holds nothing of this: no name of a point, not the
// variable, no function.
func TestReleasedProgramHasNone(t *testing.T) {
	build := func(tags string) string {
		t.Helper()
		to := filepath.Join(t.TempDir(), "stint")
		out, err := exec.CommandContext(t.Context(), "go", "build", "-tags", tags, "-o", to, "../../cmd/stint").CombinedOutput()
		if err != nil {
			t.Fatalf("go build: %v\n%s", err, out)
		}
		b, err := os.ReadFile(to)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	signs := []string{"STINT_FAILPOINTS", "engine.committed", "core/failpoint.Hit", "core/failpoint.Err"}
	released, armed := build(""), build("failpoints")
	for _, s := range signs {
		if strings.Contains(released, s) {
			t.Errorf("the released program holds %q", s)
		}
		if !strings.Contains(armed, s) {
			t.Errorf("%q is no sign: the program for tests doesn't hold it either", s)
		}
	}
}
