package seal_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/zalando/go-keyring"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/seal"
)

// ring is a keyring in memory that can be broken.
type ring struct {
	entries map[string]string
	err     error // of every call
	forgets bool
	hang    chan struct{}
}

func (r *ring) Get(service, account string) (string, error) {
	if r.hang != nil {
		<-r.hang
	}
	if r.err != nil {
		return "", r.err
	}
	text, ok := r.entries[service+"/"+account]
	if !ok {
		return "", keyring.ErrNotFound
	}
	return text, nil
}

func (r *ring) Set(service, account, text string) error {
	if r.err != nil {
		return r.err
	}
	if !r.forgets {
		if r.entries == nil {
			r.entries = map[string]string{}
		}
		r.entries[service+"/"+account] = text
	}
	return nil
}

func open(t *testing.T, dir string, o seal.Options) (*seal.Key, error) {
	t.Helper()
	if o.StoreID == "" {
		o.StoreID = "store-1"
	}
	return seal.OpenKey(t.Context(), dir, o)
}

func TestKeyInKeyring(t *testing.T) {
	dir, r := t.TempDir(), &ring{}
	first, err := open(t, dir, seal.Options{Fresh: true, Keyring: r})
	if err != nil {
		t.Fatal(err)
	}
	if first.Source != seal.FromKeyring || !first.Fresh {
		t.Errorf("first = %v, fresh %v", first, first.Fresh)
	}
	if _, err := os.Stat(filepath.Join(dir, seal.KeyFile)); err == nil {
		t.Error("a file was made besides")
	}
	// A first start that was killed before anything was sealed takes the same key.
	for _, fresh := range []bool{false, true} {
		again, err := open(t, dir, seal.Options{Fresh: fresh, Keyring: r})
		if err != nil || again.Fingerprint() != first.Fingerprint() || again.Fresh {
			t.Errorf("again (fresh %v) = %v, %v; want %v", fresh, again, err, first)
		}
	}
	if _, err := open(t, dir, seal.Options{StoreID: "store-2", Keyring: r}); core.CodeOf(err) != core.Refused {
		t.Errorf("another store: %v", err)
	}
}

func TestKeyInFile(t *testing.T) {
	broken := errors.New("no bus")
	for name, r := range map[string]seal.Keyring{"none": nil, "unreachable": &ring{err: broken}, "forgets": &ring{forgets: true}} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			first, err := open(t, dir, seal.Options{Fresh: true, Keyring: r})
			if err != nil {
				t.Fatal(err)
			}
			info, err := os.Stat(filepath.Join(dir, seal.KeyFile))
			if err != nil || info.Mode().Perm() != 0o600 {
				t.Fatalf("file: %v, %v", info, err)
			}
			again, err := open(t, dir, seal.Options{Keyring: r})
			if err != nil || again.Fingerprint() != first.Fingerprint() || again.Source != seal.FromFile {
				t.Errorf("again = %v, %v; want %v", again, err, first)
			}
			entries, _ := os.ReadDir(dir)
			if len(entries) != 1 {
				t.Errorf("left behind: %v", entries)
			}
		})
	}
}

func TestMissingKeyIsNotMadeAnew(t *testing.T) {
	broken := errors.New("no bus")
	tests := map[string]struct {
		ring seal.Keyring
		want *core.Error
	}{
		"no keyring":          {nil, &core.Error{Code: core.Refused, Key: "seal.key_missing"}},
		"keyring lost it":     {&ring{}, &core.Error{Code: core.Refused, Key: "seal.key_missing_everywhere"}},
		"keyring unreachable": {&ring{err: broken}, &core.Error{Code: core.Unavailable, Key: "seal.keyring_unreachable"}},
		"keyring damaged":     {&ring{entries: map[string]string{"stint/store-1": "nonsense"}}, &core.Error{Code: core.Refused, Key: "seal.keyring_damaged"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			key, err := open(t, dir, seal.Options{Keyring: test.ring})
			if !errors.Is(err, test.want) {
				t.Errorf("got %v, %v", key, err)
			}
			if entries, _ := os.ReadDir(dir); len(entries) != 0 {
				t.Errorf("made %v", entries)
			}
		})
	}
}

func TestKeyFileMustBePrivate(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "elsewhere.key")
	o := seal.Options{File: path, Fresh: true, Keyring: &ring{}}
	if _, err := open(t, dir, o); err != nil {
		t.Fatal(err)
	}
	o.Fresh = false
	refused := func(what string, want core.TextKey) {
		t.Helper()
		_, err := open(t, dir, o)
		if !errors.Is(err, &core.Error{Code: core.Refused, Key: want}) {
			t.Errorf("%s: %v", what, err)
		}
	}
	for _, mode := range []os.FileMode{0o640, 0o604, 0o620} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		refused(mode.String(), "seal.file_open")
	}
	if err := os.Chmod(path, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := open(t, dir, o); err != nil {
		t.Errorf("closed again: %v", err)
	}
	key, _ := os.ReadFile(path)
	if err := os.WriteFile(path, key[:20], 0o600); err != nil {
		t.Fatal(err)
	}
	o.Fresh = true // a damaged key isn't replaced either
	refused("damaged", "seal.file_damaged")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/dev/zero", path); err != nil {
		t.Fatal(err)
	}
	refused("a link", "seal.file_unreadable")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(path, 0o700); err != nil {
		t.Fatal(err)
	}
	refused("a directory", "seal.file_irregular")
}

func TestHangingKeyring(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &ring{hang: make(chan struct{})}
		defer close(r.hang)
		ctx, cancel := context.WithCancel(t.Context())
		go cancel()
		if _, err := seal.OpenKey(ctx, t.TempDir(), seal.Options{StoreID: "s", Keyring: r}); core.CodeOf(err) != core.Canceled {
			t.Errorf("canceled: %v", err)
		}
		// Nobody cancels: it gives up by itself.
		if _, err := seal.OpenKey(t.Context(), t.TempDir(), seal.Options{StoreID: "s", Keyring: r}); core.CodeOf(err) != core.Unavailable {
			t.Errorf("patience: %v", err)
		}
	})
}

func TestKeyDoesNotPrint(t *testing.T) {
	dir := t.TempDir()
	key, err := open(t, dir, seal.Options{Fresh: true})
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, seal.KeyFile))
	if err != nil {
		t.Fatal(err)
	}
	for _, format := range []string{"%v", "%+v", "%#v", "%s"} {
		got := fmt.Sprintf(format, key)
		if !strings.HasPrefix(got, "key "+key.Fingerprint()) || strings.Contains(got, strings.TrimSpace(string(text))) {
			t.Errorf("%s prints %q", format, got)
		}
	}
}

// TestRealKeyring keeps a key in GNOME Keyring on a bus of its own. The test
// runs itself again inside dbus-run-session.
func TestRealKeyring(t *testing.T) {
	if os.Getenv("STINT_TEST_IN_BUS") == "1" {
		dir := os.Getenv("STINT_TEST_DIR")
		first, err := open(t, dir, seal.Options{Fresh: true, Keyring: seal.Desktop{}})
		if err != nil || first.Source != seal.FromKeyring {
			t.Fatalf("first: %v, %v", first, err)
		}
		again, err := open(t, dir, seal.Options{Keyring: seal.Desktop{}})
		if err != nil || again.Fingerprint() != first.Fingerprint() {
			t.Fatalf("again: %v, %v", again, err)
		}
		return
	}
	for _, tool := range []string{"dbus-run-session", "gnome-keyring-daemon"} {
		if _, err := exec.LookPath(tool); err != nil {
			if os.Getenv("CI") == "true" {
				t.Fatalf("%s is needed: install dbus and gnome-keyring", tool)
			}
			t.Skipf("%s is not installed", tool)
		}
	}
	home := t.TempDir()
	cmd := exec.CommandContext(t.Context(), "dbus-run-session", "--", "sh", "-c",
		`printf test | gnome-keyring-daemon --unlock --components=secrets >/dev/null && exec "$0" -test.run='^TestRealKeyring$' -test.v`, os.Args[0])
	cmd.Env = append(os.Environ(), "STINT_TEST_IN_BUS=1", "STINT_TEST_DIR="+t.TempDir(), "HOME="+home, "XDG_RUNTIME_DIR="+home, "XDG_DATA_HOME="+home)
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: TestRealKeyring") {
		t.Errorf("%v\n%s", err, out)
	}
}
