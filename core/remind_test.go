package core_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/engine"
)

// postbox collects what the people of a company are told about ends.
type postbox struct {
	l   *lease
	sub *engine.Subscription
}

func (l *lease) postbox() *postbox {
	p := &postbox{l: l, sub: l.Engine.Subscribe()}
	l.T.Cleanup(func() { p.sub.Close() })
	return p
}

// take returns "kind to whom", each with how often.
func (p *postbox) take() map[string]int {
	out := map[string]int{}
	for _, n := range p.sub.Take().Notices {
		if n.Kind == core.NoticeExpiring || n.Kind == core.NoticeExpired {
			out[fmt.Sprint(n.Kind, " to ", n.ToName)]++
			if n.Assignment != p.l.id || n.Who != "Ann" || n.Role != "dba" || !n.Until.Equal(p.l.Assignment(p.l.id).End) {
				p.l.T.Errorf("told: %+v", n)
			}
		}
	}
	return out
}

func (p *postbox) wants(when string, want map[string]int) {
	p.l.T.Helper()
	if d := cmp.Diff(want, p.take()); d != "" {
		p.l.T.Errorf("%s (-want +got)\n%s", when, d)
	}
}

var (
	nothing  = map[string]int{}
	expiring = map[string]int{"expiring to Ann": 1, "expiring to Bo Boss": 1, "expiring to Cleo": 1}
	expired  = map[string]int{"expired to Ann": 1, "expired to Bo Boss": 1, "expired to Cleo": 1}
)

// 14 days, one day, and at the end: the person and the administrators, once each.
func TestReminders(t *testing.T) {
	both(t, func(t *testing.T, l *lease) {
		p := l.postbox()
		l.until(l.end.Add(-14*day - time.Microsecond))
		p.wants("too early", nothing)
		l.until(l.end.Add(-14 * day))
		p.wants("14 days before", expiring)
		l.until(l.end.Add(-day - time.Microsecond))
		p.wants("between", nothing)
		l.until(l.end.Add(-day))
		p.wants("a day before", expiring)
		l.until(l.end.Add(-time.Microsecond))
		p.wants("before the end", nothing)
		l.until(l.end)
		p.wants("at the end", expired)
		l.Pass(20 * day)
		p.wants("afterwards", nothing)
		// A renewed one is reminded of anew.
		l.Must(l.Boss, l.renew(l.now().Add(15*day)))
		l.Pass(day)
		p.wants("14 days before the new end", expiring)
		l.Verify()
	})
}

// A server that was away tells the latest that applies, and nothing twice,
// whether it was killed or its clock was turned.
func TestRemindersAfterAbsence(t *testing.T) {
	for name, c := range map[string]struct {
		at   time.Duration // before the end
		want map[string]int
	}{
		"two weeks": {10 * day, expiring}, "the last day": {time.Hour, expiring}, "too late": {0, expired}, "long past": {-40 * day, expired},
	} {
		l := newLease(t, core.Eligible)
		l.Clock.Set(l.end.Add(-c.at))
		l.Restart()
		p := l.postbox()
		l.Settle()
		p.wants(name, c.want)
		for range 3 { // restarts, and a clock that is turned back and forth
			p.sub.Close()
			l.Clock.Step(-30 * day)
			l.Restart()
			p = l.postbox()
			l.Settle()
			l.Clock.Step(30 * day)
			l.Settle()
			p.wants(name+", again", nothing)
		}
	}
}

// Nobody is reminded of what was given for so short a time, or whose end an
// administrator moved; what ends later is reminded of later.
func TestRemindersOfWhatChanges(t *testing.T) {
	l := newLease(t, core.Eligible)
	p := l.postbox()
	l.until(l.end.Add(-14 * day))
	p.wants("14 days before", expiring)
	longer := l.end.Add(30 * day)
	l.Must(l.Boss, l.extend(longer))
	l.until(l.end)
	p.wants("extended", nothing)
	l.until(longer.Add(-14 * day))
	p.wants("14 days before the new end", expiring)
	l.Must(l.Boss, core.UpdateAssignment{Assignment: l.id, End: l.now().Add(12 * time.Hour), Justification: why})
	l.Pass(11 * time.Hour)
	p.wants("shortened to less than a day", nothing)
	l.Pass(time.Hour)
	p.wants("its end", expired)
	// Given for ten days: only the day before. A disabled person is told nothing.
	l.id = l.Must(l.Boss, core.Assign{Role: l.dba, Principals: []core.PersonID{l.ann}, Kind: core.Eligible, End: l.now().Add(10 * day), Justification: why}).Items[0].Assignment
	l.Pass(9*day - time.Microsecond)
	p.wants("not at once", nothing)
	l.Must(l.Boss, core.DisablePerson{Person: l.ann})
	l.Pass(time.Microsecond)
	p.wants("a day before", map[string]int{"expiring to Bo Boss": 1, "expiring to Cleo": 1})
	// What was removed is never reminded of.
	l.Must(l.Boss, core.RemoveAssignments{Assignments: []core.AssignmentID{l.id}})
	l.Pass(2 * day)
	p.wants("removed", nothing)
}
