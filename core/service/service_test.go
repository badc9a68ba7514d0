package service_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/audit"
)

var page = core.Page{Limit: 500}

// From an empty store to a privilege that a system really holds, and back.
func TestFromSetUpToActive(t *testing.T) {
	h := newHouse(t, nil)
	ctx := t.Context()
	res := h.boss.must(core.AddPerson{FullName: "Ann", Login: "ann"})
	adm, err := h.gate.SignIn(ctx, core.SignIn{Login: "ANN", Password: core.NewSecret(res.Secret), From: "window"})
	h.ok(err)
	if !adm.MustChangePassword || !adm.MustEnrol || adm.Session.Strength != core.StrengthPassword {
		t.Errorf("first sign-in: %+v", adm)
	}
	// Until both is done nothing is shown and nothing carried out.
	for name, err := range reads(ctx, adm.Service) {
		if name == "Me" || name == "Settings" {
			h.ok(err)
			continue
		}
		h.key(err, "factor.first")
	}
	_, err = adm.Service.Do(ctx, core.Call{Command: core.EndSessions{Person: res.Person}})
	h.key(err, "factor.first")

	p := &person{Service: adm.Service, h: h, id: res.Person, login: "ann", pass: "Ann-orbit-pepper-quilt-97"}
	h.ok(p.ChangePassword(ctx, core.NewSecret(res.Secret), core.NewSecret(p.pass)))
	p.enrol()
	_, role := h.system(p)
	basis := h.eligible(p, role)
	drops := []core.DropReason{core.DropOnLock, core.DropOnSignOut}
	h.boss.must(core.SetPolicy{Level: core.DefaultLevel, Settings: core.PolicySettings{DropOn: &drops}})
	p.signIn()
	activate := core.Activate{Items: []core.ActivationItem{{Assignment: basis}}, Duration: core.Duration(time.Hour), Justification: why}
	plan, err := p.Preview(ctx, activate)
	h.ok(err)
	if !plan.NeedsCode || plan.Result.Items[0].Err != nil {
		t.Errorf("preview: %+v", plan)
	}
	_, err = p.Do(ctx, core.Call{Command: activate})
	h.key(err, "code.needed")
	code := p.code()
	_, err = p.Do(ctx, core.Call{Command: activate, Code: code})
	h.ok(err)
	_, err = p.Do(ctx, core.Call{Command: core.Drop{Assignments: []core.AssignmentID{basis}}, Code: code})
	h.key(err, "drop.assigned")
	_, err = p.BeginFactor(ctx, code) // the same code again, for something else
	h.key(err, "code.used")
	h.settle()
	if !h.kind.System("db").Holds("dba", "ann") {
		t.Error("not held")
	}
	acc, err := p.Access(ctx)
	h.ok(err)
	if len(acc.Active) != 1 || acc.Active[0].GrantState != core.GrantPresent || len(acc.Eligible) != 1 || acc.Eligible[0].Now != acc.Active[0].ID {
		t.Errorf("access: %+v", acc)
	} else if diff := cmp.Diff(drops, acc.Active[0].DropOn); diff != "" {
		t.Errorf("what ends it at once (-want +got):\n%s", diff)
	}
	h.clock.Set(h.clock.Now().Add(time.Hour))
	h.settle()
	if h.kind.System("db").Holds("dba", "ann") {
		t.Error("held after the end")
	}
	_, err = h.gate.SetUp(ctx, core.FirstPerson{FullName: "Eve", Login: "eve", Password: core.NewSecret(bossPass)})
	h.key(err, "setup.done")
	// The recovery codes work at sign-in, once.
	in := core.SignIn{Login: "ann", Password: core.NewSecret(p.pass), Code: core.NewSecret(p.codes[0]), From: "window"}
	_, err = h.gate.SignIn(ctx, in)
	h.ok(err)
	_, err = h.gate.SignIn(ctx, in)
	h.key(err, "code.wrong")
}

// reads calls everything that only reads.
func reads(ctx context.Context, s core.Service) map[string]error {
	out := map[string]error{}
	note := func(name string, _ any, err error) { out[name] = err }
	each(ctx, s, note)
	return out
}

