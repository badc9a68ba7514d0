package sqlite_test

import (
	"bufio"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stint-pim/stint/storage/sqlite"
)

// F17 on one machine: while one process has the file a second one is refused
// and told which one has it; when the first is killed the second takes over at
// once, and finds all that the first had acknowledged.
func TestF17SecondTakesOver(t *testing.T) {
	rounds := 20
	if testing.Short() {
		rounds = 3
	}
	path := filepath.Join(t.TempDir(), "stint.db")
	open(t, path).Close()
	var took []time.Duration
	for round := range rounds {
		cmd := acker{Path: path, N: -1}.command(t.Context())
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		var s saying
		lines := bufio.NewScanner(out)
		for n := 0; n < 3+round && lines.Scan(); n++ {
			s.hear(lines.Text())
		}
		refused(t, path, "storage.held")
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		for lines.Scan() { // what it still said before it died
			s.hear(lines.Text())
		}
		_ = cmd.Wait() // it was killed
		began := time.Now()
		db, err := sqlite.Open(t.Context(), path, sqlite.Options{DropDeliveries: true})
		if err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		took = append(took, time.Since(began))
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		if !s.some {
			t.Fatalf("round %d: the first never acknowledged anything", round)
		}
		if n, err := keeps(path, s.acked); err != nil || n > s.acked+1 {
			t.Fatalf("round %d: %d people, %d acknowledged: %v", round, n, s.acked, err)
		}
	}
	slices.Sort(took)
	t.Logf("%d takeovers, half within %v, all within %v", rounds, took[len(took)/2].Round(time.Millisecond), took[len(took)-1].Round(time.Millisecond))
	if took[len(took)/2] > time.Second {
		t.Errorf("the second took over in %v, want one second at most", took[len(took)/2])
	}
}
