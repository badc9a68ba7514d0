package house_test

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/auth/mfa"
	"github.com/stint-pim/stint/core/connector/connectortest/pgtest"
	"github.com/stint-pim/stint/core/house"
)

// clock is the machine's, moved ahead by hand: what a person waits an hour for
// a test doesn't.
type clock struct{ ahead atomic.Int64 }

func (c *clock) Now() time.Time { return time.Now().Add(time.Duration(c.ahead.Load())) }

// home is a house that runs, and somebody signed in.
type home struct {
	t      testing.TB
	h      *house.House
	svc    core.Service
	clock  *clock
	token  core.Secret
	secret core.Secret // of the second factor
	// recovery codes are good beside the code of the half minute.
	recovery []string
	stop     func()
}

func open(t testing.TB, o house.Options) *home {
	t.Helper()
	return openAt(t, o, 0)
}

// openAt opens the house when the machine's clock is some time ahead.
func openAt(t testing.TB, o house.Options, ahead time.Duration) *home {
	t.Helper()
	c := &clock{}
	c.ahead.Store(int64(ahead))
	o.Clock = c
	h, err := house.Open(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	end := h.Start()
	stop := func() {
		if err := end(); err != nil {
			t.Error(err)
		}
	}
	t.Cleanup(stop)
	return &home{t: t, h: h, clock: c, stop: stop}
}

// setUp makes the first person, with a second factor whose secret it returns.
func (m *home) setUp() core.Secret {
	m.t.Helper()
	ctx := context.Background()
	a, err := m.h.Gate.SetUp(ctx, core.FirstPerson{FullName: "Ann Admin", Login: "ann", Mail: "ann@example.org", Language: "en", Password: core.NewSecret("correct horse battery staple"), From: "window"})
	m.ok(err)
	m.svc, m.token = a.Service, a.Token
	offer, err := m.svc.BeginFactor(ctx, core.Secret{})
	m.ok(err)
	m.recovery, err = m.svc.ConfirmFactor(ctx, core.NewSecret(mfa.Code(offer.Secret, m.clock.Now())))
	m.ok(err)
	return offer.Secret
}

func (m *home) ok(err error) {
	m.t.Helper()
	if err != nil {
		m.t.Fatal(err)
	}
}

func (m *home) do(c core.Command, code string) core.Result {
	m.t.Helper()
	res, err := m.svc.Do(context.Background(), core.Call{Command: c, Code: core.NewSecret(code)})
	m.ok(err)
	for _, it := range res.Items {
		if it.Err != nil {
			m.t.Fatal(it.Err)
		}
	}
	return res
}

// until waits, hearing of every change, until ok says so.
func (m *home) until(what string, ok func() bool) {
	m.t.Helper()
	m.within(20*time.Second, what, ok)
}

// within is until for what may take longer on a busy machine.
func (m *home) within(limit time.Duration, what string, ok func() bool) {
	m.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	news, err := m.svc.Watch(ctx)
	m.ok(err)
	for range news {
		if ok() {
			return
		}
	}
	m.t.Fatalf("%s: not within %v", what, limit)
}

func (m *home) active() []core.AccessRow {
	m.t.Helper()
	acc, err := m.svc.Access(context.Background())
	m.ok(err)
	var out []core.AccessRow
	for _, r := range acc.Active {
		if r.System != core.StintSystem {
			out = append(out, r)
		}
	}
	return out
}

func holds(t *testing.T, pg *pgtest.Cluster, role, account string) bool {
	t.Helper()
	conn, err := pg.Connect(context.Background(), pg.User, pg.Password)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	var n int
	err = conn.QueryRow(context.Background(), `select count(*) from pg_auth_members m join pg_roles r on r.oid = m.roleid join pg_roles a on a.oid = m.member where r.rolname = $1 and a.rolname = $2`, role, account).Scan(&n)
	if err != nil {
		t.Fatal(err)
	}
	return n > 0
}

func spec(pg *pgtest.Cluster) core.SystemSpec {
	return core.SystemSpec{Name: "prod-db", Kind: core.KindPostgres, Secret: core.NewSecret(pg.Password), Settings: map[string]string{
		"host": pg.Host, "port": strconv.Itoa(pg.Port), "user": pg.User, "database": "postgres", "sslmode": "disable", "end_sessions": "true",
	}}
}

// eligible adds the cluster and makes Ann eligible for a role with a hostile name.
func (m *home) eligible(pg *pgtest.Cluster, role, account string) core.AssignmentID {
	m.t.Helper()
	ctx := context.Background()
	m.noCodes()
	p, err := m.svc.Probe(ctx, "", spec(pg))
	m.ok(err)
	if !p.OK {
		m.t.Fatalf("probe: %+v", p.Steps)
	}
	sys := m.do(core.AddSystem{SystemSpec: spec(pg), Roles: []core.NewRole{{External: role}}}, "")
	me, err := m.svc.Me(ctx)
	m.ok(err)
	m.do(core.SetAccount{Person: me.Person.ID, System: sys.System, External: account}, "")
	return m.do(core.Assign{Role: sys.Roles[0], Principals: []core.PersonID{me.Person.ID}, Kind: core.Eligible, Justification: "runs the database"}, "").Items[0].Assignment
}

// noCodes lets roles be activated without a code, so that a test need not wait
// half a minute for the next one. That itself takes one: a recovery code.
func (m *home) noCodes() {
	m.t.Helper()
	no := false
	m.do(core.SetPolicy{Level: core.DefaultLevel, Settings: core.PolicySettings{RequireMFA: &no}}, m.recovery[0])
}

// TestFromClickToPrivilegeAndBack goes the whole way against a real server: set
// up, probe, assign, activate, verified, expired, verified.
func TestFromClickToPrivilegeAndBack(t *testing.T) {
	pg := pgtest.New(t)
	role, account := `we"ird; DROP ROLE "admin" --`, "Änne O'Hara"
	pg.Exec(t, `create role "we""ird; DROP ROLE ""admin"" --"`, `create role "Änne O'Hara" login`)
	m := open(t, house.Options{Path: filepath.Join(t.TempDir(), "stint.db"), Version: "test"})
	m.setUp()
	basis := m.eligible(pg, role, account)
	m.do(core.Activate{Items: []core.ActivationItem{{Assignment: basis}}, Duration: core.Duration(time.Hour), Justification: "add an index"}, "")
	m.until("active", func() bool {
		a := m.active()
		return len(a) == 1 && a[0].GrantState == core.GrantPresent && a[0].RequestStatus == core.Provisioned
	})
	if !holds(t, pg, role, account) {
		t.Fatal("the screen says active and the server doesn't")
	}
	m.clock.ahead.Store(int64(time.Hour))
	m.until("over", func() bool { return len(m.active()) == 0 })
	if holds(t, pg, role, account) {
		t.Fatal("the screen says over and the server still grants it")
	}
	v, err := m.svc.VerifyAudit(context.Background(), core.Hash{}, nil)
	m.ok(err)
	if v.Break != nil {
		t.Fatalf("the log is broken at %d: %s", v.Break.Seq, v.Break.Reason)
	}
}

// TestFarewell: a window that quits takes back what it has granted; a server
// that is restarted doesn't.
func TestFarewell(t *testing.T) {
	pg := pgtest.New(t)
	pg.Exec(t, `create role dba`, `create role ann login`)
	for _, embedded := range []bool{false, true} {
		path := filepath.Join(t.TempDir(), "stint.db")
		m := open(t, house.Options{Path: path, Embedded: embedded})
		m.setUp()
		basis := m.eligible(pg, "dba", "ann")
		m.do(core.Activate{Items: []core.ActivationItem{{Assignment: basis}}, Duration: core.Duration(time.Hour), Justification: "add an index"}, "")
		m.until("active", func() bool { return len(m.active()) == 1 && m.active()[0].RequestStatus == core.Provisioned })
		m.stop()
		if got := holds(t, pg, "dba", "ann"); got == embedded {
			t.Errorf("embedded %v: held after the end is %v", embedded, got)
		}
		pg.Exec(t, `revoke dba from ann`)
	}
}

// TestTwoProcessesOneStore: the second one is told so, in words.
func TestTwoProcessesOneStore(t *testing.T) {
	path := filepath.Join(t.TempDir(), "stint.db")
	open(t, house.Options{Path: path})
	_, err := house.Open(context.Background(), house.Options{Path: path})
	if code := core.CodeOf(err); code != core.Conflict && code != core.Unavailable {
		t.Fatalf("second open: %v", err)
	}
}

// TestLostKey: without its key a store is not opened with a new one.
func TestLostKey(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "stint.db")
	m := open(t, house.Options{Path: path})
	m.setUp()
	m.stop()
	m.ok(os.Remove(filepath.Join(dir, "stint.key")))
	_, err := house.Open(context.Background(), house.Options{Path: path})
	if core.CodeOf(err) != core.Refused {
		t.Fatalf("open without the key: %v", err)
	}
}
