package house_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/api"
	apiclient "github.com/stint-pim/stint/core/api/client"
	"github.com/stint-pim/stint/core/api/server"
	"github.com/stint-pim/stint/core/connector/connectortest/pgtest"
	"github.com/stint-pim/stint/core/house"
)

// served is a process that is a server on a socket, until it is killed.
type served struct{ Path, Socket string }

const servedEnv = "STINT_TEST_SERVED"

func (s served) live() {
	ctx := context.Background()
	h, err := house.Open(ctx, house.Options{Path: s.Path})
	if err != nil {
		panic(err)
	}
	l, err := server.ListenSocket(ctx, s.Socket)
	if err != nil {
		panic(err)
	}
	h.Start()
	fmt.Println("ready")
	panic(server.Serve(ctx, server.Options{Gate: h.Gate}, l))
}

func (s served) start(t *testing.T) *exec.Cmd {
	t.Helper()
	text, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=none")
	cmd.Env = append(os.Environ(), servedEnv+"="+string(text))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ready := make([]byte, 6)
	if n, err := out.Read(ready); string(ready[:n]) != "ready\n" {
		t.Fatalf("the server said %q: %v", ready[:n], err)
	}
	return cmd
}

// user activates and drops one role again and again over the API, and keeps
// what he was told.
type user struct {
	svc   core.Service
	basis core.AssignmentID

	running core.AssignmentID // of the last answer; empty: it was dropped
	unknown bool              // a call was cut off since
	made    []core.AssignmentID
	dropped []core.AssignmentID
}

// look compares what the server says after a start with what he was told.
func (u *user) look(ctx context.Context) error {
	acc, err := u.svc.Access(ctx)
	if err != nil {
		return err
	}
	var got core.AssignmentID
	for _, r := range acc.Active {
		if r.Basis == u.basis && r.State.Live() {
			got = r.ID
		}
	}
	if !u.unknown && got != u.running {
		return fmt.Errorf("he was told %q and finds %q", u.running, got)
	}
	u.running, u.unknown = got, false
	return nil
}

// work goes on until a call is cut off.
func (u *user) work(ctx context.Context) error {
	for {
		var cmd core.Command = core.Drop{Assignments: []core.AssignmentID{u.running}}
		if u.running == "" {
			cmd = core.Activate{Items: []core.ActivationItem{{Assignment: u.basis}}, Duration: core.Duration(time.Hour), Justification: "under load"}
		}
		res, err := u.svc.Do(ctx, core.Call{Command: cmd})
		switch {
		case core.CodeOf(err) == core.Unavailable:
			u.unknown = true
			return nil
		case err != nil:
			return fmt.Errorf("%s: %w", cmd.Verb(), err)
		case res.Items[0].Err != nil:
			return fmt.Errorf("%s: %w", cmd.Verb(), res.Items[0].Err)
		}
		if u.running == "" {
			u.running = res.Items[0].Assignment
			u.made = append(u.made, u.running)
		} else {
			u.dropped = append(u.dropped, u.running)
			u.running = ""
		}
	}
}

