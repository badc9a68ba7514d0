package apitest

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/audit"
)

// World is a fresh, empty installation.
type World struct {
	Gate core.Gate
	// Code returns a code that the authenticator with the given secret shows
	// and that was not used yet; it moves the world's clock on if need be.
	Code func(secret core.Secret) core.Secret
}

const (
	alicesPassword = "grey-otter.sails 7 moons"
	longWait       = 30 * time.Second // for what should take milliseconds
)

// Run drives a gate and its services through what everybody does, and through
// what must be refused. An engine in process and a client of a server of the
// same engine must both pass: whoever holds a core.Gate can't tell which it is.
func Run(t *testing.T, fresh func(*testing.T) World) {
	t.Run("from nobody to an administrator", func(t *testing.T) { story(t, fresh(t)) })
	t.Run("refusals", func(t *testing.T) { refusals(t, fresh(t)) })
	t.Run("watch", func(t *testing.T) { watch(t, fresh(t)) })
	t.Run("export", func(t *testing.T) { export(t, fresh(t)) })
	t.Run("digest", func(t *testing.T) { digest(t, fresh(t)) })
	t.Run("canceled", func(t *testing.T) { canceled(t, fresh(t)) })
}

// must fails the test unless err is nil.
func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		var e *core.Error
		if errors.As(err, &e) {
			t.Fatalf("%s %s: %v", e.Code, e.Key, err)
		}
		t.Fatal(err)
	}
}

// want fails the test unless err is of the code.
func want(t *testing.T, code core.Code, err error) {
	t.Helper()
	var e *core.Error
	if !errors.As(err, &e) || e.Code != code {
		t.Errorf("got %v (%s), want %s", err, core.CodeOf(err), code)
		return
	}
	if e.Message == "" || e.Key == "" {
		t.Errorf("an error without words: %+v", e)
	}
}

// enrolled sets the world up with Alice and gives her a second factor.
func enrolled(t *testing.T, w World) (core.Service, core.Secret) {
	t.Helper()
	ctx := t.Context()
	adm, err := w.Gate.SetUp(ctx, core.FirstPerson{
		FullName: "Alice Adler", Login: "alice", Mail: "alice@example.org", Language: "en",
		Password: core.NewSecret(alicesPassword), Organisation: "Example", From: "window",
	})
	must(t, err)
	if !adm.MustEnrol || adm.Token.Empty() || adm.Service == nil {
		t.Fatalf("admission %+v", adm)
	}
	offer, err := adm.Service.BeginFactor(ctx, core.Secret{})
	must(t, err)
	codes, err := adm.Service.ConfirmFactor(ctx, w.Code(offer.Secret))
	must(t, err)
	if len(codes) != core.RecoveryCodes {
		t.Errorf("%d recovery codes", len(codes))
	}
	return adm.Service, offer.Secret
}

