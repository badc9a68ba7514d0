package gui_test

import (
	"os"
	"path/filepath"
	"testing"

	"fyne.io/fyne/v2"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/gui"
	"github.com/stint-pim/stint/gui/guitest"
)

// TestBackUpNow: what is wrong is said at its field, a code is asked for with
// the rest, and the file is whole, private and never in another's place.
func TestBackUpNow(t *testing.T) {
	s := newStage(t, guitest.AdminTypical, gui.Light, "en")
	s.w.Open("settings")
	s.sees("Never")
	s.press("Back up now…")
	s.golden("backup-ask")
	s.press("Back up")
	s.sees("This must be filled in.")
	s.fill(0, "seven grey herons by the weir")
	s.fill(1, "seven grey herons by the wear")
	s.press("Back up")
	s.sees("The two passphrases differ.")
	s.fill(1, "seven grey herons by the weir")
	dir := t.TempDir()
	taken := filepath.Join(dir, "taken.age")
	if err := os.WriteFile(taken, []byte("another"), 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"stint.age": "Write the whole path", taken: "There is a file of this name.", filepath.Join(dir, "none", "x.age"): "can't be written there",
	} {
		s.fill(2, path)
		s.press("Back up")
		s.sees(want)
	}
	file := filepath.Join(dir, "stint.age")
	s.fill(2, file)
	s.press("Back up")
	s.sees("code")
	s.write("111111")
	if _, err := os.Stat(file); err == nil {
		t.Error("a backup was made with a wrong code")
	}
	s.write(guitest.Code)
	s.sees("Backed up to stint.age")
	b, err := os.ReadFile(file)
	if err != nil || string(b) != "age-encryption.org/v1\n" {
		t.Errorf("wrote %q, %v", b, err)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file is open to others: %v, %v", info.Mode(), err)
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 2 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	if b, _ := os.ReadFile(taken); string(b) != "another" {
		t.Error("another file was written over")
	}
}

// The page says when the last backup was made, and by whom.
func TestLastBackup(t *testing.T) {
	s := newStage(t, guitest.AdminTypical, gui.Light, "en")
	s.fake.Log = append([]core.Entry{{Seq: 9, Time: guitest.Noon().Add(-26 * 3600e9), Action: core.BackupMade, Outcome: core.OutcomeDone, ActorName: "Alice Miller"}}, s.fake.Log...)
	s.w.Open("settings")
	s.sees("by Alice Miller. Keep it on another disk")
	s.fake.Log[0].Time = guitest.Noon().AddDate(0, 0, -8)
	s.w.Open("access")
	s.w.Open("settings")
	s.sees("What has happened since is in no backup.")
}

// TestRestoreFromWelcome goes the whole way, with a wrong passphrase first.
func TestRestoreFromWelcome(t *testing.T) {
	g := guitest.NewGate(guitest.Empty(guitest.Noon))
	g.Start.Empty = true
	p := begins(t, g, "light", "en")
	p.clicks("Restore from a backup")
	p.presses(fyne.KeyReturn)
	p.sees("This is needed.")
	p.types("/media/safe/stint.age")
	p.tab()
	p.tab()
	p.types("wrong")
	p.presses(fyne.KeyReturn)
	p.sees("does not open this backup")
	p.types(guitest.Password)
	p.presses(fyne.KeyReturn)
	p.sees("Restored", "Example AG", "People: 14 · systems: 3", "Access that was granted after the backup is not known to it.")
	g.Start.Empty = false
	p.clicks("Sign in")
	p.sees("Password")
}
