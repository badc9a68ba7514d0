package gui_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/auth"
	"github.com/stint-pim/stint/core/auth/mfa"
	"github.com/stint-pim/stint/core/connector"
	"github.com/stint-pim/stint/core/connector/memory"
	"github.com/stint-pim/stint/core/connector/postgres"
	"github.com/stint-pim/stint/core/engine"
	"github.com/stint-pim/stint/core/engine/enginetest"
	"github.com/stint-pim/stint/core/reconcile"
	"github.com/stint-pim/stint/core/seal"
	"github.com/stint-pim/stint/core/service"
	"github.com/stint-pim/stint/gui"
	memstore "github.com/stint-pim/stint/storage/memory"
)

// played is PostgreSQL as the window knows it, on systems in memory.
type played struct {
	connector.Kind
	on *memory.Kind
}

func (p played) Open(c connector.Config) (connector.Driver, error) {
	return p.on.System(c.Name).Driver(), nil
}

// office is a window on a server that really decides, stores and grants.
type office struct {
	*person
	clock   *enginetest.Clock
	engine  *engine.Engine
	rec     *reconcile.Reconciler
	systems *memory.Kind
	secret  core.Secret // of Maria's authenticator
	watch   <-chan core.Update
}

// openOffice sets Stint up on a clock that is moved by hand, and sits Maria,
// its first administrator, at the window.
func openOffice(t *testing.T) *office {
	t.Helper()
	o := &office{clock: &enginetest.Clock{}}
	o.systems = memory.NewKind(o.clock.Now)
	o.clock.Set(enginetest.Start)
	box := seal.New([32]byte{4, 5, 6})
	var err error
	o.engine, err = engine.New(t.Context(), engine.Config{Store: memstore.New(), Clock: o.clock, Seal: box.SealSecret})
	must(t, err)
	kinds := connector.Registry{core.KindPostgres: played{postgres.Kind{}, o.systems}}
	o.rec = reconcile.New(reconcile.Config{Engine: o.engine, Kinds: kinds, Unseal: func(core.System) (core.Secret, error) { return core.Secret{}, nil }})
	gate := service.New(service.Config{Engine: o.engine, Box: box, Hasher: auth.NewHasher(auth.Params{Time: 1, Memory: 8, Threads: 1}, 2),
		Kinds: kinds, Wall: o.clock.Now, Embedded: true, Host: "test"})
	a, err := gate.SetUp(t.Context(), core.FirstPerson{FullName: "Maria Adler", Login: "maria", Mail: "maria@example.org", Language: "en",
		Password: core.NewSecret("lantern-orbit-pepper-quilt-97"), From: "window"})
	must(t, err)
	offer, err := a.Service.BeginFactor(t.Context(), core.Secret{})
	must(t, err)
	o.secret = offer.Secret
	_, err = a.Service.ConfirmFactor(t.Context(), core.NewSecret(o.code()))
	must(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	o.watch, err = a.Service.Watch(ctx)
	must(t, err)

	w := gui.New(test.NewTempApp(t), gui.Deps{Gate: gate, Tokens: kept{a.Token}, Now: o.clock.Now, Place: time.UTC, Language: "en",
		Async: gui.NewDirectAsync(o.clock.Now)})
	w.Show()
	w.Window().Resize(fyne.NewSize(1180, 760))
	t.Cleanup(w.Stop)
	o.person = &person{t: t, window: w}
	return o
}

// kept is a token that was kept.
type kept struct{ token core.Secret }

func (k kept) Load() (core.Secret, error) { return k.token, nil }
func (kept) Save(core.Secret) error       { return nil }

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// code is what Maria's authenticator shows, a new one each time.
func (o *office) code() string {
	o.clock.Set(o.clock.Now().Add(31 * time.Second))
	return mfa.Code(o.secret, o.clock.Now())
}

// settle lets the engine do what is due and the systems what they are asked.
func (o *office) settle() {
	o.t.Helper()
	must(o.t, o.engine.RunDue(o.t.Context()))
	must(o.t, o.rec.Once(o.t.Context()))
}

// until lets the server work until good is true, as the window hears of it.
func (o *office) until(what string, good func() bool) {
	o.t.Helper()
	late := time.After(10 * time.Second)
	again := time.NewTicker(20 * time.Millisecond) // what the server streams comes by a goroutine of its own
	defer again.Stop()
	for {
		o.clock.Set(o.clock.Now().Add(time.Second))
		o.settle()
		o.window.Async().Pump()
		o.window.Async().Beat()
		if good() {
			return
		}
		select {
		case <-o.watch:
		case <-again.C:
		case <-late:
			o.t.Fatalf("waited in vain for %s. Shown:\n%s", what, o.words())
		}
	}
}

func (o *office) untilSeen(text string) {
	o.t.Helper()
	o.until(text, func() bool { return strings.Contains(strings.ReplaceAll(o.words(), "\n", " "), text) })
}

// TestBothWizardsOnARealServer goes the whole way in the window: a system, a
// person, an assignment, its activation with wrong, right and used codes, until
// the system holds the role, and until it holds it no more.
func TestBothWizardsOnARealServer(t *testing.T) {
	o := openOffice(t)
	db := o.systems.System("prod-db")
	db.AddRole(core.FoundRole{External: "billing_admin", Description: "Owns billing", Privileged: true})
	db.AddRole(core.FoundRole{External: "reporting"})
	db.AddAccount("maria", "bob")

	// Somebody else, to whom a role will be assigned, too.
	o.window.Open("people")
	o.clicks("Add person")
	o.types("Bob Baker")
	o.clicks("Add person") // the dialog's
	if strings.Contains(o.words(), "code") {
		o.types(o.code())
		o.clicks("Add person")
	}
	o.sees("First password of Bob Baker")
	o.presses(fyne.KeyEscape)

	// A system.
	o.window.Open("systems")
	o.clicks("Add system")
	o.clicks("PostgreSQL")
	o.presses(fyne.KeyReturn)
	o.sees("CREATE ROLE") // the account that Stint needs, before any test
	for i, s := range []string{"prod-db", "db.example.org", "5432", "postgres", "stint", "swordfish swordfish"} {
		if i > 0 {
			o.tab()
		}
		if f := o.canvas().Focused().(fyne.Shortcutable); s != "" {
			f.TypedShortcut(&fyne.ShortcutSelectAll{})
		}
		o.types(s)
	}
	o.clicks("Next")
	o.sees("2 roles found.")
	o.clicks("Next")
	o.clicks("billing_admin")
	o.clicks("Next")
	o.sees("Who is who on prod-db?", "found on the system", "1 account set")
	o.clicksFirst("no account")
	o.types("bob")
	o.sees("2 accounts set")
	o.clicks("Add prod-db")
	if strings.Contains(o.words(), "six digits") || strings.Contains(o.words(), "authenticator") {
		o.types(o.code())
	}
	o.sees("prod-db is ready", "1 role can be assigned. 2 people have an account.")

	// An assignment: both of them.
	o.clicks("Assign a role")
	o.types("billing")
	o.presses(fyne.KeyDown)
	o.clicks("Next")
	o.sees("Who gets billing_admin on prod-db?")
	o.clicks("Maria Adler")
	o.clicks("Bob Baker")
	o.sees("Chosen · 2 people")
	o.clicks("Next")
	o.clicks("Next")
	o.sees("What will happen")
	o.clicks("Assign 2 people")
	if !strings.Contains(o.words(), "2 of 2 assigned.") {
		o.types(o.code())
	}
	o.sees("2 of 2 assigned.")
	o.clicks("Close")

	// The activation.
	o.window.Open("access")
	o.untilSeen("billing_admin")
	o.clicks("Activate")
	o.sees("Duration")
	o.types("30 min")
	o.presses(fyne.KeyReturn)
	o.types("Repair the invoices of October")
	o.presses(fyne.KeyReturn)
	o.types("000000")
	o.sees("maria receives billing_admin on prod-db.")
	o.clicks("Activate billing_admin")
	o.sees("a fresh code") // back at its step
	o.sees("That code is not right")
	used := o.code()
	o.types(used)
	o.clicks("Activate billing_admin")
	o.untilSeen("verified")
	if !db.Holds("billing_admin", "maria") {
		t.Error("the window says verified, and the system doesn't hold it")
	}
	o.clicks("Close")
	o.sees("Active now", "verified on prod-db", "min left")

	// Prolonging with the code that was used is refused, with a fresh one done.
	o.clicks("Prolong")
	o.types("50 min")
	for o.canvas().Focused() != nil && !strings.Contains(typeName(o.canvas().Focused()), "Code") {
		o.tab()
	}
	o.types(used)
	o.sees("This code has been used already")
	o.types(o.code())
	o.seesNot("instead of")

	// Dropped, and gone from the system.
	o.clicks("Drop")
	o.clicks("Drop billing_admin now")
	o.until("the removal", func() bool {
		return !db.Holds("billing_admin", "maria") && !strings.Contains(o.words(), "Active now")
	})
	o.sees("billing_admin") // may be activated again
}
