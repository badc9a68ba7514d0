// Package guitest has a service in memory for the window's tests and for
// looking at screens: typical, empty and hostile data, and just enough
// behaviour that activating, dropping and prolonging can be watched. It
// decides nothing; the rules stand in package core.
package guitest

import (
	"context"
	"fmt"
	"io"
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
	mu    sync.Mutex
	now   func() time.Time
	MeNow core.Me
	Page  core.Access // Now is filled when read
	Why   []string

	Prolonged core.Status // what prolonging answers

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