func each(ctx context.Context, s core.Service, note func(string, any, error)) {
	me, err := s.Me(ctx)
	note("Me", me, err)
	set, err := s.Settings(ctx)
	note("Settings", set, err)
	acc, err := s.Access(ctx)
	note("Access", acc, err)
	why, err := s.Reasons(ctx)
	note("Reasons", why, err)
	as, err := s.Assignments(ctx, core.AssignmentFilter{}, page)
	note("Assignments", as, err)
	n, err := s.CountAssignments(ctx, core.AssignmentFilter{})
	note("CountAssignments", n, err)
	req, err := s.Requests(ctx, core.RequestFilter{}, page)
	note("Requests", req, err)
	ent, err := s.Entries(ctx, core.EntryFilter{}, page)
	note("Entries", ent, err)
	own, err := s.PersonPage(ctx, me.Person.ID)
	note("PersonPage", own, err)
	var story core.AssignmentID = "as_none"
	if len(as.Items) > 0 {
		story = as.Items[0].ID
	}
	st, err := s.Story(ctx, story)
	if story != "as_none" || core.CodeOf(err) != core.NotFound {
		note("Story", st, err)
	}
	var b bytes.Buffer
	note("ExportAudit", &b, s.ExportAudit(ctx, core.EntryFilter{}, core.ExportJSONL, &b, nil))
	restricted(ctx, s, note)
}

// restricted calls what only readers of everything may see.
func restricted(ctx context.Context, s core.Service, note func(string, any, error)) map[string]error {
	out := map[string]error{}
	add := func(name string, v any, err error) {
		out[name] = err
		if note != nil && (err == nil || core.CodeOf(err) == core.Forbidden) {
			if err != nil && keyOf(err) == "rights.read" {
				err = core.Errorf(core.Forbidden, "", "factor.first") // told apart in TestForbiddenLists
			}
			note(name, v, err)
		}
	}
	ga := core.StintRole(core.GlobalAdministrator)
	ro, err := s.Roles(ctx, core.RoleFilter{}, page)
	add("Roles", ro, err)
	rp, err := s.RolePage(ctx, ga)
	add("RolePage", rp, err)
	po, err := s.Policies(ctx, core.DefaultLevel)
	add("Policies", po, err)
	file, err := s.ExportPolicies(ctx)
	add("ExportPolicies", file, err)
	plan, err := s.PlanPolicyFile(ctx, "stint: policy\nversion: 1\n", false)
	add("PlanPolicyFile", plan, err)
	plan, err = s.PlanPolicyEdit(ctx, core.PolicyEdit{Levels: []string{core.DefaultLevel}})
	add("PlanPolicyEdit", plan, err)
	pe, err := s.People(ctx, core.PersonFilter{}, page)
	add("People", pe, err)
	sy, err := s.Systems(ctx)
	add("Systems", sy, err)
	ki, err := s.Kinds(ctx)
	add("Kinds", ki, err)
	ve, err := s.VerifyAudit(ctx, core.Hash{}, nil)
	add("VerifyAudit", ve, err)
	return out
}

func keyOf(err error) core.TextKey {
	var e *core.Error
	if errors.As(err, &e) {
		return e.Key
	}
	return ""
}

