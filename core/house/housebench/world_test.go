package housebench

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/api/server"
	"github.com/stint-pim/stint/core/auth"
	"github.com/stint-pim/stint/core/auth/mfa"
	"github.com/stint-pim/stint/core/connector/connectortest/pgtest"
	"github.com/stint-pim/stint/core/house"
	"github.com/stint-pim/stint/core/seal"
	"github.com/stint-pim/stint/storage/sqlite"
)

// world is an installation and the PostgreSQL that it hands roles of out.
type world struct {
	testing.TB
	pg      *pgtest.Cluster
	dir     string
	box     *seal.Box
	secret  core.Secret // of everybody's second factor
	system  core.SystemID
	role    core.RoleID // "jit", which people activate
	seats   []seat
	serving []func() // what ends when the world does, last first
}

// seat is somebody signed in with one eligible role. Each can activate once: a
// code is good for one activation, and so is an eligible role until it ends.
type seat struct {
	person  core.PersonID
	account string
	token   core.Secret
	basis   core.AssignmentID
}

// quiet is a log as the server writes it, that nobody reads.
func quiet() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }

// newWorld sets Stint up over its ordinary doors, then closes it and fills in n
// people and as many accounts on the server.
func newWorld(b testing.TB, n int) *world {
	b.Helper()
	pg, err := pgtest.Start(pgtest.Options{Durable: true})
	if err != nil {
		b.Fatal(err)
	}
	w := &world{TB: b, pg: pg, dir: b.TempDir()}
	b.Cleanup(func() {
		w.stop()
		if err := pg.Close(); err != nil {
			b.Error(err)
		}
	})
	pg.Exec(b, "create role jit", "create role jitfloor",
		fmt.Sprintf("do $$ begin for i in 0..%d loop execute format('create role a%%s login', i); end loop; end $$", max(n, 1)-1), "checkpoint")
	h, err := house.Open(context.Background(), house.Options{Path: w.path()})
	w.ok(err)
	stop := h.Start()
	w.box = h.Key.Box()
	ctx := context.Background()
	adm, err := h.Gate.SetUp(ctx, core.FirstPerson{FullName: "Ann Admin", Login: "ann", Mail: "ann@example.org", Language: "en", Password: core.NewSecret("correct horse battery staple"), From: "window"})
	w.ok(err)
	offer, err := adm.Service.BeginFactor(ctx, core.Secret{})
	w.ok(err)
	w.secret = offer.Secret
	_, err = adm.Service.ConfirmFactor(ctx, core.NewSecret(mfa.Code(offer.Secret, time.Now())))
	w.ok(err)
	res, err := adm.Service.Do(ctx, core.Call{Command: core.AddSystem{
		SystemSpec: core.SystemSpec{Name: "prod-db", Kind: core.KindPostgres, Secret: core.NewSecret(pg.Password), Settings: map[string]string{
			"host": pg.Host, "port": strconv.Itoa(pg.Port), "user": pg.User, "database": "postgres", "sslmode": "disable",
		}},
		Roles: []core.NewRole{{External: "jit"}},
	}})
	w.ok(err)
	w.system, w.role = res.System, res.Roles[0]
	w.ok(stop())
	w.people(n)
	return w
}

func (w *world) path() string { return filepath.Join(w.dir, house.FileName) }

func (w *world) ok(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// stop ends what serves.
func (w *world) stop() {
	for i := len(w.serving) - 1; i >= 0; i-- {
		w.serving[i]()
	}
	w.serving = nil
}

// fill puts n events into the closed store, without waiting for the disk.
func (w *world) fill(n int, event func(i int) []core.Change) {
	w.Helper()
	db, err := sqlite.Open(context.Background(), w.path(), sqlite.Options{Unsafe: true})
	w.ok(err)
	for from := 0; from < n; from += 1000 {
		w.ok(db.Update(context.Background(), func(tx core.Tx) error {
			for i := from; i < min(from+1000, n); i++ {
				if err := tx.Apply(core.Event{Changes: event(i)}); err != nil {
					return err
				}
			}
			return nil
		}))
	}
	w.ok(db.Close())
}

// people adds n people, each signed in, with a factor and an account, and
// eligible for the role, which the server was seen not to have given them.
func (w *world) people(n int) {
	w.Helper()
	now := time.Now().UTC()
	w.seats = make([]seat, n)
	w.fill(n, func(i int) []core.Change {
		s := seat{person: core.PersonID(fmt.Sprintf("pe_%06d", i)), account: fmt.Sprint("a", i), token: auth.NewToken(), basis: core.AssignmentID(fmt.Sprintf("as_e%06d", i))}
		w.seats[i] = s
		sealed, err := w.box.SealSecret(seal.FactorContext(s.person), w.secret)
		w.ok(err)
		session, _ := auth.SessionOf(s.token)
		name := fmt.Sprintf("Person number %d", i)
		return []core.Change{
			core.Person{ID: s.person, Name: name, Login: fmt.Sprint("p", i), Language: "en", Created: now},
			core.Credential{Person: s.person, Hash: "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", Changed: now},
			core.Factor{Person: s.person, Sealed: sealed, Confirmed: true, LastStep: 1},
			core.Session{ID: session, Person: s.person, Created: now, LastSeen: now, Expires: now.Add(time.Hour), From: "127.0.0.1", Strength: core.StrengthFactor},
			core.Account{Person: s.person, System: w.system, External: s.account},
			core.Assignment{ID: s.basis, Principal: s.person, Role: w.role, System: w.system, Scope: "/", Kind: core.Eligible, Origin: core.Assigned, State: core.InForce,
				Start: now, Created: now, Request: core.RequestID(fmt.Sprintf("re_e%06d", i)), Justification: "runs the database"},
			core.Grant{ID: core.GrantID(fmt.Sprintf("gr_e%06d", i)), GrantKey: core.GrantKey{System: w.system, Role: w.role, Scope: "/", Account: s.account}, External: "jit",
				State: core.GrantAbsent, Since: now, Evidence: core.Evidence{At: now, Query: "pg_auth_members", Answer: "not a member"}},
		}
	})
}

// serve opens the house and serves its API on loopback until stop. It returns
// the address.
func (w *world) serve() string {
	w.Helper()
	h, err := house.Open(context.Background(), house.Options{Path: w.path(), Log: quiet()})
	w.ok(err)
	stop := h.Start()
	w.serving = append(w.serving, func() { w.ok(stop()) })
	return w.listen(h.Gate)
}

// listen serves a gate on loopback until stop.
func (w *world) listen(gate core.Gate) string {
	w.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	l, err := server.ListenTCP(ctx, "127.0.0.1:0", "", "")
	w.ok(err)
	done := make(chan error, 1)
	go func() { done <- server.Serve(ctx, server.Options{Gate: gate, Log: quiet()}, l) }()
	w.serving = append(w.serving, func() { cancel(); w.ok(<-done) })
	return "http://" + l.Addr().String()
}

// floorFile is where the floor keeps its rows: on the same disk.
func (w *world) floorFile() string { return filepath.Join(w.dir, "floor.db") }

// scratch removes what a floor before left.
func scratch(path string) {
	for _, more := range []string{"", "-wal", "-shm"} {
		_ = os.Remove(path + more)
	}
}
