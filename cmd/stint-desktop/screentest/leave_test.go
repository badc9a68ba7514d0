package screentest_test

import (
	"context"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stint-pim/stint/cmd/stint-desktop/desk/desktest"
	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/connector/connectortest/pgtest"
	"github.com/stint-pim/stint/core/house"
	"github.com/stint-pim/stint/storage/sqlite"
)

// TestLeavingTheComputer locks the screen of the real window and puts its
// computer to sleep, with roles active on a PostgreSQL server: what says so is
// gone from the server, before the computer sleeps, and what doesn't stays.
func TestLeavingTheComputer(t *testing.T) {
	if testing.Short() {
		return // its parts: gui/model TestLeaving…, desk TestLogind
	}
	pg := pgtest.New(t)
	pg.Exec(t, `create role locks`, `create role covers`, `create role sleeps`, `create role stays`, `create role ann login`)
	dir := t.TempDir()
	ids := active(t, dir, pg, "locks", "covers", "sleeps", "stays")
	dropOn(t, dir, ids[0], core.DropOnLock)
	dropOn(t, dir, ids[1], core.DropOnSignOut, core.DropOnLock)
	dropOn(t, dir, ids[2], core.DropOnSleep)
	system, session := desktest.Bus(t), desktest.Bus(t)
	login := desktest.NewLogind(t, system)
	covered := desktest.Saver(t, session, "org.gnome.ScreenSaver")
	s := newScreen(t)
	s.env = append(s.env, "DBUS_SYSTEM_BUS_ADDRESS="+system, "DBUS_SESSION_BUS_ADDRESS="+session)
	r := s.start(t, program(t, "."), "-data", dir)
	s.rings(t, r)
	within(t, 10*time.Second, "the window asks logind to wait", func() bool { return login.Inhibitors() > 0 })

	login.Locked(desktest.OtherSession)
	if took := login.Sleep(); took > 4*time.Second {
		t.Errorf("the computer had to wait %v", took)
	}
	if holds(t, pg, "sleeps", "ann") {
		t.Error("the computer sleeps, and the role is still there")
	}
	for _, role := range []string{"locks", "covers", "stays"} {
		if !holds(t, pg, role, "ann") {
			t.Errorf("%s is gone, and the screen was not locked", role)
		}
	}
	login.Wake()
	covered(true)
	login.Locked(desktest.Session)
	within(t, 5*time.Second, "the roles are gone", func() bool { return !holds(t, pg, "locks", "ann") && !holds(t, pg, "covers", "ann") })
	if !holds(t, pg, "stays", "ann") {
		t.Error("a role that says nothing of it is gone")
	}
	if err := r.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := r.Wait(); err != nil {
		t.Fatalf("%v\n%s", err, r.said.String())
	}
	said := map[string]string{}
	ctx := context.Background()
	db, err := sqlite.Open(ctx, filepath.Join(dir, house.FileName), sqlite.Options{DropDeliveries: true})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	list, err := db.Entries(ctx, core.EntryFilter{Action: core.ActivationDropped}, core.Page{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range list.Items {
		said[e.RoleName] = e.Detail
	}
	for role, want := range map[string]string{"locks": "before its end: the screen was locked", "covers": "before its end: the screen was locked", "sleeps": "before its end: the computer went to sleep"} {
		if said[role] != want {
			t.Errorf("%s: the log says %q, want %q", role, said[role], want)
		}
	}
}

// dropOn sets what ends the role of an activation.
func dropOn(t *testing.T, dir string, id core.AssignmentID, reasons ...core.DropReason) {
	t.Helper()
	ctx := context.Background()
	db, err := sqlite.Open(ctx, filepath.Join(dir, house.FileName), sqlite.Options{DropDeliveries: true})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	err = db.Update(ctx, func(tx core.Tx) error {
		a, _ := tx.Assignment(id)
		return tx.Apply(core.Event{Changes: []core.Change{core.PolicyLevel{Level: string(a.Role), Settings: core.PolicySettings{DropOn: &reasons}}}})
	})
	if err != nil {
		t.Fatal(err)
	}
}

// within waits for something that takes a moment.
func within(t *testing.T, most time.Duration, what string, is func() bool) {
	t.Helper()
	for limit := time.Now().Add(most); !is(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(limit) {
			t.Fatalf("%s: not within %v", what, most)
		}
	}
}
