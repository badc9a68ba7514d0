package screentest_test

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/house"
	"github.com/stint-pim/stint/gui"
	"github.com/stint-pim/stint/gui/guitest"
)

// BenchmarkB14Filter measures from a key typed into the filter of 100,000
// assignments to the new rows in the table, with the query on the real store;
// the figure is the slowest key of all that are typed. The floor is looking
// for the text in as many names in memory. The ratio is that to a frame of
// 60 a second, which nobody sees pass.
func BenchmarkB14Filter(b *testing.B) {
	const frame = 16 * time.Millisecond
	dir := b.TempDir()
	crowd(b, dir, crowdAssignments)
	h, err := house.Open(context.Background(), house.Options{Path: filepath.Join(dir, house.FileName), Embedded: true, Version: "test"})
	if err != nil {
		b.Fatal(err)
	}
	defer h.Close()
	for b.Loop() {
		f := openFilter(b, h, dir)
		slowest, what := time.Duration(0), ""
		for _, text := range []string{"a", "lindqvist 8", "prod-07", "role_123", "morgan 1404", "zq", "e1"} {
			for i := range text {
				var took []time.Duration
				for range 3 {
					took = append(took, f.key(rune(text[i])))
					if len(took) < 3 {
						f.back()
					}
				}
				if m := middle(took); m > slowest {
					slowest, what = m, text[:i+1]
				}
			}
			for range text {
				f.back()
			}
		}
		f.window.Stop()
		b.Logf("slowest: %q", what)
		b.ReportMetric(slowest.Seconds()*1000, "product-ms")
		b.ReportMetric(inMemory().Seconds()*1000, "floor-ms")
		b.ReportMetric(float64(slowest)/float64(frame), "ratio")
		b.ReportMetric(1, "goal-max")
	}
}

// filter is the page of assignments with its filter under the keyboard.
type filter struct {
	tb     testing.TB
	window *gui.Window
	app    fyne.App
}

// uncounted leaves out the count below the list, which the window asks for
// beside the rows and shows when it is there.
type uncounted struct{ core.Service }

func (uncounted) CountAssignments(context.Context, core.AssignmentFilter) (int, error) { return 0, nil }

type uncountedGate struct{ core.Gate }

func (g uncountedGate) Resume(ctx context.Context, token core.Secret) (core.Service, error) {
	s, err := g.Gate.Resume(ctx, token)
	return uncounted{s}, err
}

func openFilter(tb testing.TB, h *house.House, dir string) *filter {
	tb.Helper()
	a := test.NewTempApp(tb)
	f := &filter{tb: tb, app: a}
	f.window = gui.New(a, gui.Deps{Gate: uncountedGate{h.Gate}, Tokens: guitest.Tokens{Token: token(tb, dir)}, Version: "test", Language: "en", Place: time.UTC,
		Async: gui.NewDirectAsync(time.Now)})
	f.window.Show()
	f.window.Open("assignments")
	c := f.window.Window().Canvas()
	at, ok := guitest.Find(c, "Filter by person, role or system")
	if !ok {
		tb.Fatalf("there is no filter. Shown:\n%s", guitest.Words(c))
	}
	guitest.Click(c, at)
	if c.Focused() == nil {
		tb.Fatal("the filter does not have the keyboard")
	}
	return f
}

// key types one and returns when the rows are there: in direct mode the query
// and the table's refresh have happened when the key returns.
func (f *filter) key(r rune) time.Duration {
	f.tb.Helper()
	began := time.Now()
	f.window.Window().Canvas().Focused().TypedRune(r)
	return time.Since(began)
}

func (f *filter) back() {
	f.window.Window().Canvas().Focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeyBackspace})
}

// inMemory looks for a text in 100,000 names, the middle of some rounds.
func inMemory() time.Duration {
	names := make([]string, crowdAssignments)
	for i := range names {
		names[i] = fmt.Sprintf("%s %s %d role_%03d prod-%02d", givenNames[i%len(givenNames)], familyNames[i/7%len(familyNames)], i%crowdPeople, i%crowdRoles, i%crowdSystems)
	}
	var took []time.Duration
	for range 9 {
		began, n := time.Now(), 0
		for _, s := range names {
			if strings.Contains(s, "lindqvist 8") {
				n++
			}
		}
		took = append(took, time.Since(began)+time.Duration(min(n, 0)))
	}
	return middle(took)
}
