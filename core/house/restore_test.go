package house_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/auth/mfa"
	"github.com/stint-pim/stint/core/failpoint"
	"github.com/stint-pim/stint/core/house"
)

var phrase = core.NewSecret("seven grey herons by the weir")

// backup makes a backup with the next code that is good.
func (m *home) backup() []byte {
	m.t.Helper()
	var b bytes.Buffer
	made, err := m.svc.Backup(context.Background(), phrase, m.code(), &b, nil)
	m.ok(err)
	if made.Bytes != int64(b.Len()) {
		m.t.Fatalf("told of %d bytes, wrote %d", made.Bytes, b.Len())
	}
	return b.Bytes()
}

// code moves the clock on until the next code is good, and returns it.
func (m *home) code() core.Secret {
	m.clock.ahead.Add(int64(mfa.Step))
	return core.NewSecret(mfa.Code(m.secret, m.clock.Now()))
}

func restore(t testing.TB, file []byte, path string, change func(*house.Restore)) (house.Restored, error) {
	t.Helper()
	o := house.Restore{File: bytes.NewReader(file), Passphrase: phrase, Options: house.Options{Path: path}, By: "root on db1"}
	if change != nil {
		change(&o)
	}
	return house.RestoreBackup(context.Background(), o)
}

func refused(t testing.TB, what string, err error, code core.Code, key core.TextKey) {
	t.Helper()
	if !errors.Is(err, &core.Error{Code: code, Key: key}) {
		t.Errorf("%s: got %v, want %s", what, err, key)
	}
}

// TestF23BackupAndRestore: what was there when the backup was made is there again
// elsewhere, secrets included; what proved somebody before proves nobody now.
func TestF23BackupAndRestore(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "one", "stint.db")
	m := open(t, house.Options{Path: path, Version: "1.2.3", Host: "db1"})
	m.secret = m.setUp()
	file := m.backup()
	m.do(core.AddPerson{FullName: "Later Larry", Login: "larry", Mail: "l@example.org"}, "")
	m.clock.ahead.Add(int64(mfa.Step)) // beyond what counted when the backup was made
	used := m.code()
	_, err := m.svc.RenewRecovery(t.Context(), used)
	m.ok(err)

	// In use, it is not touched; nor is a store that is there, unasked.
	_, err = restore(t, file, path, func(o *house.Restore) { o.Replace = true })
	refused(t, "in use", err, core.Unavailable, "backup.in_use")
	ahead := m.clock.ahead.Load()
	m.stop()
	_, err = restore(t, file, path, nil)
	refused(t, "something is there", err, core.Conflict, "backup.present")

	other := filepath.Join(dir, "two", "stint.db")
	for _, at := range []string{other, path} {
		c := &clock{}
		c.ahead.Store(ahead)
		done, err := restore(t, file, at, func(o *house.Restore) { o.Replace, o.Clock = true, c })
		m.ok(err)
		if (done.Aside == "") != (at == other) || done.Backup.Host != "db1" || done.Backup.People != 1 {
			t.Errorf("restored: %+v", done)
		}
		n := openAt(t, house.Options{Path: at}, time.Duration(ahead))
		if _, err := n.h.Gate.Resume(t.Context(), m.token); core.CodeOf(err) != core.Unauthenticated {
			t.Errorf("an old session: %v", err)
		}
		in := core.SignIn{Login: "ann", Password: core.NewSecret("correct horse battery staple"), From: "window", Code: used}
		_, err = n.h.Gate.SignIn(t.Context(), in)
		refused(t, "a code that was used after the backup", err, core.ProofRequired, "code.used")
		n.clock.ahead.Add(int64(2 * mfa.Step))
		in.Code = core.NewSecret(mfa.Code(m.secret, n.clock.Now()))
		a, err := n.h.Gate.SignIn(t.Context(), in)
		m.ok(err)
		l, err := a.Service.Entries(t.Context(), core.EntryFilter{Action: core.BackupRestored}, core.Page{})
		m.ok(err)
		if len(l.Items) != 1 || !strings.Contains(l.Items[0].Detail, "root on db1") || l.Items[0].Seq != done.Backup.Seq+1 {
			t.Errorf("entries of the restore: %+v", l.Items)
		}
		v, err := a.Service.VerifyAudit(t.Context(), core.Hash{}, nil)
		m.ok(err)
		people, err := a.Service.People(t.Context(), core.PersonFilter{}, core.Page{})
		m.ok(err)
		if v.Break != nil || len(people.Items) != 1 {
			t.Errorf("break %v, people %v", v.Break, people.Items)
		}
		n.stop()
	}
	// What was there is kept, whole.
	kept, err := filepath.Glob(filepath.Join(dir, "one", "before-restore-*", "stint.db"))
	if err != nil || len(kept) != 1 {
		t.Fatalf("kept %v, %v", kept, err)
	}
	n := open(t, house.Options{Path: kept[0], KeyFile: filepath.Join(dir, "one", "stint.key")})
	if _, err := n.h.Gate.Resume(t.Context(), m.token); err != nil {
		t.Errorf("the store that was there: %v", err)
	}
}