// Unknown login, wrong password and disabled person are told apart by nothing.
func TestSignInTellsNothing(t *testing.T) {
	h := newHouse(t, nil)
	ann := h.join("Ann")
	h.boss.must(core.DisablePerson{Person: ann.id})
	try := func(login, pass string) error {
		_, err := h.gate.SignIn(t.Context(), core.SignIn{Login: login, Password: core.NewSecret(pass), Code: core.NewSecret("123456"), From: "window"})
		return err
	}
	want := try("nobody", "x")
	h.key(want, "signin.wrong")
	for name, err := range map[string]error{"wrong": try("boss", "x"), "disabled": try("ann", ann.pass), "empty": try("", "")} {
		if d := cmp.Diff(want, err); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
	_, err := ann.Me(t.Context())
	h.key(err, "session.none")
	_, err = h.gate.Resume(t.Context(), ann.adm.Token)
	h.key(err, "session.none")
	_, err = h.gate.Resume(t.Context(), core.NewSecret("no token"))
	h.key(err, "session.none")
	_, err = h.gate.Resume(t.Context(), h.boss.adm.Token)
	h.ok(err)
	h.ok(h.boss.SignOut(t.Context()))
	_, err = h.gate.Resume(t.Context(), h.boss.adm.Token)
	h.key(err, "session.none")
}

// A right present password is told by nothing while wrong ones have locked it.
func TestLockedPasswordTellsNothing(t *testing.T) {
	h := newHouse(t, nil)
	ann := h.join("Ann")
	weak, good := core.NewSecret("password"), core.NewSecret("meadow-anvil-sprocket-81")
	first := ann.ChangePassword(t.Context(), core.NewSecret("wrong"), weak)
	if d := cmp.Diff(first, ann.ChangePassword(t.Context(), core.NewSecret(ann.pass), weak)); d != "" {
		t.Errorf("a weak new password tells whether the present one is right: %s", d)
	}
	for range core.MaxWrongPasswords {
		h.key(ann.Unlock(t.Context(), core.NewSecret("wrong")), "password.wrong")
	}
	for _, pass := range []string{"wrong", ann.pass} {
		h.key(ann.Unlock(t.Context(), core.NewSecret(pass)), "signin.locked")
		h.key(ann.ChangePassword(t.Context(), core.NewSecret(pass), good), "signin.locked")
	}
	h.clock.Set(h.clock.Now().Add(core.LockFor))
	h.ok(ann.Unlock(t.Context(), core.NewSecret(ann.pass)))
	h.ok(ann.ChangePassword(t.Context(), core.NewSecret(ann.pass), good))
}

// Who holds no role of Stint sees what is his and nothing else.
func TestOwnRowsOnly(t *testing.T) {
	h := newHouse(t, nil)
	ctx := t.Context()
	ann, bob := h.join("Ann"), h.join("Bob")
	_, role := h.system(ann, bob)
	mine, his := h.eligible(ann, role), h.eligible(bob, role)
	for _, f := range []core.AssignmentFilter{{}, {Principal: bob.id}, {ID: his}, {Role: role}} {
		l, err := ann.Assignments(ctx, f, page)
		h.ok(err)
		for _, a := range l.Items {
			if a.Principal != ann.id {
				t.Errorf("%+v shows %s", f, a.ID)
			}
		}
		n, err := ann.CountAssignments(ctx, f)
		h.ok(err)
		if n != len(l.Items) {
			t.Errorf("%+v: counted %d, listed %d", f, n, len(l.Items))
		}
	}
	reqs, err := ann.Requests(ctx, core.RequestFilter{Principal: bob.id}, page)
	h.ok(err)
	if len(reqs.Items) != 1 || reqs.Items[0].Assignment != mine {
		t.Errorf("requests: %+v", reqs.Items)
	}
	es, err := ann.Entries(ctx, core.EntryFilter{Person: bob.id}, page)
	h.ok(err)
	if len(es.Items) == 0 {
		t.Error("no entries of her own")
	}
	for _, e := range es.Items {
		if e.Actor != ann.id && e.Principal != ann.id {
			t.Errorf("entry %d is none of hers: %+v", e.Seq, e)
		}
	}
	_, err = ann.Story(ctx, mine)
	h.ok(err)
	_, err = ann.Story(ctx, his)
	h.key(err, "assignment.unknown")
	_, err = ann.PersonPage(ctx, bob.id)
	h.key(err, "rights.read")
	var file bytes.Buffer
	h.ok(ann.ExportAudit(ctx, core.EntryFilter{Person: bob.id}, core.ExportJSONL, &file, nil))
	if s := file.String(); strings.Contains(s, "Bob") || !strings.Contains(s, "Ann") {
		t.Error("the export is not hers alone")
	}
	for name, err := range restricted(ctx, ann, nil) {
		if keyOf(err) != "rights.read" {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, err = ann.Probe(ctx, "", core.SystemSpec{Kind: core.KindSample})
	h.key(err, "rights.read")
	h.key(ann.SendTestMail(ctx, core.MailSettings{}, core.Secret{}, "x@example.org", core.MailSample{}), "rights.read")
	_, err = ann.PreviewMail(ctx, core.MailSample{})
	h.key(err, "rights.read")
	_, err = h.boss.PreviewMail(ctx, core.MailSample{Kind: "rain"})
	h.key(err, "mail.no_such_notice")
	if p, err := h.boss.PreviewMail(ctx, core.MailSample{Kind: core.NoticeLost}); err != nil || p.Subject != "lost en" {
		t.Errorf("preview: %+v %v", p, err)
	}
	set, err := ann.Settings(ctx)
	h.ok(err)
	if set.Mail.Host != "" {
		t.Error("she sees how mail leaves")
	}
	for _, c := range []core.Command{core.EndAssignment{Assignment: his}, core.SetUp{}, core.RecordOutcome{}, nil} {
		_, err = ann.Do(ctx, core.Call{Command: c})
		h.key(err, "command.unknown")
		_, err = ann.Preview(ctx, c)
		h.key(err, "command.unknown")
	}
	// As a reader she sees all and still changes nothing.
	h.boss.must(core.Assign{Role: core.StintRole(core.SecurityReader), Principals: []core.PersonID{ann.id}, Kind: core.Active, Justification: why})
	for name, err := range restricted(ctx, ann, nil) {
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, err = ann.Do(ctx, core.Call{Command: core.RemoveAssignments{Assignments: []core.AssignmentID{his}}})
	h.key(err, "rights.missing")
}

// The first update comes at once; others when something concerns the person;
// notices only of his own; the end comes with the session.
func TestWatch(t *testing.T) {
	h := newHouse(t, nil)
	ann, bob := h.join("Ann"), h.join("Bob")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	news, err := ann.Watch(ctx)
	h.ok(err)
	take := func() (core.Update, bool) {
		t.Helper()
		select {
		case u, ok := <-news:
			return u, ok
		case <-time.After(10 * time.Second):
			t.Fatal("no update")
			return core.Update{}, false
		}
	}
	if u, _ := take(); len(u.Topics) != 0 || len(u.Notices) != 0 {
		t.Errorf("first: %+v", u)
	}
	role := core.StintRole(core.SecurityReader)
	h.boss.must(core.Assign{Role: role, Principals: []core.PersonID{bob.id}, Kind: core.Eligible, Justification: why})
	id := h.boss.must(core.Assign{Role: role, Principals: []core.PersonID{ann.id}, Kind: core.Eligible, Justification: why}).Items[0].Assignment
	u, _ := take()
	if len(u.Notices) != 1 || u.Notices[0].To != ann.id || u.Notices[0].Assignment != id || !slices.Contains(u.Topics, core.TopicAccess) {
		t.Errorf("assigned: %+v", u)
	}
	if slices.Contains(u.Topics, core.TopicAudit) || slices.Contains(u.Topics, core.TopicAssignments) {
		t.Errorf("topics of administrators: %v", u.Topics)
	}
	h.boss.must(core.EndSessions{Person: ann.id})
	for {
		if _, ok := take(); !ok {
			break
		}
	}
	_, err = ann.Watch(ctx)
	h.key(err, "session.none")
	// And with its context, while nobody reads.
	bobs, err := bob.Watch(ctx)
	h.ok(err)
	cancel()
	for range bobs {
	}
}

// hangUp is a reader that hangs up after so many bytes.
type hangUp struct {
	after  int
	cancel context.CancelFunc
	io.Writer
}

func (w *hangUp) Write(b []byte) (int, error) {
	if w.after -= len(b); w.after <= 0 {
		w.cancel()
	}
	return w.Writer.Write(b)
}

func TestExportAudit(t *testing.T) {
	h := newHouse(t, nil)
	for range 250 { // a file of several buffers
		h.boss.must(core.ChangeSettings{Settings: core.Settings{Organisation: strings.Repeat("ü", 120)}})
		h.boss.must(core.UpdateRole{Role: core.StintRole(core.SecurityReader), Name: "Security Reader", Description: "Reads everything and exports the audit log.", Privileged: true})
	}
	var file bytes.Buffer
	h.ok(h.boss.ExportAudit(t.Context(), core.EntryFilter{}, core.ExportJSONL, &file, nil))
	rep, err := audit.Verify(t.Context(), bytes.NewReader(file.Bytes()), audit.Options{})
	if err != nil || rep.Break != nil || rep.Count < 100 {
		t.Errorf("the file: %+v, %v", rep, err)
	}
	last := func() (e core.Entry) {
		l, err := h.boss.Entries(t.Context(), core.EntryFilter{}, core.Page{Limit: 1})
		h.ok(err)
		return l.Items[0]
	}
	if e := last(); e.Action != core.AuditExported || !strings.Contains(e.Detail, "everything") || e.Actor != h.boss.id {
		t.Errorf("entry: %+v", e)
	}
	// Who hangs up on the last line has read the others; the log says so.
	ctx, cancel := context.WithCancel(t.Context())
	err = h.boss.ExportAudit(ctx, core.EntryFilter{}, core.ExportCSV, &hangUp{1, cancel, io.Discard}, nil)
	h.key(err, "call.canceled")
	if e := last(); e.Action != core.AuditExported || !strings.Contains(e.Detail, "stopped before the end") {
		t.Errorf("entry: %+v", e)
	}
	err = h.boss.ExportAudit(t.Context(), core.EntryFilter{}, "pdf", io.Discard, nil)
	if core.CodeOf(err) != core.Invalid {
		t.Errorf("format: %v", err)
	}
}

// tampered is a store in which somebody has changed a row of the log.
type tampered struct {
	core.Store
	seq    int64
	change func(*core.Entry)
}

func (s *tampered) EachEntry(ctx context.Context, f core.EntryFilter, each func(*core.Entry) error) error {
	return s.Store.EachEntry(ctx, f, func(e *core.Entry) error {
		c := *e
		if c.Seq == s.seq {
			s.change(&c)
		}
		return each(&c)
	})
}

func TestVerifyAudit(t *testing.T) {
	var bad *tampered
	h := newHouse(t, func(s core.Store) core.Store { bad = &tampered{Store: s}; return bad })
	v, err := h.boss.VerifyAudit(t.Context(), core.Hash{}, nil)
	if err != nil || v.Break != nil || v.Count == 0 || v.Seq != v.Count {
		t.Fatalf("%+v, %v", v, err)
	}
	bad.seq, bad.change = 2, func(e *core.Entry) { e.PrincipalName = "Somebody Else" }
	v, err = h.boss.VerifyAudit(t.Context(), core.Hash{}, nil)
	if err != nil || v.Break == nil || v.Break.Seq != 2 || v.Count != 1 {
		t.Fatalf("%+v, %v", v, err)
	}
	if l, _ := h.boss.Entries(t.Context(), core.EntryFilter{Action: core.AuditVerified}, core.Page{Limit: 1}); l.Items[0].Outcome != core.OutcomeFailed {
		t.Errorf("entry: %+v", l.Items[0])
	}
}

// A stored credential goes only where it was stored for.
func TestStoredSecretsStay(t *testing.T) {
	h := newHouse(t, nil)
	ctx := t.Context()
	id, _ := h.system()
	spec := core.SystemSpec{Name: "db", Kind: core.KindSample, Settings: map[string]string{"as": "postgres", "host": "db.example.org"}}
	_, err := h.boss.Probe(ctx, id, spec)
	h.ok(err)
	for _, k := range []string{"host", "port", "user", "sslmode", "ca_file"} {
		evil := spec
		evil.Settings = map[string]string{"as": "postgres", "host": "db.example.org"}
		evil.Settings[k] = "evil"
		_, err = h.boss.Probe(ctx, id, evil)
		h.key(err, "probe.secret_again")
		_, err = h.boss.Do(ctx, core.Call{Command: core.UpdateSystem{System: id, SystemSpec: evil}})
		h.key(err, "probe.secret_again")
	}
	m := core.MailSettings{Host: "mail.example.org", Port: 587, Security: core.MailSTARTTLS, Auth: core.MailAuthPlain, User: "stint", From: "stint@example.org"}
	h.boss.must(core.ChangeSettings{Settings: core.Settings{Mail: m}, MailPassword: core.NewSecret(mailPass)})
	h.ok(h.boss.SendTestMail(ctx, m, core.Secret{}, "ann@example.org", core.MailSample{}))
	if want := []string{"mail.example.org " + mailPass + " ann@example.org"}; !slices.Equal(h.post.sent, want) {
		t.Errorf("sent %q", h.post.sent)
	}
	for _, change := range []func(*core.MailSettings){
		func(m *core.MailSettings) { m.Host = "evil.example.org" }, func(m *core.MailSettings) { m.Port = 25 },
		func(m *core.MailSettings) { m.User = "eve" }, func(m *core.MailSettings) { m.Security = core.MailTLS }, func(m *core.MailSettings) { m.CAFile = "/tmp/ca" },
	} {
		evil := m
		change(&evil)
		h.key(h.boss.SendTestMail(ctx, evil, core.Secret{}, "eve@example.org", core.MailSample{}), "probe.secret_again")
		_, err = h.boss.Do(ctx, core.Call{Command: core.ChangeSettings{Settings: core.Settings{Mail: evil}}})
		h.key(err, "probe.secret_again")
		// Nor in two steps, over a server that wants no password.
		evil.Auth = core.MailAuthNone
		h.boss.must(core.ChangeSettings{Settings: core.Settings{Mail: evil}})
		evil.Auth = core.MailAuthPlain
		h.ok(h.boss.SendTestMail(ctx, evil, core.Secret{}, "eve@example.org", core.MailSample{}))
		if got := h.post.sent[len(h.post.sent)-1]; strings.Contains(got, mailPass) {
			t.Errorf("the stored password went along: %s", got)
		}
		h.boss.must(core.ChangeSettings{Settings: core.Settings{Mail: m}, MailPassword: core.NewSecret(mailPass)})
	}
	down := m
	down.Host = "down.example.org"
	if err := h.boss.SendTestMail(ctx, down, core.NewSecret("x"), "ann@example.org", core.MailSample{}); core.CodeOf(err) != core.Unavailable {
		t.Errorf("a server that is down: %v", err)
	}
	if !strings.HasSuffix(h.actions(), "mail.tested") {
		t.Errorf("a failed test left no entry: %s", h.actions())
	}
}

// A first password is shown once, and never one that isn't in force.
func TestFirstPasswordOnce(t *testing.T) {
	h := newHouse(t, nil)
	call := core.Call{Command: core.AddPerson{FullName: "Ann", Login: "ann"}, Key: "k"}
	one, err := h.boss.Do(t.Context(), call)
	h.ok(err)
	two, err := h.boss.Do(t.Context(), call)
	h.ok(err)
	if one.Secret == "" || two.Secret != "" || one.Person != two.Person {
		t.Errorf("%+v, then %+v", one, two)
	}
	_, err = h.gate.SignIn(t.Context(), core.SignIn{Login: "ann", Password: core.NewSecret(one.Secret), From: "window"})
	h.ok(err)
	res := h.boss.must(core.ResetPassword{Person: one.Person})
	_, err = h.gate.SignIn(t.Context(), core.SignIn{Login: "ann", Password: core.NewSecret(res.Secret), From: "window"})
	h.ok(err)
}

// Nothing sealed, no hash, no seed and no password is in anything that is
// returned or kept in the log.
func TestNothingSecretLeaves(t *testing.T) {
	h := newHouse(t, nil)
	ann := h.join("Ann")
	id, role := h.system(ann)
	basis := h.eligible(ann, role)
	ann.must(core.Activate{Items: []core.ActivationItem{{Assignment: basis}}, Duration: core.Duration(time.Hour), Justification: why})
	h.settle()
	m := core.MailSettings{Host: "mail.example.org", Port: 587, Security: core.MailSTARTTLS, Auth: core.MailAuthPlain, User: "stint", From: "stint@example.org"}
	h.boss.must(core.ChangeSettings{Settings: core.Settings{Mail: m}, MailPassword: core.NewSecret(mailPass)})
	secrets := append([]string{systemPass, mailPass, bossPass, ann.pass, "argon2", ann.secret.Reveal(), h.boss.secret.Reveal(), ann.adm.Token.Reveal(), h.boss.adm.Token.Reveal(), ann.codes[1]}, ann.said...)
	sealed := func(b []byte) { secrets = append(secrets, string(b), base64.StdEncoding.EncodeToString(b)) }
	h.ok(h.store.Read(t.Context(), func(v core.View) error {
		s, _ := v.System(id)
		sealed(s.Sealed)
		sealed(v.Settings().Mail.Sealed)
		for _, p := range []core.PersonID{ann.id, h.boss.id} {
			f, _ := v.Factor(p)
			sealed(f.Sealed)
			secrets = append(secrets, f.Recovery...)
		}
		return nil
	}))
	if slices.Contains(secrets, "") {
		t.Fatal("a secret of the test is empty")
	}
	look := func(name string, v any) {
		t.Helper()
		b, err := json.Marshal(v)
		h.ok(err)
		if buf, ok := v.(*bytes.Buffer); ok {
			b = buf.Bytes()
		}
		for _, s := range secrets {
			if bytes.Contains(b, []byte(s)) {
				t.Errorf("%s holds %q", name, s)
			}
		}
	}
	calls := 0
	each(t.Context(), h.boss, func(name string, v any, err error) {
		h.ok(err)
		calls++
		look(name, v)
	})
	if calls != 21 {
		t.Errorf("%d calls", calls)
	}
	sys, err := h.boss.Systems(t.Context())
	h.ok(err)
	set, err := h.boss.Settings(t.Context())
	h.ok(err)
	for _, s := range sys {
		if s.Sealed != nil {
			t.Error("a system's sealed credential is returned")
		}
	}
	if set.Mail.Sealed != nil {
		t.Error("the sealed mail password is returned")
	}
	pp, err := h.boss.PersonPage(t.Context(), ann.id)
	h.ok(err)
	look("PersonPage", pp)
	pr, err := h.boss.Probe(t.Context(), id, core.SystemSpec{Name: "db", Kind: core.KindSample, Settings: map[string]string{"as": "postgres", "host": "db.example.org"}})
	h.ok(err)
	look("Probe", pr)
	_, err = h.boss.Do(t.Context(), core.Call{Command: core.UpdateSystem{System: "sy_none", SystemSpec: core.SystemSpec{Secret: core.NewSecret(systemPass)}}})
	look("an error", err)
}

// A role gives nothing to a session that proved a password alone, however high.
func TestNewcomersRightsRest(t *testing.T) {
	h := newHouse(t, nil)
	res := h.boss.must(core.AddPerson{FullName: "Ann", Login: "ann"})
	h.boss.must(core.Assign{Role: core.StintRole(core.GlobalAdministrator), Principals: []core.PersonID{res.Person}, Kind: core.Active, Justification: why})
	h.boss.must(core.ChangeSettings{Settings: core.Settings{Mail: core.MailSettings{Host: "mail.example.org", Port: 25, Security: core.MailTLS, Auth: core.MailAuthNone, From: "stint@example.org"}}})
	adm, err := h.gate.SignIn(t.Context(), core.SignIn{Login: "ann", Password: core.NewSecret(res.Secret), From: "window"})
	h.ok(err)
	for name, err := range restricted(t.Context(), adm.Service, nil) {
		if core.CodeOf(err) != core.Forbidden {
			t.Errorf("%s: %v", name, err)
		}
	}
	me, err := adm.Service.Me(t.Context())
	h.ok(err)
	set, err := adm.Service.Settings(t.Context())
	h.ok(err)
	if me.MayRead || me.MayManageAccess || me.MayManagePeople || me.MayExport || me.MayChangeSettings || set.Mail.Host != "" {
		t.Errorf("%+v, %+v", me, set)
	}
}
