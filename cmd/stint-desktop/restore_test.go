package main

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/auth/mfa"
)

// TestRestoreInsideTheWindow backs up and restores in one window: a backup that
// is no good leaves everything open, a good one takes its place at once.
func TestRestoreInsideTheWindow(t *testing.T) {
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "")
	dir, phrase := t.TempDir(), core.NewSecret("seven grey herons by the weir")
	in := openInside(t.Context(), place{data: filepath.Join(dir, "data"), socket: filepath.Join(dir, "s.sock")}, &line{}, slog.New(slog.DiscardHandler))
	t.Cleanup(in.stop)
	ok := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	ctx := context.Background()
	_, err := in.gate.State(ctx)
	ok(err)
	first := core.FirstPerson{FullName: "Alice Miller", Login: "alice", Mail: "alice@example.com", Language: "en", Password: core.NewSecret("grey-otter.sails 7 moons"), Organisation: "Example AG", From: "window"}
	a, err := in.gate.SetUp(ctx, first)
	ok(err)
	offer, err := a.Service.BeginFactor(ctx, core.Secret{})
	ok(err)
	codes, err := a.Service.ConfirmFactor(ctx, core.NewSecret(mfa.Code(offer.Secret, time.Now())))
	ok(err)
	file := filepath.Join(dir, "stint.age")
	f, err := os.Create(file)
	ok(err)
	_, err = a.Service.Backup(ctx, phrase, core.NewSecret(codes[0]), f, nil)
	ok(err)
	ok(f.Close())

	if _, err := in.restore(ctx, file, core.NewSecret("eight grey herons by the weir"), true, nil); core.CodeOf(err) != core.Refused {
		t.Errorf("a wrong passphrase: %v", err)
	}
	if _, err := in.restore(ctx, file+"x", phrase, true, nil); core.CodeOf(err) != core.NotFound {
		t.Errorf("no such file: %v", err)
	}
	if _, err := a.Service.Me(ctx); err != nil {
		t.Fatalf("a backup that is no good closed the house: %v", err)
	}
	r, err := in.restore(ctx, file, phrase, true, nil)
	ok(err)
	if r.Of != "Example AG" || r.People != 1 || r.Aside == "" {
		t.Errorf("restored %+v", r)
	}
	st, err := in.gate.State(ctx)
	ok(err)
	if st.Empty {
		t.Error("the window has a new, empty store")
	}
	if _, err := in.gate.Resume(ctx, a.Token); core.CodeOf(err) != core.Unauthenticated {
		t.Errorf("an old session: %v", err)
	}
	_, err = in.gate.SignIn(ctx, core.SignIn{Login: "alice", Password: first.Password, Code: core.NewSecret(codes[1]), From: "window"})
	ok(err)
}