// TestF23RestoreCutOff ends the process, so to say, before each step of a
// restore. The next start has the old store or the new one, whole.
func TestF23RestoreCutOff(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "stint.db")
	m := open(t, house.Options{Path: path})
	m.secret = m.setUp()
	file := m.backup()
	m.do(core.AddPerson{FullName: "Later Larry", Login: "larry", Mail: "l@example.org"}, "")
	m.stop()
	old, err := os.ReadFile(path)
	m.ok(err)
	keyText, err := os.ReadFile(filepath.Join(dir, "stint.key"))
	m.ok(err)
	cut := errors.New("cut")
	for stop, stopped := 0, true; stopped; stop++ {
		there := filepath.Join(t.TempDir(), "stint.db")
		m.ok(os.WriteFile(there, old, 0o600))
		m.ok(os.WriteFile(filepath.Join(filepath.Dir(there), "stint.key"), keyText, 0o600))
		n, at := 0, "the end"
		for _, name := range []string{"backup.list", "backup.aside", "backup.place", "backup.unlist"} {
			t.Cleanup(failpoint.Arm(name, func() error {
				if n++; n == stop+1 {
					at = name
					return cut
				}
				return nil
			}))
		}
		_, err := restore(t, file, there, func(o *house.Restore) { o.Replace = true })
		if stopped = errors.Is(err, cut); !stopped && err != nil {
			t.Fatal(err)
		}
		h, err := house.Open(t.Context(), house.Options{Path: there})
		if err != nil {
			t.Fatalf("cut before step %d (%s): %v", stop, at, err)
		}
		var people int
		m.ok(h.Engine.Store().Read(t.Context(), func(v core.View) error { people = v.People(); return v.Err() }))
		if want := map[bool]int{true: 2, false: 1}[at == "backup.list"]; people != want {
			t.Errorf("cut before step %d (%s): %d people, want %d", stop, at, people, want)
		}
		m.ok(h.Close())
		all, err := os.ReadDir(filepath.Dir(there))
		m.ok(err)
		for _, e := range all {
			if strings.HasPrefix(e.Name(), ".") || e.Name() == "stint.moving" {
				t.Errorf("cut before step %d (%s): %s was left", stop, at, e.Name())
			}
		}
	}
}

// Whatever is wrong with a backup is said before anything is touched.
func TestRestoreRefuses(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "stint.db")
	m := open(t, house.Options{Path: path})
	m.secret = m.setUp()
	file := m.backup()
	m.stop()
	before, err := os.ReadFile(path)
	m.ok(err)
	flipped := bytes.Clone(file)
	flipped[len(flipped)/2] ^= 4
	for _, c := range []struct {
		what string
		file []byte
		pass core.Secret
		code core.Code
		key  core.TextKey
	}{
		{"a wrong passphrase", file, core.NewSecret("eight grey herons by the weir"), core.Refused, "backup.wrong_passphrase"},
		{"a byte flipped", flipped, phrase, core.Invalid, "backup.damaged"},
		{"cut off", file[:len(file)-100], phrase, core.Invalid, "backup.damaged"},
		{"something else", before, phrase, core.Invalid, "backup.none"},
	} {
		_, err := restore(t, c.file, path, func(o *house.Restore) { o.Replace, o.Passphrase = true, c.pass })
		refused(t, c.what, err, c.code, c.key)
		_, err = house.CheckBackup(t.Context(), bytes.NewReader(c.file), c.pass, nil)
		refused(t, c.what+", checked", err, c.code, c.key)
	}
	after, err := os.ReadFile(path)
	m.ok(err)
	if !bytes.Equal(before, after) {
		t.Error("a refused restore changed the store")
	}
	all, err := os.ReadDir(dir)
	m.ok(err)
	if len(all) != 5 { // database, note of its end, lock, key, the room kept for a full disk
		t.Errorf("left behind: %v", all)
	}
}

// TestBackupNeedsProof: a backup takes a fresh code and is in the log, also where
// it came to nothing.
func TestBackupNeedsProof(t *testing.T) {
	m := open(t, house.Options{Path: filepath.Join(t.TempDir(), "stint.db")})
	m.secret = m.setUp()
	try := func(what string, pass, code core.Secret, want core.Code) {
		t.Helper()
		var b bytes.Buffer
		if _, err := m.svc.Backup(t.Context(), pass, code, &b, nil); core.CodeOf(err) != want || b.Len() > 0 {
			t.Errorf("%s: %v, %d bytes", what, err, b.Len())
		}
	}
	try("a weak passphrase", core.NewSecret("password1234"), m.code(), core.Invalid)
	try("no passphrase", core.Secret{}, m.code(), core.Invalid)
	try("no code", phrase, core.Secret{}, core.ProofRequired)
	try("a wrong code", phrase, core.NewSecret("000000"), core.ProofRequired)
	file := m.backup()
	l, err := m.svc.Entries(t.Context(), core.EntryFilter{Action: "backup."}, core.Page{})
	m.ok(err)
	if len(l.Items) != 2 || l.Items[0].Action != core.BackupMade || l.Items[1].Action != core.BackupBegun || l.Items[1].Strength != core.StrengthFresh {
		t.Errorf("entries: %+v", l.Items)
	}
	// A reader that goes away leaves its mark.
	gone := errors.New("gone")
	_, err = m.svc.Backup(t.Context(), phrase, m.code(), failing{gone}, nil)
	if err == nil {
		t.Error("a backup that could not be written is called made")
	}
	l, err = m.svc.Entries(t.Context(), core.EntryFilter{Action: core.BackupMade, Outcome: core.OutcomeFailed}, core.Page{})
	m.ok(err)
	if len(l.Items) != 1 {
		t.Errorf("entries of the failed one: %+v", l.Items)
	}
	mf, err := house.CheckBackup(t.Context(), bytes.NewReader(file), phrase, nil)
	m.ok(err)
	if mf.Seq < 1 || mf.Key != m.h.Key.Fingerprint() {
		t.Errorf("checked: %+v", mf)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }
