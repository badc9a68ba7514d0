// Package guitest has a service in memory for the window's tests and for
// looking at screens: typical, empty and hostile data, and just enough
// behaviour that activating, dropping and prolonging can be watched. It
// decides nothing; the rules stand in package core.
package guitest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/stint-pim/stint/core"
)

// Code is the code of the second factor that is right here, Password the
// password.
const (
	Code     = "123456"
	Recovery = "abcd-efgh-ijkl"
	Password = "correct horse battery"
)

// Fake is a core.Service. Change its fields before the window sees it.
type Fake struct {
	mu       sync.Mutex
	now      func() time.Time
	MeNow    core.Me
	Page     core.Access // Now is filled when read
	Why      []string
	Config   core.Settings
	Sample   core.MailSample // of the last test mail
	Rows     []core.AssignmentRow
	RoleRows []core.RoleRow
	Persons  []core.PersonRow
	Crews    []core.GroupPage
	Targets  []core.SystemRow
	Drifted  map[core.SystemID]core.DriftReport
	Log      []core.Entry
	// Waiting, CaseData and DeputyData are what there is to approve.
	Waiting    []core.RequestRow
	CaseData   []core.Case
	DeputyData core.Deputies
	// Down makes every call fail as if the server could not be reached.
	Down bool
	// Calls are those that reached Do.
	Calls    []core.Call
	LoggedIn bool
	watchers []chan core.Update
	seq      int64
	nextID   int
	// Late, if set, is called with what a system does after an intent was
	// written; the demo waits a moment before it calls it. nil: at Settle.
	Late    func(func())
	waiting []func()
}

var _ core.Service = (*Fake)(nil)

func (f *Fake) id(prefix string) string {
	f.nextID++
	return fmt.Sprintf("%s_fake%04d", prefix, f.nextID)
}

func (f *Fake) lock() func() { f.mu.Lock(); return f.mu.Unlock }

func (f *Fake) up() error {
	if f.Down {
		return core.Errorf(core.Unavailable, "", "api.unreachable")
	}
	return nil
}

// Tell sends an update to everybody who watches.
func (f *Fake) Tell(notices []core.Notice, topics ...core.Topic) {
	defer f.lock()()
	f.tell(notices, topics...)
}

func (f *Fake) tell(notices []core.Notice, topics ...core.Topic) {
	f.seq++
	for _, w := range f.watchers {
		select {
		case w <- core.Update{Seq: f.seq, Topics: topics, Notices: notices}:
		default:
		}
	}
}

// Watch implements core.Service.
func (f *Fake) Watch(ctx context.Context) (<-chan core.Update, error) {
	defer f.lock()()
	if err := f.up(); err != nil {
		return nil, err
	}
	ch := make(chan core.Update, 64)
	ch <- core.Update{Seq: f.seq}
	f.watchers = append(f.watchers, ch)
	return ch, nil
}

// Cut ends all streams, as a server that goes away does.
func (f *Fake) Cut() {
	defer f.lock()()
	f.Down = true
	for _, w := range f.watchers {
		close(w)
	}
	f.watchers = nil
}

// Trouble lets the server know what is wrong now, and tells the windows.
func (f *Fake) Trouble(now ...core.Trouble) {
	defer f.lock()()
	f.MeNow.Troubles = now
	f.tell(nil, core.TopicTroubles)
}

// Settle lets the systems do what waits.
func (f *Fake) Settle() {
	unlock := f.lock()
	w := f.waiting
	f.waiting = nil
	unlock()
	for _, do := range w {
		do()
	}
}

func (f *Fake) later(do func()) {
	if f.Late != nil {
		f.Late(do)
		return
	}
	f.waiting = append(f.waiting, do)
}

// Do implements core.Service.
func (f *Fake) Do(_ context.Context, c core.Call) (core.Result, error) {
	defer f.lock()()
	if err := f.up(); err != nil {
		return core.Result{}, err
	}
	f.Calls = append(f.Calls, c)
	switch x := c.Command.(type) {
	case core.Activate:
		return f.activate(x, c.Code.Reveal())
	case core.Drop:
		return f.drop(x)
	case core.Prolong:
		return f.prolong(x, c.Code.Reveal())
	case core.RequestExtension:
		return f.ask(core.SelfExtend, x.Assignment, x.End, x.Justification)
	case core.RequestRenewal:
		return f.ask(core.SelfRenew, x.Assignment, x.End, x.Justification)
	case core.SaveFavourite:
		v := x.Favourite
		if v.ID == "" {
			v.ID = core.FavouriteID(f.id("fa"))
		}
		f.Page.Favourites = append(f.Page.Favourites, v)
		f.tell(nil, core.TopicAccess)
		return core.Result{}, nil
	case core.RemoveFavourite:
		kept := f.Page.Favourites[:0:0]
		for _, v := range f.Page.Favourites {
			if v.ID != x.ID {
				kept = append(kept, v)
			}
		}
		f.Page.Favourites = kept
		f.tell(nil, core.TopicAccess)
		return core.Result{}, nil
	case core.ChangeSettings:
		f.Config = x.Settings
		f.tell(nil, core.TopicSettings)
		return core.Result{}, nil
	}
	return core.Result{}, nil
}

func codeOK(code string) error {
	if code != Code && code != Recovery {
		return &core.Error{Code: core.ProofRequired, Field: "code", Message: "This code is wrong or was used already."}
	}
	return nil
}

func (f *Fake) eligible(id core.AssignmentID) *core.EligibleRow {
	for i := range f.Page.Eligible {
		if f.Page.Eligible[i].ID == id {
			return &f.Page.Eligible[i]
		}
	}
	return nil
}

func (f *Fake) plan(x core.Activate) core.Result {
	var res core.Result
	start := x.Start
	if start.IsZero() {
		start = f.now()
	}
	for _, it := range x.Items {
		e := f.eligible(it.Assignment)
		if e == nil {
			res.Items = append(res.Items, core.ItemResult{Err: core.Errorf(core.NotFound, "assignment", "assignment.unknown")})
			continue
		}
		r := core.ItemResult{Principal: e.Principal, Role: e.Role, Scope: it.Scope, Start: start, End: start.Add(x.Duration.Std()), Status: core.PendingProvisioning}
		if e.Blocked != nil {
			r.Err, r.Status = e.Blocked, ""
		}
		if e.SystemKind == "entra" {
			r.Notes = append(r.Notes, core.Note{Key: "Tokens already issued may work up to 60 minutes more."})
		}
		res.Items = append(res.Items, r)
	}
	return res
}

func (f *Fake) activate(x core.Activate, code string) (core.Result, error) {
	needs := false
	for _, it := range x.Items {
		if e := f.eligible(it.Assignment); e != nil && e.Policy.RequireMFA {
			needs = true
		}
	}
	if needs {
		if err := codeOK(code); err != nil {
			return core.Result{}, err
		}
	}
	if len([]rune(strings.TrimSpace(x.Justification))) < 5 {
		return core.Result{}, &core.Error{Code: core.Invalid, Field: "justification", Message: "A justification has 5 to 500 characters."}
	}
	res := f.plan(x)
	for i := range res.Items {
		it := &res.Items[i]
		if it.Err != nil {
			continue
		}
		e := f.eligible(x.Items[i].Assignment)
		row := core.AccessRow{AssignmentRow: e.AssignmentRow, Duration: x.Duration, MaxProlong: e.Policy.MaxDuration}
		row.ID, row.Basis, row.Kind, row.Origin = core.AssignmentID(f.id("as")), e.ID, core.Active, core.Activated
		row.Start, row.End, row.State, row.Justification = it.Start, it.End, core.InForce, x.Justification
		row.Request, row.RequestStatus, row.GrantState = core.RequestID(f.id("re")), core.PendingProvisioning, core.GrantGranting
		row.GrantEvidence = core.Evidence{}
		it.Assignment, it.Request = row.ID, row.Request
		e.Now = row.ID
		if !x.Start.IsZero() && x.Start.After(f.now()) {
			row.State, row.GrantState, row.RequestStatus = core.Scheduled, core.GrantAbsent, core.Granted
			it.Status = core.Granted
			f.Page.Scheduled = append(f.Page.Scheduled, row)
			continue
		}
		f.Page.Active = append(f.Page.Active, row)
		id := row.ID
		f.later(func() { f.present(id) })
	}
	f.tell(nil, core.TopicAccess, core.TopicAudit)
	return res, nil
}

