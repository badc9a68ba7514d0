package core

import (
	"strconv"
	"time"
)

// recordOutcome takes in what a system answered about a grant. What was read
// back is always believed; whether it also served the present wish depends on
// whether that wish changed meanwhile (the cycle).
func (d *decider) recordOutcome(c RecordOutcome) *Error {
	g, ok := d.Grant(c.Grant)
	if !ok {
		return Errorf(NotFound, "grant", "grant.unknown")
	}
	current := c.Cycle == g.Cycle
	if !current && c.Problem == "" && (c.Observed || !c.Evidence.Holds && g.Wanted && (g.State == GrantPresent || g.State == GrantFound)) {
		return nil // somebody has changed his mind since that was read; it is read again
	}
	c.Problem = Clip(stored(c.Problem), 500)
	if !c.Evidence.At.IsZero() {
		c.Evidence.At = instant(c.Evidence.At)
		c.Evidence.Query, c.Evidence.Answer = Clip(stored(c.Evidence.Query), 500), Clip(stored(c.Evidence.Answer), 500)
		g.Evidence = c.Evidence
	}
	if c.Problem != "" {
		if current {
			d.grantFailed(g, c)
		}
		return nil
	}
	if c.Evidence.At.IsZero() {
		return Errorf(Invalid, "evidence", "evidence.missing")
	}
	if c.Object != "" {
		g.Object = Clip(stored(c.Object), MaxObject)
	}
	if !c.Evidence.Holds && g.Wanted && (g.State == GrantPresent || g.State == GrantFound) {
		if !g.past(d.env.Now) { // else we took it away ourselves, and are about to write so
			d.lost(g)
		}
		return nil
	}
	was := g
	g = d.believe(g, c)
	if current {
		g.Attempts, g.Failing, g.LastErr, g.NextTry, g.Alarmed = 0, time.Time{}, "", time.Time{}, false
	}
	d.change(g)
	d.tellProof(was, g)
	return nil
}

// believe moves a grant to the state that its wish and the evidence give.
func (d *decider) believe(g Grant, c RecordOutcome) Grant {
	holds := c.Evidence.Holds
	switch {
	case c.Foreign && holds, g.State == GrantUnknown && holds, g.State == GrantFound && holds:
		return d.enter(g, GrantFound)
	case g.Wanted && holds:
		return d.enter(g, GrantPresent)
	case g.Wanted:
		return d.enter(g, GrantGranting)
	case holds:
		return d.enter(g, GrantRemoving)
	}
	return d.enter(g, GrantAbsent)
}

// tellProof writes what the step from one state to the other means.
func (d *decider) tellProof(was, g Grant) {
	switch {
	case g.State == GrantPresent && was.State != GrantPresent:
		d.record(d.grantEntry(g, GrantMade, proof(g.Evidence)))
		d.provisioned(g)
	case g.State == GrantFound && was.State != GrantFound:
		d.record(d.grantEntry(g, GrantObserved, "the system held this before Stint did anything; it will be left as it is. "+proof(g.Evidence)))
		d.provisioned(g)
	case g.State == GrantAbsent && was.State == GrantRemoving:
		e := d.record(d.grantEntry(g, GrantRemoved, proof(g.Evidence)))
		if r, ok := d.DriftFor(g.GrantKey, DriftLost); !ok || !r.Open() { // else they were told when it was lost
			e.Notices = d.endedNotices(g)
		}
		d.settleDrift(g)
	}
}

// provisioned completes the requests that waited for a grant.
func (d *decider) provisioned(g Grant) {
	for _, a := range d.Wanting(g.ID) {
		r, ok := d.Request(a.Request)
		if !ok || r.Status != PendingProvisioning {
			continue
		}
		r.Status, r.Completed = Provisioned, d.env.Now
		d.change(r)
		if a.Origin == Activated {
			d.nowActive(a, g.Evidence)
		}
	}
}

