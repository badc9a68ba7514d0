package core

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// recordDrift takes in what a reading of a system showed. The reading took some
// time and others went on meanwhile: a sighting counts only where the grant has
// not moved since the reading began.
func (d *decider) recordDrift(c RecordDrift) *Error {
	sys, ok := d.System(c.System)
	if !ok {
		return Errorf(NotFound, "system", "system.unknown")
	}
	if len(c.Seen) > MaxSightings || len(c.Gone) > MaxSightings || len(c.Told) > MaxSightings {
		return Errorf(Internal, "seen", "batch.size", "field", "seen", "max", "100")
	}
	for _, id := range c.Gone {
		if r, ok := d.Drift(id); ok && r.System == sys.ID && r.Kind != DriftLost {
			d.driftEnds(r, "it is no longer so")
		}
	}
	room := MaxDrift - d.CountDrift(sys.ID)
	var outside []Sighting
	for _, s := range c.Seen {
		if d.sighted(sys, s, c, room > 0) {
			room--
			if s.Kind == DriftOutside {
				outside = append(outside, s)
			}
		}
	}
	if len(outside) > 0 && !d.toldOf(c) {
		d.announce(d.outsideNotices(sys, outside, len(outside)+c.Others))
	}
	if !c.Done {
		return nil
	}
	read := Reading{System: sys.ID, At: c.Began, Held: c.Held, More: c.More}
	if !c.Restored {
		d.change(read)
		return nil
	}
	e := d.entry(SystemReread)
	e.System, e.SystemName = sys.ID, sys.Name
	e.Detail = "read for the first time since the backup was restored: " + plural(c.Unknown, "privilege is", "privileges are") + " there of which it knows nothing"
	d.record(e, read)
	return nil
}

// maxTold is how many of many things a notice lists.
const maxTold = 20

// toldOf reports whether an earlier command of the same reading has told people
// of it: then what it saw stands there since this reading.
func (d *decider) toldOf(c RecordDrift) bool {
	return slices.ContainsFunc(c.Told, func(s Sighting) bool {
		r, ok := d.DriftFor(GrantKey{System: c.System, Role: s.Role, Scope: stored(s.Scope), Account: stored(s.Account)}, s.Kind)
		return ok && s.Kind == DriftOutside && !r.First.Before(c.Began)
	})
}

// outsideNotices tell the administrators what somebody gave on a system, all
// of one reading at once; count is how much that is.
func (d *decider) outsideNotices(sys System, seen []Sighting, count int) []Notice {
	n := Notice{Kind: NoticeOutside, Count: count}
	var lines []string
	for _, s := range seen[:min(len(seen), maxTold)] {
		role, _ := d.Role(s.Role)
		who := Clip(stored(s.Account), MaxName)
		if p, ok := d.AccountOwner(sys.ID, stored(s.Account)); ok {
			who += " (" + d.nameOf(p) + ")"
		}
		n.Who, n.Role = who, role.Name
		line := who + ": " + role.Name
		if s.Scope != "/" && s.Scope != "" {
			line += ", " + Clip(stored(s.Scope), MaxName)
		}
		lines = append(lines, oneLine(line))
	}
	if more := count - len(lines); more > 0 {
		lines = append(lines, "+ "+strconv.Itoa(more))
	}
	n.Evidence = strings.Join(lines, "\n")
	return d.systemNotices(n, sys)
}

// sighted notes one thing seen and reports whether it is a new row.
func (d *decider) sighted(sys System, s Sighting, c RecordDrift, room bool) bool {
	role, ok := d.Role(s.Role)
	if !ok || role.System != sys.ID {
		return false
	}
	key := GrantKey{System: sys.ID, Role: role.ID, Scope: stored(s.Scope), Account: stored(s.Account)}
	g, known := d.GrantFor(key)
	switch {
	case known && g.Pending():
		return false // it is being asked or told; the outcome says more than we do
	case s.Kind == DriftRenamed && (!known || g.State == GrantAbsent):
		return false
	case s.Kind == DriftOutside && known && (g.State == GrantPresent && !sameless(g.Object, s.Object) || !g.Since.Before(c.Began)):
		return false
	}
	if lost, was := d.DriftFor(key, DriftLost); s.Kind == DriftOutside && was && lost.Open() && known && g.State == GrantAbsent {
		d.record(d.grantEntry(g, GrantReturned, "the system holds again what had been taken away there; it is removed, because nothing else would end it. "+Clip(stored(s.Detail), 300)))
		g.Cycle++
		g.Attempts, g.Failing, g.LastErr, g.NextTry, g.Alarmed = 0, time.Time{}, "", time.Time{}, false
		g.Evidence = seenHeld(c.Began, s.Detail)
		d.change(d.enter(g, GrantRemoving))
		return false
	}
	r, was := d.DriftFor(key, s.Kind)
	if !was {
		if !room {
			return false
		}
		r = Drift{ID: DriftID(d.env.NewID("dr")), GrantKey: key, Kind: s.Kind, First: d.env.Now}
	}
	object, detail := Clip(stored(s.Object), MaxObject), Clip(stored(s.Detail), 500)
	if was && r.Object == object && r.Detail == detail {
		return false
	}
	if was && r.Object != object { // another one under the same name: nobody has accepted that
		r.Accepted, r.By, r.Why = time.Time{}, "", ""
	}
	r.Object, r.Detail = object, detail
	if was {
		d.change(r)
		return false
	}
	d.record(d.driftEntry(r, DriftSeen, r.Detail), r)
	return true
}

// sameless reports whether two references are known and name different things.
func sameless(a, b string) bool { return a != "" && b != "" && a != b }