func (f *Fake) present(id core.AssignmentID) {
	defer f.lock()()
	for i := range f.Page.Active {
		r := &f.Page.Active[i]
		if r.ID != id || r.GrantState != core.GrantGranting {
			continue
		}
		r.GrantState, r.RequestStatus = core.GrantPresent, core.Provisioned
		r.GrantEvidence = core.Evidence{At: f.now(), Holds: true, Query: "pg_auth_members", Answer: "holds"}
		f.tell([]core.Notice{{Kind: core.NoticeActivated, Own: true, Role: r.RoleName, System: r.SystemName, Until: r.End, Assignment: id}}, core.TopicAccess)
	}
}

func (f *Fake) drop(x core.Drop) (core.Result, error) {
	var res core.Result
	for _, id := range x.Assignments {
		kept := f.Page.Scheduled[:0:0]
		for _, r := range f.Page.Scheduled {
			if r.ID != id {
				kept = append(kept, r)
			}
		}
		f.Page.Scheduled = kept
		for i := range f.Page.Active {
			if r := &f.Page.Active[i]; r.ID == id {
				r.GrantState, r.State, r.Ended = core.GrantRemoving, core.Removed, f.now()
				f.later(func() { f.gone(id) })
			}
		}
		for i := range f.Page.Eligible {
			if f.Page.Eligible[i].Now == id {
				f.Page.Eligible[i].Now = ""
			}
		}
		res.Items = append(res.Items, core.ItemResult{Assignment: id})
	}
	f.tell(nil, core.TopicAccess)
	return res, nil
}

func (f *Fake) gone(id core.AssignmentID) {
	defer f.lock()()
	kept := f.Page.Active[:0:0]
	for _, r := range f.Page.Active {
		if r.ID != id {
			kept = append(kept, r)
		}
	}
	f.Page.Active = kept
	f.tell([]core.Notice{{Kind: core.NoticeEnded, Own: true, Assignment: id}}, core.TopicAccess)
}

func (f *Fake) prolong(x core.Prolong, code string) (core.Result, error) {
	if err := codeOK(code); err != nil {
		return core.Result{}, err
	}
	for i := range f.Page.Active {
		if r := &f.Page.Active[i]; r.ID == x.Assignment {
			r.End = f.now().Add(x.Duration.Std())
			r.Duration = core.Duration(r.End.Sub(r.Start))
			f.tell(nil, core.TopicAccess)
			return core.Result{Items: []core.ItemResult{{Assignment: r.ID, End: r.End}}}, nil
		}
	}
	return core.Result{}, core.Errorf(core.NotFound, "assignment", "assignment.unknown")
}

// Preview implements core.Service.
func (f *Fake) Preview(_ context.Context, c core.Command) (core.Plan, error) {
	defer f.lock()()
	if err := f.up(); err != nil {
		return core.Plan{}, err
	}
	switch x := c.(type) {
	case core.Activate:
		return core.Plan{Result: f.plan(x), NeedsCode: true}, nil
	case core.Prolong:
		return core.Plan{NeedsCode: true}, nil
	}
	return core.Plan{}, nil
}

// Me implements core.Service.
func (f *Fake) Me(context.Context) (core.Me, error) {
	defer f.lock()()
	return f.MeNow, f.up()
}

// Access implements core.Service.
func (f *Fake) Access(context.Context) (core.Access, error) {
	defer f.lock()()
	a := f.Page
	a.Now = f.now()
	a.Active = append([]core.AccessRow{}, a.Active...)
	a.Scheduled = append([]core.AccessRow{}, a.Scheduled...)
	a.Eligible = append([]core.EligibleRow{}, a.Eligible...)
	return a, f.up()
}

// Reasons implements core.Service.
func (f *Fake) Reasons(context.Context) ([]string, error) { return f.Why, f.up() }

// Settings implements core.Service.
func (f *Fake) Settings(context.Context) (core.Settings, error) {
	defer f.lock()()
	return f.Config, f.up()
}

// Backup implements core.Service.
func (f *Fake) Backup(_ context.Context, _, code core.Secret, w io.Writer, tell core.Progress) (core.BackupFile, error) {
	if err := codeOK(code.Reveal()); err != nil {
		return core.BackupFile{}, err
	}
	n, err := io.WriteString(w, "age-encryption.org/v1\n")
	if tell != nil {
		tell(int64(n), int64(n))
	}
	return core.BackupFile{Bytes: int64(n), Hash: core.Hash{0xab}}, errors.Join(err, f.up())
}

