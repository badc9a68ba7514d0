package house_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/api"
	apiclient "github.com/stint-pim/stint/core/api/client"
	"github.com/stint-pim/stint/core/connector/connectortest/pgtest"
	"github.com/stint-pim/stint/core/house"
)

// starved is a server in a process of its own, and Ann, who uses it.
type starved struct {
	served
	pg    *pgtest.Cluster
	token core.Secret
	user  user
}

func newStarved(t *testing.T) *starved {
	t.Helper()
	pg := pgtest.New(t)
	pg.Exec(t, `create role dba`, `create role ann login`)
	dir, err := os.MkdirTemp("", "stint") // a socket's path may not be long
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	s := &starved{served: served{Path: filepath.Join(dir, "stint.db"), Socket: filepath.Join(dir, "s")}, pg: pg}
	m := open(t, house.Options{Path: s.Path})
	m.setUp()
	s.user.basis, s.token = m.eligible(pg, "dba", "ann"), m.token
	m.stop()
	return s
}

func (s *starved) client(t *testing.T) core.Service {
	t.Helper()
	c, err := apiclient.New(apiclient.Options{Server: "unix://" + s.Socket, From: api.FromCommandLine})
	if err != nil {
		t.Fatal(err)
	}
	svc, err := c.Resume(t.Context(), s.token)
	if err != nil {
		t.Fatal(err)
	}
	return svc
}

// holding waits until the system holds the role, or doesn't.
func (s *starved) holding(t *testing.T, want bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); holds(t, s.pg, "dba", "ann") != want; {
		if time.Now().After(deadline) {
			t.Fatalf("the system holds the role: %v, want %v", !want, want)
		}
	}
}

func limit(t *testing.T, pid, what int, n uint64) {
	t.Helper()
	var old unix.Rlimit
	if err := unix.Prlimit(pid, what, nil, &old); err != nil {
		return // it has ended
	}
	old.Cur = n
	if err := unix.Prlimit(pid, what, &old, nil); err != nil && !errors.Is(err, unix.ESRCH) {
		t.Error(err)
	}
}

// F24: a server that gets no file descriptor any more takes access away all the
// same, and answers again as soon as there are some.
func TestF24NoDescriptors(t *testing.T) {
	s := newStarved(t)
	cmd := s.start(t)
	defer func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }()
	svc := s.client(t)
	res, err := svc.Do(t.Context(), core.Call{Command: core.Activate{Items: []core.ActivationItem{{Assignment: s.user.basis}}, Duration: core.Duration(time.Hour), Justification: "add an index"}})
	if err != nil {
		t.Fatal(err)
	}
	s.holding(t, true)

	open, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	limit(t, cmd.Process.Pid, unix.RLIMIT_NOFILE, uint64(len(open)))
	var crowd []net.Conn
	for range 100 {
		c, err := net.Dial("unix", s.Socket)
		if err != nil {
			break // the line is full, too
		}
		crowd = append(crowd, c)
	}
	drop := core.Call{Command: core.Drop{Assignments: []core.AssignmentID{res.Items[0].Assignment}}}
	if _, err := svc.Do(t.Context(), drop); err != nil { // over the connection that is open
		t.Errorf("dropping while there are no descriptors: %v", err)
	}
	s.holding(t, false)
	if len(crowd) < 20 {
		t.Fatalf("only %d came: that says nothing", len(crowd))
	}
	for _, c := range crowd {
		_ = c.Close()
	}
	limit(t, cmd.Process.Pid, unix.RLIMIT_NOFILE, uint64(len(open))+16)
	var answer error
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); {
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		c, err := apiclient.New(apiclient.Options{Server: "unix://" + s.Socket, From: api.FromCommandLine})
		if err == nil {
			_, err = c.State(ctx)
		}
		cancel()
		if answer = err; err == nil {
			break
		}
	}
	if answer != nil {
		t.Errorf("when there are descriptors again: %v", answer)
	}
}

// F24: a server that gets no memory any more ends, and what it said stands.
func TestF24NoMemory(t *testing.T) {
	rounds := 3
	if testing.Short() {
		rounds = 1
	}
	t.Setenv("GOTRACEBACK", "none") // how it ends is known
	s := newStarved(t)
	for round := range rounds {
		cmd := s.start(t)
		s.user.svc = s.client(t)
		if err := s.user.look(t.Context()); err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		time.AfterFunc(time.Duration(50*(round+1))*time.Millisecond, func() { limit(t, cmd.Process.Pid, unix.RLIMIT_AS, size(t, cmd.Process.Pid)) })
		ended := time.AfterFunc(2*time.Second, func() { _ = cmd.Process.Kill() }) // it may do with what it has
		if err := s.user.work(t.Context()); err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		ended.Stop()
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if unknown := unrecorded(t, s.pg, s.Path); len(unknown) > 0 {
			t.Fatalf("round %d: the system holds %v, and no row knows of it", round, unknown)
		}
	}
	m := (&home{}).again(t, s.Path, s.token, 0)
	s.user.svc = m.svc
	m.ok(s.user.look(t.Context()))
	if len(s.user.made) == 0 || len(s.user.dropped) == 0 {
		t.Errorf("%d activations, %d drops: that says nothing", len(s.user.made), len(s.user.dropped))
	}
	if s.user.running != "" {
		m.do(core.Drop{Assignments: []core.AssignmentID{s.user.running}}, "")
	}
	m.until("over", func() bool { return len(m.active()) == 0 })
	s.holding(t, false)
	v, err := m.svc.VerifyAudit(t.Context(), core.Hash{}, nil)
	if m.ok(err); v.Break != nil {
		t.Errorf("the log is broken at %d: %s", v.Break.Seq, v.Break.Reason)
	}
}

// size is how much address space a process has now.
func size(t *testing.T, pid int) uint64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	if err != nil {
		return 1 << 30 // it has ended
	}
	var pages uint64
	if _, err := fmt.Sscan(strings.Fields(string(text))[0], &pages); err != nil {
		t.Error(err)
	}
	return pages * uint64(os.Getpagesize())
}
