package house_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/connector/connectortest/pgtest"
	"github.com/stint-pim/stint/core/house"
)

const smallDisk = "STINT_TEST_SMALL_DISK"

// onSmallDisk runs the test once more, in a process of its own that sees a
// disk of some MiB where nobody else does, and there calls f with its folder.
func onSmallDisk(t *testing.T, f func(dir string)) {
	t.Helper()
	if dir := os.Getenv(smallDisk); dir != "" {
		if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
			t.Fatal(err)
		}
		if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size=48m"); err != nil {
			t.Fatal(err)
		}
		f(dir)
		return
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Env = append(os.Environ(), smallDisk+"="+t.TempDir())
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWNS}
	if os.Geteuid() != 0 { // then a namespace of users lets us mount
		cmd.SysProcAttr.Cloneflags |= unix.CLONE_NEWUSER
		cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: os.Getuid(), HostID: os.Getuid(), Size: 1}}
		cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{ContainerID: os.Getgid(), HostID: os.Getgid(), Size: 1}}
		cmd.SysProcAttr.AmbientCaps = []uintptr{unix.CAP_SYS_ADMIN}
	}
	out, err := cmd.CombinedOutput()
	switch {
	case errors.Is(err, fsDenied):
		t.Fatalf("this test needs a small disk: allow user namespaces, or run it as root: %v", err)
	case err != nil:
		t.Fatalf("%v\n%s", err, out)
	case !strings.Contains(string(out), "--- PASS: "+t.Name()):
		t.Fatalf("the test did not run on the small disk:\n%s", out)
	}
}

const fsDenied = syscall.EPERM

// ballast takes all room on the disk that the file name lies on.
func ballast(t *testing.T, name string) {
	t.Helper()
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for size := 1 << 20; size > 0; { // the last bytes, too
		if _, err = f.Write(make([]byte, size)); err != nil {
			size /= 2
		}
	}
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("filling the disk: %v", err)
	}
}

// F6: on a full disk nothing is activated and everybody is told why; access
// still ends, by hand and by time; after a restart too. When the disk has room
// again all goes on, and the log tells of both.
func TestF06DiskFull(t *testing.T) {
	onSmallDisk(t, func(dir string) {
		ctx := context.Background()
		pg := pgtest.New(t)
		pg.Exec(t, `create role dropped`, `create role expires`, `create role later`, `create role ann login`)
		path := filepath.Join(dir, "stint.db")
		m := open(t, house.Options{Path: path})
		m.setUp()
		basis := map[string]core.AssignmentID{"dropped": m.eligible(pg, "dropped", "ann")}
		rows, err := m.svc.Systems(ctx)
		m.ok(err)
		me, err := m.svc.Me(ctx)
		m.ok(err)
		for _, r := range rows {
			if r.Kind != core.KindPostgres {
				continue
			}
			for _, role := range []string{"expires", "later"} {
				added := m.do(core.AddRoles{System: r.ID, Roles: []core.NewRole{{External: role}}}, "")
				basis[role] = m.do(core.Assign{Role: added.Roles[0], Principals: []core.PersonID{me.Person.ID}, Kind: core.Eligible, Justification: "runs the database"}, "").Items[0].Assignment
			}
		}
		activate := func(role string) (core.AssignmentID, error) {
			res, err := m.svc.Do(ctx, core.Call{Command: core.Activate{Items: []core.ActivationItem{{Assignment: basis[role]}}, Duration: core.Duration(time.Hour), Justification: "add an index"}})
			if err != nil {
				return "", err
			}
			return res.Items[0].Assignment, nil
		}
		dropped, err := activate("dropped")
		m.ok(err)
		_, err = activate("expires")
		m.ok(err)
		m.until("both active", func() bool {
			a := m.active()
			return len(a) == 2 && a[0].RequestStatus == core.Provisioned && a[1].RequestStatus == core.Provisioned
		})

		ballast(t, filepath.Join(dir, "ballast"))
		full := &core.Error{Code: core.Unavailable, Key: core.KeyFull}
		for n := 0; ; n++ { // what SQLite has already can still be written
			_, err := m.svc.Do(ctx, core.Call{Command: core.AddPerson{FullName: fmt.Sprint("Person ", n), Login: fmt.Sprint("p", n)}})
			if errors.Is(err, full) {
				break
			}
			m.ok(err)
			if n > 2_000 {
				t.Fatal("the disk never became full")
			}
		}
		_, err = activate("later")
		if !errors.Is(err, full) || !strings.Contains(err.Error(), "access has changed") || !strings.Contains(err.Error(), "make room") {
			t.Fatalf("activating on a full disk: %v", err)
		}
		if holds(t, pg, "later", "ann") {
			t.Error("it was refused and the system has it")
		}
		m.until("told", func() bool { return m.troubled(core.TroubleDisk) })

		m.do(core.Drop{Assignments: []core.AssignmentID{dropped}}, "")
		m.until("dropped", func() bool { return len(m.active()) == 1 })
		if holds(t, pg, "dropped", "ann") {
			t.Error("what was dropped on a full disk is still there")
		}
		// Started anew, still full: what the program gave back is gone, too.
		m.stop()
		ballast(t, filepath.Join(dir, "more"))
		m = m.again(t, path, m.token, 0)
		if !m.troubled(core.TroubleDisk) {
			t.Error("after the start nobody is told that the disk is full")
		}
		m.clock.ahead.Store(int64(time.Hour))
		m.until("expired", func() bool { return len(m.active()) == 0 })
		if holds(t, pg, "expires", "ann") {
			t.Error("what expired on a full disk is still there")
		}
		if n := m.count(core.StoreFull, 0); n == 0 {
			t.Error("the log doesn't tell of the full disk")
		}

		m.ok(os.Remove(filepath.Join(dir, "ballast")))
		m.ok(os.Remove(filepath.Join(dir, "more")))
		m.until("room again", func() bool { return !m.troubled(core.TroubleDisk) && m.count(core.StoreMended, 0) == 1 })
		_, err = activate("later")
		m.ok(err)
		m.until("active again", func() bool { a := m.active(); return len(a) == 1 && a[0].RequestStatus == core.Provisioned })
		if info, err := os.Stat(path + ".reserve"); err != nil || info.Size() < 1<<20 {
			t.Errorf("no room is kept again: %v", err)
		}
		v, err := m.svc.VerifyAudit(ctx, core.Hash{}, nil)
		if m.ok(err); v.Break != nil {
			t.Errorf("the log is broken at %d: %s", v.Break.Seq, v.Break.Reason)
		}
	})
}

