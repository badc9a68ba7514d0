package service_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pquerna/otp/hotp"
	"go.uber.org/goleak"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/auth"
	"github.com/stint-pim/stint/core/connector"
	"github.com/stint-pim/stint/core/connector/memory"
	"github.com/stint-pim/stint/core/engine"
	"github.com/stint-pim/stint/core/engine/enginetest"
	"github.com/stint-pim/stint/core/reconcile"
	"github.com/stint-pim/stint/core/seal"
	"github.com/stint-pim/stint/core/service"
	memstore "github.com/stint-pim/stint/storage/memory"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	why        = "for the night shift"
	bossPass   = "lantern-orbit-pepper-quilt-97"
	systemPass = "s3cret-of-the-db-system"
	mailPass   = "s3cret-of-the-mail-server"
)

// house is Stint as people meet it: a gate with real hashes, seals and codes,
// over a store in memory and a clock that is moved by hand.
type house struct {
	t     *testing.T
	clock *enginetest.Clock
	store core.Store
	eng   *engine.Engine
	rec   *reconcile.Reconciler
	kind  *memory.Kind
	gate  *service.Gate
	post  *post
	boss  *person

	notices *outbox
}

// outbox is a store that remembers what is to be mailed.
type outbox struct {
	core.Store
	mu  sync.Mutex
	all []core.Notice
}

func (o *outbox) Update(ctx context.Context, f func(core.Tx) error) error {
	return o.Store.Update(ctx, func(tx core.Tx) error { return f(outboxTx{tx, o}) })
}

func (o *outbox) list() []core.Notice {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Clone(o.all)
}

type outboxTx struct {
	core.Tx
	to *outbox
}

func (t outboxTx) Deliver(list []core.Delivery) error {
	t.to.mu.Lock()
	defer t.to.mu.Unlock()
	for _, d := range list {
		t.to.all = append(t.to.all, d.Notice)
	}
	return t.Tx.Deliver(list)
}

// person is somebody at a window, with an authenticator.
type person struct {
	core.Service
	h      *house
	id     core.PersonID
	login  string
	pass   string
	secret core.Secret
	codes  []string // for recovery
	adm    core.Admission
	said   []string // whatever was secret in his life: hashes, seeds, passwords
}

// post remembers what was sent with which password.
type post struct{ sent []string }

func (p *post) SendTest(_ context.Context, s core.MailSettings, password core.Secret, to string, _ core.MailSample) error {
	p.sent = append(p.sent, s.Host+" "+password.Reveal()+" "+to)
	if strings.HasPrefix(s.Host, "down") {
		return core.Errorf(core.Unavailable, "", "mail.malformed", "value", "x")
	}
	return nil
}

// placed is the kind in memory with the settings of one that is somewhere.
type placed struct{ *memory.Kind }

func (p placed) Info() core.KindInfo {
	info := p.Kind.Info()
	for _, name := range []string{"host", "port", "user", "sslmode", "ca_file"} {
		info.Fields = append(info.Fields, core.KindField{Name: name})
	}
	return info
}

func newHouse(t *testing.T, wrap func(core.Store) core.Store) *house {
	t.Helper()
	h := &house{t: t, clock: &enginetest.Clock{}, store: memstore.New(), kind: memory.NewKind(nil), post: &post{}}
	h.clock.Set(enginetest.Start)
	if wrap != nil {
		h.store = wrap(h.store)
	}
	h.notices = &outbox{Store: h.store}
	h.store = h.notices
	box := seal.New([32]byte{1, 2, 3})
	var err error
	kinds := connector.Registry{core.KindSample: placed{h.kind}}
	h.eng, err = engine.New(t.Context(), engine.Config{Store: h.store, Clock: h.clock, Seal: box.SealSecret, Kinds: kinds.Settings()})
	h.ok(err)
	h.rec = reconcile.New(reconcile.Config{Engine: h.eng, Kinds: kinds, Unseal: func(core.System) (core.Secret, error) { return core.Secret{}, nil }})
	h.gate = service.New(service.Config{
		Engine: h.eng, Box: box, Hasher: auth.NewHasher(auth.Params{Time: 1, Memory: 8, Threads: 1}, 2), Kinds: kinds, Mailer: h.post,
		Wall: h.clock.Now, Sample: true, Host: "test",
	})
	adm, err := h.gate.SetUp(t.Context(), core.FirstPerson{FullName: "Bo Boss", Login: "boss", Mail: "boss@example.org", Password: core.NewSecret(bossPass), Organisation: "Test", From: "window"})
	h.ok(err)
	h.boss = &person{Service: adm.Service, h: h, id: adm.Session.Person, login: "boss", pass: bossPass, adm: adm}
	h.boss.enrol()
	h.ok(h.store.Update(t.Context(), func(tx core.Tx) error {
		set := tx.Settings()
		set.Mail.Host, set.Mail.From = "mail.example.org", "stint@example.org" // else nobody is written to
		return tx.Apply(core.Event{Changes: []core.Change{set}})
	}))
	return h
}