// lost ends what stands on a grant that was taken away on the system. What was
// there before us may go as it came: only what was ours is remembered as such.
func (d *decider) lost(g Grant) {
	ours := g.State == GrantPresent
	if !ours {
		g = d.enter(g, GrantAbsent)
	}
	d.change(g)
	d.record(d.grantEntry(g, GrantLost, "it was taken away on the system, not by Stint; it is not granted again. "+proof(g.Evidence)))
	at := len(d.events) - 1
	for _, a := range d.Wanting(g.ID) {
		if p, ok := d.Person(a.Principal); !ok || p.Disabled {
			continue
		}
		d.events[at].Notices = append(d.events[at].Notices, d.noticesOf(NoticeLost, a)...)
		d.finish(a, Removed, endedKind(a, AssignmentRemoved, ActivationEnded), endedLost, "")
	}
	if !ours {
		return
	}
	r, ok := d.DriftFor(g.GrantKey, DriftLost)
	if !ok {
		r = Drift{ID: DriftID(d.env.NewID("dr")), GrantKey: g.GrantKey, Kind: DriftLost}
	}
	r.Object, r.First, r.Detail = g.Object, d.env.Now, Clip(proof(g.Evidence), 500)
	r.Accepted, r.By, r.Why = time.Time{}, "", ""
	d.change(r)
}

// settleDrift forgets rows that a proof has answered: what was outside is gone.
func (d *decider) settleDrift(g Grant) {
	if r, ok := d.DriftFor(g.GrantKey, DriftOutside); ok {
		d.change(DriftRemoved{r.ID})
	}
	if r, ok := d.DriftFor(g.GrantKey, DriftRenamed); ok {
		d.change(DriftRemoved{r.ID})
	}
}

func (d *decider) driftEnds(r Drift, detail string) {
	d.record(d.driftEntry(r, DriftEnded, detail), DriftRemoved{r.ID})
}

// driftEntry begins an entry about a row of drift.
func (d *decider) driftEntry(r Drift, kind EventKind, detail string) Entry {
	e := d.entry(kind)
	if p, ok := d.AccountOwner(r.System, r.Account); ok {
		d.about(&e, p)
	}
	d.aboutRole(&e, r.Role)
	e.Scope = r.Scope
	e.Detail = string(r.Kind) + ": account “" + Clip(r.Account, 120) + "”"
	if detail != "" {
		e.Detail += "; " + detail
	}
	return e
}

// drift finds the row that a command is about.
func (d *decider) drift(id DriftID) (Drift, *Error) {
	r, ok := d.Drift(id)
	if !ok {
		return r, Errorf(NotFound, "drift", "drift.unknown")
	}
	return r, nil
}

// removeOutside takes away what was assigned outside Stint: through a grant
// that is removed as any other, so that its going is proven.
func (d *decider) removeOutside(c RemoveOutside) *Error {
	if err := d.may(PrivilegedRoleAdministrator); err != nil {
		return err
	}
	r, err := d.drift(c.Drift)
	if err != nil {
		return err
	}
	if r.Kind != DriftOutside {
		return Errorf(Refused, "drift", "drift.not_outside")
	}
	if err := justification(c.Justification, true); err != nil {
		return err
	}
	sys, _ := d.System(r.System)
	if sys.State != SystemConnected {
		return Errorf(Refused, "system", "system.not_connected", "system", sys.Name)
	}
	if err := external("account", r.Account); err != nil {
		return err // a name that was changed to be stored would lead to nobody
	}
	role, _ := d.Role(r.Role)
	g, known := d.GrantFor(r.GrantKey)
	switch {
	case !known:
		g = Grant{ID: GrantID(d.env.NewID("gr")), GrantKey: r.GrantKey, External: role.External}
	case g.State == GrantRemoving:
		return Errorf(Conflict, "drift", "drift.removing")
	case g.Wanted, g.Pending(), g.State == GrantPresent:
		return Errorf(Conflict, "drift", "drift.in_use", "account", Clip(r.Account, 60), "role", role.Name)
	case sameless(g.Object, r.Object):
		return Errorf(Refused, "drift", "drift.other_object", "account", Clip(r.Account, 60), "role", role.Name)
	}
	if g.Object == "" {
		g.Object = r.Object
	}
	g.Cycle++
	g.For = ""
	g.Attempts, g.Failing, g.LastErr, g.NextTry, g.Alarmed = 0, time.Time{}, "", time.Time{}, false
	g.Evidence = seenHeld(d.env.Now, r.Detail)
	e := d.driftEntry(r, OutsideRemoval, "")
	e.Justification = strings.TrimSpace(c.Justification)
	d.record(e, d.enter(g, GrantRemoving))
	return nil
}

// seenHeld is the evidence of a reading: what it saw is held, and may be taken away.
func seenHeld(at time.Time, detail string) Evidence {
	return Evidence{At: instant(at), Holds: true, Query: "reading of the whole system", Answer: Clip(stored(detail), 500)}
}

// acceptDrift notes why something may stay as it is.
func (d *decider) acceptDrift(c AcceptDrift) *Error {
	if err := d.may(PrivilegedRoleAdministrator, SecurityAdministrator); err != nil {
		return err
	}
	r, err := d.drift(c.Drift)
	if err != nil {
		return err
	}
	if err := justification(c.Justification, true); err != nil {
		return err
	}
	why := strings.TrimSpace(c.Justification)
	e := d.driftEntry(r, DriftAccepted, "")
	e.Justification = why
	if r.Kind == DriftLost { // nothing is left to look at
		d.record(e, DriftRemoved{r.ID})
		return nil
	}
	r.Accepted, r.By, r.Why = d.env.Now, d.me.ID, why
	d.record(e, r)
	return nil
}