func story(t *testing.T, w World) {
	ctx := t.Context()
	state, err := w.Gate.State(ctx)
	must(t, err)
	if !state.Empty {
		t.Errorf("not empty: %+v", state)
	}
	_, secret := enrolled(t, w)
	if state, err = w.Gate.State(ctx); err != nil || state.Empty || state.Organisation != "Example" {
		t.Errorf("after set-up: %+v %v", state, err)
	}
	_, err = w.Gate.SetUp(ctx, core.FirstPerson{FullName: "Mallory", Login: "mallory", Password: core.NewSecret(alicesPassword + "!")})
	want(t, core.Conflict, err)

	in := core.SignIn{Login: "alice", Password: core.NewSecret("wrong"), From: "window"}
	_, err = w.Gate.SignIn(ctx, in)
	want(t, core.Unauthenticated, err)
	in.Password = core.NewSecret(alicesPassword)
	_, err = w.Gate.SignIn(ctx, in)
	want(t, core.ProofRequired, err)
	in.Code = w.Code(secret)
	adm, err := w.Gate.SignIn(ctx, in)
	must(t, err)
	svc, err := w.Gate.Resume(ctx, adm.Token)
	must(t, err)

	me, err := svc.Me(ctx)
	must(t, err)
	if me.Person.Login != "alice" || !me.HasFactor || !me.MayManagePeople || !me.MayManageAccess || me.Session.Strength != core.StrengthFactor {
		t.Errorf("me %+v", me)
	}
	added, err := svc.Do(ctx, core.Call{Command: core.AddPerson{FullName: "Bob “Robert” Bäcker", Login: "bob", Mail: "bob@example.org", Language: "de"}, Key: "once"})
	must(t, err)
	if added.Person == "" || added.Secret == "" {
		t.Errorf("added %+v", added)
	}
	people, err := svc.People(ctx, core.PersonFilter{Text: "bäcker"}, core.Page{})
	must(t, err)
	if len(people.Items) != 1 || people.Items[0].ID != added.Person || people.Items[0].Name != "Bob “Robert” Bäcker" {
		t.Errorf("people %+v", people)
	}
	page, err := svc.PersonPage(ctx, added.Person)
	must(t, err)
	if page.Person.Login != "bob" {
		t.Errorf("page %+v", page)
	}
	roles, err := svc.Roles(ctx, core.RoleFilter{System: core.StintSystem}, core.Page{Limit: 2})
	must(t, err)
	if len(roles.Items) != 2 || roles.Next == "" {
		t.Errorf("roles %+v", roles)
	}
	more, err := svc.Roles(ctx, core.RoleFilter{System: core.StintSystem}, core.Page{Limit: 500, After: roles.Next})
	must(t, err)
	if len(more.Items) != len(core.BuiltInRoles())-2 || more.Items[0].ID == roles.Items[1].ID {
		t.Errorf("the next page %+v", more)
	}

	reader := core.StintRole(core.SecurityReader)
	assign := core.Assign{Role: reader, Principals: []core.PersonID{added.Person}, Kind: core.Eligible, Justification: "reads the log"}
	plan, err := svc.Preview(ctx, assign)
	must(t, err)
	if len(plan.Result.Items) != 1 || plan.Result.Items[0].Err != nil || !plan.NeedsCode {
		t.Errorf("plan %+v", plan)
	}
	// A role of Stint itself is power over Stint: a session alone doesn't give it.
	_, err = svc.Do(ctx, core.Call{Command: assign, Key: "assign without a code"})
	want(t, core.ProofRequired, err)
	res, err := svc.Do(ctx, core.Call{Command: assign, Key: "assign", Code: w.Code(secret)})
	must(t, err)
	again, err := svc.Do(ctx, core.Call{Command: assign, Key: "assign"})
	must(t, err)
	if d := cmp.Diff(res, again); d != "" {
		t.Errorf("asked again with the same key (-first +again)\n%s", d)
	}
	rows, err := svc.Assignments(ctx, core.AssignmentFilter{Principal: added.Person, States: []core.AssignmentState{core.InForce}}, core.Page{})
	must(t, err)
	n, err := svc.CountAssignments(ctx, core.AssignmentFilter{Principal: added.Person})
	must(t, err)
	if len(rows.Items) != 1 || n != 1 || rows.Items[0].Role != reader || rows.Items[0].Justification != "reads the log" {
		t.Errorf("%d assignments %+v", n, rows)
	}
	told, err := svc.Story(ctx, rows.Items[0].ID)
	must(t, err)
	if len(told) == 0 || told[0].Action != core.RoleAssigned {
		t.Errorf("story %+v", told)
	}
	settings, err := svc.Settings(ctx)
	must(t, err)
	if settings.Organisation != "Example" {
		t.Errorf("settings %+v", settings)
	}
	v, err := svc.VerifyAudit(ctx, core.Hash{}, nil)
	must(t, err)
	if v.Break != nil || v.Count == 0 {
		t.Errorf("verification %+v", v)
	}
	noted := v.Head
	v, err = svc.VerifyAudit(ctx, noted, nil)
	must(t, err)
	if v.Break != nil {
		t.Errorf("what was noted before is there, and yet: %+v", v)
	}
	noted[0] ^= 1
	v, err = svc.VerifyAudit(ctx, noted, nil)
	must(t, err)
	if v.Break == nil || v.Break.Seq != v.Seq+1 {
		t.Errorf("what was noted elsewhere is not there, and yet: %+v", v)
	}
	must(t, svc.SignOut(ctx))
	_, err = w.Gate.Resume(ctx, adm.Token)
	want(t, core.Unauthenticated, err)
	_, err = svc.Me(ctx)
	want(t, core.Unauthenticated, err)
}

func refusals(t *testing.T, w World) {
	ctx := t.Context()
	svc, _ := enrolled(t, w)
	_, err := svc.RolePage(ctx, "ro_nothing")
	want(t, core.NotFound, err)
	_, err = svc.RolePage(ctx, "../me")
	want(t, core.NotFound, err)
	_, err = svc.PersonPage(ctx, "")
	want(t, core.NotFound, err)
	_, err = svc.Do(ctx, core.Call{Command: core.AddPerson{FullName: strings.Repeat("x", 121), Login: "x"}})
	want(t, core.Invalid, err)
	_, err = svc.Do(ctx, core.Call{Command: core.DisablePerson{Person: "pe_nobody", Justification: "left the team"}})
	want(t, core.NotFound, err)
	_, err = svc.Do(ctx, core.Call{Command: core.CloseSession{}})
	if err == nil {
		t.Error("a command of Stint's own parts was taken from a person")
	}
	want(t, core.Unauthenticated, func() error { _, err := w.Gate.Resume(ctx, core.NewSecret("nonsense")); return err }())
	want(t, core.Unauthenticated, func() error { _, err := w.Gate.Resume(ctx, core.Secret{}); return err }())
	// A wrong code is no proof.
	_, err = svc.RenewRecovery(ctx, core.NewSecret("000000"))
	want(t, core.ProofRequired, err)
	want(t, core.Invalid, svc.ExportAudit(ctx, core.EntryFilter{}, "xls", new(bytes.Buffer), nil))
}