// grantFailed counts a failed attempt. The log gets the first failure, each
// new reason and the moment it counts as stuck, not every try of an endless row.
func (d *decider) grantFailed(g Grant, c RecordOutcome) {
	now, fresh := d.env.Now, g.LastErr != c.Problem
	g.Attempts++
	g.LastErr = c.Problem
	g.NextTry = instant(now.Add(c.Retry))
	if g.Failing.IsZero() {
		g.Failing = now
	}
	if fresh {
		e := d.grantEntry(g, GrantFailed, "attempt "+strconv.Itoa(g.Attempts)+": "+g.LastErr)
		e.Outcome = OutcomeFailed
		d.record(e)
	}
	if !g.Alarmed && g.Stuck(now) {
		g.Alarmed = true
		what := "it should be there and is not"
		if !g.Wanted {
			what = "it should be gone and may still be there"
		}
		e := d.grantEntry(g, GrantStuck, what+"; failing since "+Clock(g.Failing)+": "+g.LastErr)
		e.Outcome = OutcomeFailed
		d.record(e).Notices = d.stuckNotices(g)
	}
	if c.Foreign && g.State == GrantGranting {
		g = d.enter(g, GrantUnknown) // it is not ours, though it could not be had; ask before anything else
	}
	d.change(g)
}

// grantEntry begins an entry of Stint itself about a grant.
func (d *decider) grantEntry(g Grant, kind EventKind, detail string) Entry {
	e := d.entry(kind)
	if a, ok := d.Assignment(g.For); ok {
		e.Request, e.Justification = a.Request, a.Justification
		e.Assignment = a.ID
		d.about(&e, a.Principal)
	} else if p, ok := d.AccountOwner(g.System, g.Account); ok {
		d.about(&e, p)
	}
	d.aboutRole(&e, g.Role)
	e.Scope, e.Detail = g.Scope, detail
	return e
}

// proof writes evidence as a sentence.
func proof(ev Evidence) string {
	if ev.At.IsZero() {
		return "already held"
	}
	s := ev.Query + ": " + ev.Answer + ", read back " + ev.At.UTC().Format("2006-01-02 15:04:05.000 UTC")
	if ev.Ended > 0 {
		s += ", " + plural(ev.Ended, "live session", "live sessions") + " ended"
	}
	return s
}

// recordHealth notes the steps between reachable and not; the last contact
// itself is kept without a line in the log.
func (d *decider) recordHealth(c RecordHealth) *Error {
	s, ok := d.System(c.System)
	if !ok {
		return Errorf(NotFound, "system", "system.unknown")
	}
	was, known := s.Health.Error, !s.Health.Checked.IsZero()
	s.Health.Checked = d.env.Now
	if c.Problem == "" {
		s.Health.LastOK, s.Health.Error, s.Health.Since = d.env.Now, "", time.Time{}
		if c.Version != "" {
			s.Health.Version = Clip(stored(c.Version), 200)
		}
	} else {
		if was == "" {
			s.Health.Since = d.env.Now
		}
		s.Health.Error = Clip(stored(c.Problem), 500)
	}
	var e Entry
	switch {
	case c.Problem != "" && was == "":
		e = d.entry(SystemUnreachable)
		e.Outcome, e.Detail = OutcomeFailed, s.Health.Error
	case c.Problem == "" && was != "" && known:
		e = d.entry(SystemReachable)
	}
	if e.Action != "" {
		e.System, e.SystemName = s.ID, s.Name
	}
	d.record(e, s)
	return nil
}

// finishDrain forgets how to reach a system that nothing is left on.
func (d *decider) finishDrain(c FinishDrain) *Error {
	s, ok := d.System(c.System)
	if !ok || s.State != SystemDraining {
		return nil
	}
	if n := d.GrantsOn(c.System); n > 0 || len(d.LiveOn(c.System, 1)) > 0 {
		return Errorf(Conflict, "system", "system.draining", "system", s.Name, "count", strconv.Itoa(n))
	}
	s.State, s.Sealed = SystemRemoved, nil
	e := d.entry(SystemDropped)
	e.System, e.SystemName = s.ID, s.Name
	d.record(e, s)
	return nil
}