// F1: a server that eight people use over the API is killed at random times.
// What they were told stands, nothing is on the system that no row knows of,
// and at the end nothing is left there.
func TestF01KilledUnderLoad(t *testing.T) {
	rounds := 20
	if testing.Short() {
		rounds = 4
	}
	const seed, people = 1, 8
	rnd := rand.New(rand.NewPCG(seed, seed))
	ctx := t.Context()
	pg := pgtest.New(t)
	pg.Exec(t, `create role ann login`)
	for i := range people {
		pg.Exec(t, fmt.Sprintf(`create role r%d`, i))
	}
	dir, err := os.MkdirTemp("", "stint") // a socket's path may not be long
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	s := served{Path: filepath.Join(dir, "stint.db"), Socket: filepath.Join(dir, "s")}
	m := open(t, house.Options{Path: s.Path})
	m.setUp()
	users := []*user{{basis: m.eligible(pg, "r0", "ann")}}
	me, err := m.svc.Me(ctx)
	m.ok(err)
	first, err := m.svc.Assignments(ctx, core.AssignmentFilter{Kind: core.Eligible}, core.Page{Limit: 1})
	m.ok(err)
	for i := 1; i < people; i++ {
		added := m.do(core.AddRoles{System: first.Items[0].System, Roles: []core.NewRole{{External: fmt.Sprint("r", i)}}}, "")
		res := m.do(core.Assign{Role: added.Roles[0], Principals: []core.PersonID{me.Person.ID}, Kind: core.Eligible, Justification: "runs the database"}, "")
		users = append(users, &user{basis: res.Items[0].Assignment})
	}
	token := m.token
	m.stop()

	each := func(do func(*user) error) {
		t.Helper()
		errs := make([]error, people)
		var wg sync.WaitGroup
		for i, u := range users {
			wg.Go(func() { errs[i] = do(u) })
		}
		wg.Wait()
		if err := errors.Join(errs...); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
	}
	for round := range rounds {
		cmd := s.start(t)
		each(func(u *user) error {
			c, err := apiclient.New(apiclient.Options{Server: "unix://" + s.Socket, From: api.FromCommandLine})
			if err != nil {
				return err
			}
			if u.svc, err = c.Resume(ctx, token); err != nil {
				return err
			}
			return u.look(ctx)
		})
		pause := time.Duration(50+rnd.IntN(300)) * time.Millisecond
		time.AfterFunc(pause, func() { _ = cmd.Process.Kill() })
		each(func(u *user) error { return u.work(ctx) })
		_ = cmd.Wait() // it was killed
		if unknown := unrecorded(t, pg, s.Path); len(unknown) > 0 {
			t.Fatalf("seed %d, round %d, killed after %v: the system holds %v, and no row knows of it", seed, round, pause, unknown)
		}
	}
	m = m.again(t, s.Path, token, 0)
	made, dropped := 0, 0
	for i, u := range users {
		u.svc = m.svc
		m.ok(u.look(ctx))
		for _, id := range u.made {
			if m.countOf(core.RoleActivated, id) != 1 {
				t.Errorf("person %d was told that %s is active, and the log doesn't know of it", i, id)
			}
		}
		for _, id := range u.dropped {
			if m.countOf(core.ActivationDropped, id) != 1 {
				t.Errorf("person %d was told that %s is dropped, and the log doesn't know of it", i, id)
			}
		}
		made, dropped = made+len(u.made), dropped+len(u.dropped)
		if u.running != "" {
			m.do(core.Drop{Assignments: []core.AssignmentID{u.running}}, "")
		}
	}
	m.until("over", func() bool { return len(m.active()) == 0 })
	for i := range people {
		if holds(t, pg, fmt.Sprint("r", i), "ann") {
			t.Errorf("r%d was left behind", i)
		}
	}
	v, err := m.svc.VerifyAudit(ctx, core.Hash{}, nil)
	if m.ok(err); v.Break != nil {
		t.Errorf("the log is broken at %d: %s", v.Break.Seq, v.Break.Reason)
	}
	t.Logf("%d kills, %d activations and %d drops acknowledged", rounds, made, dropped)
	if made < rounds || dropped < rounds {
		t.Error("that is too little to say anything")
	}
}

// unrecorded lists the roles that the system holds and no row of the store,
// read as the killed process left it, is about.
func unrecorded(t *testing.T, pg *pgtest.Cluster, path string) (out []string) {
	t.Helper()
	conn, err := pg.Connect(t.Context(), pg.User, pg.Password)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	rows, err := conn.Query(t.Context(), `select r.rolname from pg_auth_members m join pg_roles r on r.oid = m.roleid join pg_roles a on a.oid = m.member where a.rolname = 'ann'`)
	if err != nil {
		t.Fatal(err)
	}
	var held []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		held = append(held, name)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", "file:"+path+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, name := range held {
		var n int
		if err := db.QueryRow(`SELECT count(*) FROM grants WHERE external = $1 AND (wanted OR pending)`, name).Scan(&n); err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			out = append(out, name)
		}
	}
	return out
}
