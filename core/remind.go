package core

import (
	"slices"
	"time"
)

// People are reminded of the end of an assignment when it can be extended, and
// once more a day before. The next moment to do so stands in the row itself and
// moves in the same transaction as what is told, so that a crash, a clock or a
// server that was away for weeks can neither lose a reminder nor repeat it: of
// those that were missed only the one that fits the time that is left is told.

// remindBefore is how long before the end, longest first.
var remindBefore = []time.Duration{ExtendWindow, 24 * time.Hour}

// EndingSoon is how long before its end who activated a role is told by mail.
// An activation that is no longer than that ends before anybody reads it.
const EndingSoon = 15 * time.Minute

// remindAt returns the next moment after now to remind of an end; zero: none.
// Nobody is reminded of what begins closer to its end than that.
func remindAt(a Assignment, now time.Time) time.Time {
	if a.Via != "" || a.Permanent() || !a.State.Live() {
		return time.Time{}
	}
	ahead := remindBefore
	if a.Origin == Activated {
		ahead = []time.Duration{EndingSoon}
	}
	if a.Start.After(now) {
		now = a.Start
	}
	for _, before := range ahead {
		if at := a.End.Add(-before); at.After(now) {
			return instant(at)
		}
	}
	return time.Time{}
}

// remindAssignment tells that an assignment ends soon.
func (d *decider) remindAssignment(c RemindAssignment) *Error {
	a, ok := d.Assignment(c.Assignment)
	if !ok || !a.State.Live() || a.Remind.IsZero() || d.env.Now.Before(a.Remind) || d.over(a) {
		return nil
	}
	a.Remind = remindAt(a, d.env.Now)
	if a.Origin == Activated {
		d.change(a)
		d.announce(d.endingNotices(a))
		return nil
	}
	e := d.entry(AssignmentReminded)
	d.aboutAssignment(&e, a.ID)
	e.Detail = "it ends in " + Span(a.End.Sub(d.env.Now)) + ", at " + Clock(a.End)
	d.record(e, a).Notices = d.remindNotices(NoticeExpiring, a)
	return nil
}

// endingNotices tells who activated a role that it ends soon, and for how long
// he may prolong it.
func (d *decider) endingNotices(a Assignment) []Notice {
	n := d.remindNotices(NoticeEnding, a)
	if p := d.policy(a.Role); p.AllowProlong {
		for i := range n {
			n[i].Lasts = p.MaxDuration
		}
	}
	return n
}

// remindNotices tells the person, unless he can't sign in, and the administrators.
func (d *decider) remindNotices(kind NoticeKind, a Assignment) []Notice {
	n := d.noticesOf(kind, a)
	return slices.DeleteFunc(n, func(n Notice) bool {
		p, ok := d.Person(n.To)
		return ok && p.Disabled
	})
}
