package service_test

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stint-pim/stint/core"
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
	h.key(err, "code.recovery_used")
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