func (h *house) ok(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) key(err error, key core.TextKey) *core.Error {
	h.t.Helper()
	var e *core.Error
	if !errors.As(err, &e) || e.Key != key {
		h.t.Fatalf("got %v, want %q", err, key)
	}
	return e
}

func (h *house) settle() {
	h.t.Helper()
	h.ok(h.eng.RunDue(h.t.Context()))
	h.ok(h.rec.Once(h.t.Context()))
}

func (h *house) actions() string {
	h.t.Helper()
	var out []string
	h.ok(h.store.EachEntry(h.t.Context(), core.EntryFilter{}, func(e *core.Entry) error {
		out = append(out, string(e.Action))
		return nil
	}))
	return strings.Join(out, " ")
}

// entries returns what the log holds behind a number.
func (h *house) entries(after int64) (out []core.Entry) {
	h.t.Helper()
	h.ok(h.store.EachEntry(h.t.Context(), core.EntryFilter{AfterSeq: after}, func(e *core.Entry) error {
		out = append(out, *e)
		return nil
	}))
	return out
}

func (h *house) head() int64 {
	h.t.Helper()
	all := h.entries(0)
	return all[len(all)-1].Seq
}

// active returns a person's running activations.
func (h *house) active(p *person) (out []core.AssignmentID) {
	h.t.Helper()
	h.ok(h.store.Read(h.t.Context(), func(v core.View) error {
		for _, a := range v.LiveOf(p.id) {
			if a.Origin == core.Activated {
				out = append(out, a.ID)
			}
		}
		return v.Err()
	}))
	return out
}

// code waits for the next code and reads it off the authenticator.
func (p *person) code() core.Secret {
	p.h.t.Helper()
	p.h.clock.Set(p.h.clock.Now().Add(30 * time.Second))
	c, err := hotp.GenerateCode(p.secret.Reveal(), uint64(p.h.clock.Now().Unix()/30))
	p.h.ok(err)
	return core.NewSecret(c)
}

// enrol sets up a second factor.
func (p *person) enrol() {
	p.h.t.Helper()
	offer, err := p.BeginFactor(p.h.t.Context(), core.Secret{})
	p.h.ok(err)
	p.secret = offer.Secret
	p.codes, err = p.ConfirmFactor(p.h.t.Context(), p.code())
	p.h.ok(err)
}

func (p *person) signIn() {
	p.h.t.Helper()
	adm, err := p.h.gate.SignIn(p.h.t.Context(), core.SignIn{Login: p.login, Password: core.NewSecret(p.pass), Code: p.code(), From: "window"})
	p.h.ok(err)
	p.Service, p.adm = adm.Service, adm
}

// must gives a command with a fresh code.
func (p *person) must(c core.Command) core.Result {
	p.h.t.Helper()
	res, err := p.Do(p.h.t.Context(), core.Call{Command: c, Code: p.code()})
	p.h.ok(err)
	for _, it := range res.Items {
		if it.Err != nil {
			p.h.t.Fatal(it.Err)
		}
	}
	return res
}

// join adds somebody and lets him come in for the first time.
func (h *house) join(name string) *person {
	h.t.Helper()
	login := strings.ToLower(name)
	res := h.boss.must(core.AddPerson{FullName: name, Login: login, Mail: login + "@example.org"})
	adm, err := h.gate.SignIn(h.t.Context(), core.SignIn{Login: login, Password: core.NewSecret(res.Secret), From: "window"})
	h.ok(err)
	p := &person{Service: adm.Service, h: h, id: res.Person, login: login, pass: name + "-orbit-pepper-quilt-97", adm: adm, said: []string{res.Secret}}
	h.ok(p.ChangePassword(h.t.Context(), core.NewSecret(res.Secret), core.NewSecret(p.pass)))
	p.enrol()
	return p
}

// system adds a system whose credential is sealed, with the role dba.
func (h *house) system(people ...*person) (core.SystemID, core.RoleID) {
	h.t.Helper()
	sys := h.kind.System("db")
	sys.AddRole(core.FoundRole{External: "dba"})
	res := h.boss.must(core.AddSystem{
		SystemSpec: core.SystemSpec{Name: "db", Kind: core.KindSample, Settings: map[string]string{"as": "postgres", "host": "db.example.org"}, Secret: core.NewSecret(systemPass)},
		Roles:      []core.NewRole{{External: "dba", Name: "dba"}},
	})
	for _, p := range people {
		sys.AddAccount(p.login)
		h.boss.must(core.SetAccount{Person: p.id, System: res.System, External: p.login})
	}
	return res.System, res.Roles[0]
}

func (h *house) eligible(p *person, r core.RoleID) core.AssignmentID {
	h.t.Helper()
	id := h.boss.must(core.Assign{Role: r, Principals: []core.PersonID{p.id}, Kind: core.Eligible, Justification: why}).Items[0].Assignment
	h.settle()
	return id
}

func (p *post) Preview(_ context.Context, s core.MailSample) (core.MailPreview, error) {
	return core.MailPreview{Subject: string(s.Kind) + " " + s.Language}, nil
}