func watch(t *testing.T, w World) {
	svc, _ := enrolled(t, w)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	updates, err := svc.Watch(ctx)
	must(t, err)
	patience := time.AfterFunc(longWait, cancel)
	defer patience.Stop()
	if u, ok := <-updates; !ok || len(u.Topics) > 0 {
		t.Errorf("the first update %+v %v", u, ok)
	}
	_, err = svc.Do(ctx, core.Call{Command: core.AddPerson{FullName: "Bob Baker", Login: "bob"}})
	must(t, err)
	people := false
	for u := range updates {
		for _, topic := range u.Topics {
			people = people || topic == core.TopicPeople
		}
		if people {
			break
		}
	}
	if !people {
		t.Error("a new person is not told")
	}
	cancel()
	for range updates {
	}
}

func export(t *testing.T, w World) {
	ctx := t.Context()
	svc, _ := enrolled(t, w)
	for _, format := range []core.ExportFormat{core.ExportCSV, core.ExportJSONL} {
		var file bytes.Buffer
		var done, total int64
		must(t, svc.ExportAudit(ctx, core.EntryFilter{}, format, &file, func(d, n int64) { done, total = d, n }))
		rep, err := audit.Verify(ctx, &file, audit.Options{})
		must(t, err)
		if !rep.Complete() || rep.Count == 0 || done != rep.Count || total != rep.Count {
			t.Errorf("%s: %+v, told %d of %d", format, rep, done, total)
		}
	}
}

func canceled(t *testing.T, w World) {
	svc, _ := enrolled(t, w)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := svc.Access(ctx); core.CodeOf(err) != core.Canceled {
		t.Errorf("access: %v", err)
	}
	if _, err := svc.Do(ctx, core.Call{Command: core.AddPerson{FullName: "Bob Baker", Login: "bob"}}); core.CodeOf(err) != core.Canceled {
		t.Errorf("do: %v", err)
	}
	people, err := svc.People(t.Context(), core.PersonFilter{Text: "bob"}, core.Page{})
	must(t, err)
	if len(people.Items) != 0 {
		t.Error("a canceled command was carried out")
	}
}

// digest sets when the week in numbers is sent, and who wants it.
func digest(t *testing.T, w World) {
	alice, secret := enrolled(t, w)
	ctx := t.Context()
	do := func(c core.Command) (core.Result, error) {
		return alice.Do(ctx, core.Call{Command: c, Code: w.Code(secret)})
	}
	set, err := alice.Settings(ctx)
	must(t, err)
	if set.Digest != core.DefaultDigest() {
		t.Errorf("by default it is %+v", set.Digest)
	}
	set.Digest = core.DigestSettings{Weekday: "friday", At: "16:30", Zone: "Europe/Berlin"}
	_, err = do(core.ChangeSettings{Settings: set})
	must(t, err)
	bad := set
	bad.Digest.Zone = "Europe/Nowhere"
	_, err = do(core.ChangeSettings{Settings: bad})
	want(t, core.Invalid, err)
	old := set
	old.Digest = core.DigestSettings{} // of a client that knows of none
	_, err = do(core.ChangeSettings{Settings: old})
	must(t, err)
	now, err := alice.Settings(ctx)
	must(t, err)
	if now.Digest != set.Digest {
		t.Errorf("stored %+v, want %+v", now.Digest, set.Digest)
	}

	res, err := do(core.AddPerson{FullName: "Bob Baker", Login: "bob", Mail: "bob@example.org", Language: "en"})
	must(t, err)
	bob := core.Person{ID: res.Person, Name: "Bob Baker", Login: "bob", Mail: "bob@example.org", Language: "en"}
	_, err = do(core.ChooseDigest(bob, false))
	want(t, core.Forbidden, err)
	me, err := alice.Me(ctx)
	must(t, err)
	_, err = do(core.ChooseDigest(me.Person, false))
	must(t, err)
	if me, err = alice.Me(ctx); err != nil || !me.Person.NoDigest {
		t.Errorf("Alice gets it still: %+v, %v", me.Person, err)
	}
}
