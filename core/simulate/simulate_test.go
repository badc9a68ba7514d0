package simulate_test

import (
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"sync"
	"testing"

	"github.com/stint-pim/stint/core/simulate"
)

var (
	seed   = flag.Uint64("seed", 0, "live this one seed")
	seeds  = flag.Int("seeds", 1, "and so many after it")
	years  = flag.Float64("years", 0.25, "how long a life lasts with -seed")
	sqlite = flag.Bool("sqlite", false, "with -seed: on SQLite")
	story  = flag.Bool("story", false, "tell the whole story")
	shrink = flag.Bool("shrink", false, "make a life that fails shorter and write it beside the others")
)

// lifeDays is how long a life lasts: long enough for things to come together,
// short enough that many different ones fit in.
const lifeDays = 90

// A life makes much that is soon forgotten, and keeps little: the collector
// would look through it again and again.
func TestMain(m *testing.M) {
	debug.SetGCPercent(800)
	m.Run()
}

// live lives a plan, and if it fails tells how it came to it and how to repeat it.
func live(t testing.TB, p simulate.Plan) simulate.Report {
	t.Helper()
	var tell func(string)
	if *story {
		tell = func(line string) { fmt.Println(line) }
	}
	rep := simulate.Live(p, t.TempDir(), tell)
	if rep.Failure == nil {
		return rep
	}
	tail := simulate.NewTail(60)
	simulate.Live(p, t.TempDir(), tail.Tell)
	on := ""
	if p.SQLite {
		on = " -sqlite"
	}
	t.Errorf("seed %d (%d days, SQLite %v) failed at step %d of %d\n%v\n\n%v\n\nrepeat: go test ./core/simulate -run '^TestF20Lives$' -seed=%d -years=%.6f%s -story\n"+
		"make it shorter and keep it: the same with -shrink",
		p.Seed, p.Days, p.SQLite, rep.Failure.Step, len(p.Steps), rep.Failure, tail, p.Seed, float64(p.Days)/365.25, on)
	if *shrink {
		keep(t, p, rep)
	}
	return rep
}

// keep writes the shortest life that fails in the same way.
func keep(t testing.TB, p simulate.Plan, rep simulate.Report) {
	p.Steps = p.Steps[:rep.Failure.Step]
	short := simulate.Shrink(p, func(p simulate.Plan) bool {
		f := simulate.Live(p, t.TempDir(), nil).Failure
		return f != nil && f.Invariant == rep.Failure.Invariant
	})
	f := simulate.Live(short, t.TempDir(), nil).Failure
	file := filepath.Join("testdata", fmt.Sprintf("seed-%d.txt", p.Seed))
	text := fmt.Sprintf("# Found by seed %d, once: %s: %s\n%v", p.Seed, f.Invariant, strings.Split(f.Detail, "\n")[0], short)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d of %d steps are left, in %s", len(short.Steps), len(p.Steps), file)
}

// F20 and all the others together: the company lives through its share of years;
// with -seed, through one seed.
func TestF20Lives(t *testing.T) {
	if *seed != 0 {
		for i := range *seeds {
			live(t, simulate.Draw(*seed+uint64(i), int(math.Round(*years*365.25)), *sqlite))
			if t.Failed() {
				break
			}
		}
		return
	}
	lives, days := 84, lifeDays // twenty years
	if testing.Short() {
		lives = 16
	}
	var mu sync.Mutex
	var sum simulate.Stats
	t.Run("lives", func(t *testing.T) {
		for i := range lives {
			t.Run(fmt.Sprint(i+1), func(t *testing.T) {
				t.Parallel()
				rep := live(t, simulate.Draw(uint64(i+1), days, false))
				mu.Lock()
				defer mu.Unlock()
				sum.Add(rep.Stats)
			})
		}
	})
	t.Log(sum)
	t.Log("accepted:", sum.Kinds)
	t.Log("killed:", sum.Deaths)
}

// One seed is one life: the same log twice, and on either store.
func TestTheSameSeedIsTheSameLife(t *testing.T) {
	days := 30
	if testing.Short() {
		days = 6
	}
	a := live(t, simulate.Draw(100, days, false))
	if b := live(t, simulate.Draw(100, days, false)); a.Log != b.Log {
		t.Error("the log of the second life is another")
	}
	if c := live(t, simulate.Draw(100, days, true)); a.Log != c.Log {
		t.Error("on SQLite it is another life")
	}
}

// Lives that once failed are lived again for ever.
func TestF20Stories(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		t.Run(strings.TrimSuffix(filepath.Base(f), ".txt"), func(t *testing.T) {
			b, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			p, err := simulate.ParsePlan(string(b))
			if err != nil {
				t.Fatal(err)
			}
			if len(p.Steps) == 0 {
				t.Fatal("a life without a step shows nothing")
			}
			live(t, p)
		})
	}
}