// F6: also where nothing is kept in reserve any more, what is overdue ends as
// soon as there is room, and until then everybody is told that it may not have.
func TestF06DiskFullWithoutReserve(t *testing.T) {
	onSmallDisk(t, func(dir string) {
		pg := pgtest.New(t)
		pg.Exec(t, `create role dba`, `create role ann login`)
		path := filepath.Join(dir, "stint.db")
		m := open(t, house.Options{Path: path})
		m.setUp()
		basis := m.eligible(pg, "dba", "ann")
		m.do(core.Activate{Items: []core.ActivationItem{{Assignment: basis}}, Duration: core.Duration(10 * time.Minute), Justification: "add an index"}, "")
		m.until("active", func() bool { return len(m.active()) == 1 && m.active()[0].RequestStatus == core.Provisioned })
		m.stop()
		// Not even the files beside the database can be made, but for the reserve.
		ballast(t, filepath.Join(dir, "ballast"))
		m = m.again(t, path, m.token, 0)
		m.ok(os.Remove(filepath.Join(dir, "ballast")))
		m.stop()
		m.ok(os.Remove(path + ".reserve"))
		ballast(t, filepath.Join(dir, "ballast"))
		if _, err := house.Open(context.Background(), house.Options{Path: path}); !errors.Is(err, &core.Error{Code: core.Unavailable, Key: core.KeyFull}) {
			t.Fatalf("opening without a byte left: %v", err)
		}
		m.ok(os.Truncate(filepath.Join(dir, "ballast"), 30<<20)) // some MiB, and not enough for a reserve
		m = m.again(t, path, m.token, 0)
		m.until("told that nothing is kept", func() bool { return m.troubled(core.TroubleNoReserve) })
		ballast(t, filepath.Join(dir, "more"))
		m.clock.ahead.Store(int64(10 * time.Minute)) // an hour would end the session, whose use can't be noted
		m.ok(os.Remove(filepath.Join(dir, "ballast")))
		m.until("expired", func() bool { return len(m.active()) == 0 })
		if holds(t, pg, "dba", "ann") {
			t.Error("it expired and is still there")
		}
	})
}

func (m *home) troubled(kind core.TroubleKind) bool {
	m.t.Helper()
	me, err := m.svc.Me(context.Background())
	m.ok(err)
	for _, t := range me.Troubles {
		if t.Kind == kind {
			return true
		}
	}
	return false
}