// Unlock implements core.Service.
func (f *Fake) Unlock(_ context.Context, p core.Secret) error {
	if p.Reveal() != Password {
		return &core.Error{Code: core.Unauthenticated, Field: "password", Message: "This is not your password."}
	}
	return f.up()
}

// SignOut implements core.Service.
func (f *Fake) SignOut(context.Context) error { return nil }

// BeginFactor implements core.Service.
func (f *Fake) BeginFactor(context.Context, core.Secret) (core.FactorOffer, error) {
	const s = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
	return core.FactorOffer{Secret: core.NewSecret(s),
		URI: core.NewSecret("otpauth://totp/Stint:alice?secret=" + s + "&issuer=Stint")}, f.up()
}

// ConfirmFactor implements core.Service.
func (f *Fake) ConfirmFactor(_ context.Context, code core.Secret) ([]string, error) {
	if err := codeOK(code.Reveal()); err != nil {
		return nil, err
	}
	return []string{"k7mp-2wxq-9ftd", "b3nz-8vhj-4rsy", "q6ct-5gkw-1mpd", "x9rf-7zbn-3hvk", "t2js-6ymq-8wcg",
		"d5hv-1pkx-9nrz", "w8gb-4tfm-2qjc", "n1yk-7rdh-6sxp", "f4zq-3cwv-5btm", "h6xs-9jng-8kdr"}, nil
}

// RenewRecovery implements core.Service.
func (f *Fake) RenewRecovery(ctx context.Context, code core.Secret) ([]string, error) {
	return f.ConfirmFactor(ctx, code)
}

// ChangePassword implements core.Service.
func (f *Fake) ChangePassword(_ context.Context, present, _ core.Secret) error {
	if present.Reveal() != Password {
		return &core.Error{Code: core.Unauthenticated, Field: "present", Message: "This is not your password."}
	}
	return nil
}

// PreviewMail implements core.Service.
func (f *Fake) PreviewMail(_ context.Context, m core.MailSample) (core.MailPreview, error) {
	return core.MailPreview{Subject: "Sample: " + string(m.Kind) + " " + m.Language, Text: "This is a sample with made-up names.\n\nWho:   Alice Meyer\nRole:  db-admin\n"}, f.up()
}

// SendTestMail implements core.Service.
func (f *Fake) SendTestMail(_ context.Context, m core.MailSettings, _ core.Secret, _ string, sample core.MailSample) error {
	f.Sample = sample
	if m.Host == "" || strings.HasPrefix(m.Host, "bad") {
		return core.Errorf(core.Unavailable, "host", "mail.unreachable")
	}
	return f.up()
}

func page[T any](all []T, p core.Page) core.List[T] {
	at := 0
	_, _ = fmt.Sscanf(p.After, "%d", &at)
	limit := p.Limit
	if limit == 0 {
		limit = 50
	}
	end := min(at+limit, len(all))
	l := core.List[T]{Items: all[min(at, end):end]}
	if end < len(all) {
		l.Next = fmt.Sprint(end)
	}
	return l
}

func has(text string, in ...string) bool {
	for _, s := range in {
		if strings.Contains(strings.ToLower(s), strings.ToLower(text)) {
			return true
		}
	}
	return text == ""
}

// Assignments implements core.Service.
func (f *Fake) Assignments(_ context.Context, q core.AssignmentFilter, p core.Page) (core.List[core.AssignmentRow], error) {
	var out []core.AssignmentRow
	for _, r := range f.Rows {
		if (q.Kind == "" || r.Kind == q.Kind) && (q.Role == "" || r.Role == q.Role) && (q.System == "" || r.System == q.System) &&
			(q.Principal == "" || r.Principal == q.Principal) && (q.Origin == "" || r.Origin == q.Origin) && has(q.Text, r.PrincipalName, r.RoleName, r.SystemName) && inStates(r.State, q.States) {
			out = append(out, r)
		}
	}
	return page(out, p), f.up()
}

func inStates(s core.AssignmentState, of []core.AssignmentState) bool {
	for _, o := range of {
		if o == s {
			return true
		}
	}
	return len(of) == 0
}

// CountAssignments implements core.Service.
func (f *Fake) CountAssignments(ctx context.Context, q core.AssignmentFilter) (int, error) {
	l, err := f.Assignments(ctx, q, core.Page{Limit: 1 << 30})
	return len(l.Items), err
}

// Roles implements core.Service.
func (f *Fake) Roles(_ context.Context, q core.RoleFilter, p core.Page) (core.List[core.RoleRow], error) {
	var out []core.RoleRow
	for _, r := range f.RoleRows {
		if (q.System == "" || q.System == r.System) && has(q.Text, r.Name, r.SystemName, r.Description) {
			out = append(out, r)
		}
	}
	return page(out, p), f.up()
}

// RolePage implements core.Service.
func (f *Fake) RolePage(_ context.Context, id core.RoleID) (core.RolePage, error) {
	for _, r := range f.RoleRows {
		if r.ID == id {
			p, from := core.ResolvePolicy(core.PolicySettings{}, core.PolicySettings{}, core.PolicySettings{})
			return core.RolePage{Role: r, Policy: p, Origins: from}, f.up()
		}
	}
	return core.RolePage{}, core.Errorf(core.NotFound, "role", "role.unknown")
}

// Policies implements core.Service.
func (f *Fake) Policies(context.Context, string) (core.PolicySettings, error) {
	return core.PolicySettings{}, f.up()
}

// ExportPolicies implements core.Service.
func (f *Fake) ExportPolicies(context.Context) (string, error) { return "", f.up() }

// PlanPolicyFile implements core.Service.
func (f *Fake) PlanPolicyFile(context.Context, string, bool) (core.PolicyPlan, error) {
	return core.PolicyPlan{}, f.up()
}

// PlanPolicyEdit implements core.Service.
func (f *Fake) PlanPolicyEdit(context.Context, core.PolicyEdit) (core.PolicyPlan, error) {
	return core.PolicyPlan{}, f.up()
}

// People implements core.Service.
func (f *Fake) People(_ context.Context, q core.PersonFilter, p core.Page) (core.List[core.PersonRow], error) {
	var out []core.PersonRow
	for _, r := range f.Persons {
		if has(q.Text, r.Name, r.Login, r.Mail) {
			out = append(out, r)
		}
	}
	return page(out, p), f.up()
}

// Approvers implements core.Service.
func (f *Fake) Approvers(_ context.Context, q core.ApproverFilter) ([]core.ApproverRow, error) {
	var all, out []core.ApproverRow
	for _, p := range f.Persons {
		all = append(all, core.ApproverRow{Approver: core.Approver{Person: p.ID}, Name: p.Name, About: p.Login, Gone: p.Disabled})
	}
	for _, g := range f.Crews {
		all = append(all, core.ApproverRow{Approver: core.Approver{Group: g.Group.ID}, Name: g.Group.Name, Members: len(g.Members), Gone: g.Group.Removed})
	}
	for _, r := range f.RoleRows {
		all = append(all, core.ApproverRow{Approver: core.Approver{Role: r.ID}, Name: r.Name, About: r.SystemName, Gone: r.Gone})
	}
	for _, a := range all {
		if len(q.IDs) == 0 && !a.Gone && has(q.Text, a.Name, a.About) || slices.Contains(q.IDs, a.ID()) {
			out = append(out, a)
		}
	}
	return out, f.up()
}

// Groups implements core.Service.
func (f *Fake) Groups(_ context.Context, q core.GroupFilter, p core.Page) (core.List[core.GroupRow], error) {
	var out []core.GroupRow
	for _, g := range f.Crews {
		if (q.ID == "" || g.Group.ID == q.ID) && has(q.Text, g.Group.Name) {
			row := g.Group
			row.Members, row.Given = len(g.Members), len(g.Given)
			out = append(out, row)
		}
	}
	return page(out, p), f.up()
}

// GroupPage implements core.Service.
func (f *Fake) GroupPage(_ context.Context, id core.GroupID) (core.GroupPage, error) {
	for _, g := range f.Crews {
		if g.Group.ID == id {
			return g, f.up()
		}
	}
	return core.GroupPage{}, core.Errorf(core.NotFound, "group", "group.unknown")
}

// PersonPage implements core.Service.
func (f *Fake) PersonPage(_ context.Context, id core.PersonID) (core.PersonPage, error) {
	for _, r := range f.Persons {
		if r.ID == id {
			return core.PersonPage{Person: r}, f.up()
		}
	}
	return core.PersonPage{}, core.Errorf(core.NotFound, "person", "person.unknown")
}

// Drift implements core.Service.
func (f *Fake) Drift(_ context.Context, id core.SystemID) (core.DriftReport, error) {
	r := f.Drifted[id]
	r.System = id
	return r, f.up()
}

// Systems implements core.Service.
func (f *Fake) Systems(context.Context) ([]core.SystemRow, error) { return f.Targets, f.up() }

// Requests implements core.Service.
func (f *Fake) Requests(context.Context, core.RequestFilter, core.Page) (core.List[core.RequestRow], error) {
	return core.List[core.RequestRow]{}, f.up()
}

// Cases implements core.Service.
func (f *Fake) Cases(context.Context, core.Page) (core.List[core.RequestRow], error) {
	return core.List[core.RequestRow]{Items: f.Waiting}, f.up()
}

// Case implements core.Service.
func (f *Fake) Case(_ context.Context, id core.RequestID) (core.Case, error) {
	for _, c := range f.CaseData {
		if c.Request.ID == id {
			return c, f.up()
		}
	}
	return core.Case{}, core.Errorf(core.NotFound, "request", "request.unknown")
}

// Deputies implements core.Service.
func (f *Fake) Deputies(context.Context) (core.Deputies, error) { return f.DeputyData, f.up() }

// Entries implements core.Service.
func (f *Fake) Entries(_ context.Context, q core.EntryFilter, p core.Page) (core.List[core.Entry], error) {
	var out []core.Entry
	for _, e := range f.Log {
		if strings.HasPrefix(string(e.Action), string(q.Action)) && (q.Role == "" || q.Role == e.Role) &&
			(q.Person == "" || q.Person == e.Actor || q.Person == e.Principal) && has(q.Text, e.ActorName, e.RoleName, e.SystemName, e.Justification, e.Detail) {
			out = append(out, e)
		}
	}
	return page(out, p), f.up()
}

// Story implements core.Service.
func (f *Fake) Story(_ context.Context, id core.AssignmentID) ([]core.Entry, error) {
	var out []core.Entry
	for i := len(f.Log) - 1; i >= 0; i-- {
		if f.Log[i].Assignment == id {
			out = append(out, f.Log[i])
		}
	}
	return out, f.up()
}

// Kinds implements core.Service.
func (f *Fake) Kinds(context.Context) ([]core.KindInfo, error) {
	return []core.KindInfo{{Kind: core.KindPostgres, Title: "PostgreSQL", Summary: "Role membership in a cluster.", HasSecret: true, Available: true,
		Fields: []core.KindField{{Name: "host", Label: "Host", Required: true, Example: "db.example.com"}, {Name: "port", Label: "Port", Default: "5432"}}},
		{Kind: core.KindLinux, Title: "Linux", Summary: "Groups of this computer.", Available: true}}, f.up()
}

// Probe implements core.Service.
func (f *Fake) Probe(context.Context, core.SystemID, core.SystemSpec) (core.Probe, error) {
	return core.Probe{OK: true, Version: "PostgreSQL 15.6", Steps: []core.ProbeStep{{Name: "connect", OK: true, Took: 12 * time.Millisecond}},
		Roles: []core.FoundRole{{External: "db_admin", Privileged: true, Holders: []string{"alice"}}, {External: "db_reader"}}}, f.up()
}

// ExportAudit implements core.Service.
func (f *Fake) ExportAudit(_ context.Context, _ core.EntryFilter, _ core.ExportFormat, w io.Writer, tell core.Progress) error {
	if tell != nil {
		tell(int64(len(f.Log)), int64(len(f.Log)))
	}
	_, err := io.WriteString(w, "seq,time\n")
	return err
}

// VerifyAudit implements core.Service.
func (f *Fake) VerifyAudit(context.Context, core.Hash, core.Progress) (core.Verification, error) {
	return core.Verification{Count: int64(len(f.Log)), Seq: int64(len(f.Log))}, f.up()
}
