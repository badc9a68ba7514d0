package core_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stint-pim/stint/core"
)

// What was given for good is counted on every way that leads there, and only
// then: extended at once, by an answer, or as the other kind, and renewed.
func TestForGood(t *testing.T) {
	other := map[core.AssignmentKind]core.AssignmentKind{core.Eligible: core.Active, core.Active: core.Eligible}
	for name, c := range map[string]struct {
		give  func(l *lease, permanent bool)
		after bool // when it has expired
		turns bool // into the other kind
	}{
		"extended": {give: func(l *lease, permanent bool) {
			c := l.extend(l.end.Add(30 * day))
			if c.Permanent = permanent; permanent {
				c.End = time.Time{}
			}
			l.Must(l.Boss, c)
		}},
		"answered": {give: func(l *lease, permanent bool) {
			c := l.extension(l.end.Add(30 * day))
			if c.Permanent = permanent; permanent {
				c.End = time.Time{}
			}
			l.Must(l.cleo, answer(l.ask(c), true))
		}},
		"as the other kind": {turns: true, give: func(l *lease, permanent bool) {
			c := l.extension(l.end.Add(30 * day))
			if c.Permanent = permanent; permanent {
				c.End = time.Time{}
			}
			yes := answer(l.ask(c), true)
			yes.Kind = other[l.kind]
			l.Must(l.cleo, yes)
		}},
		"renewed": {after: true, give: func(l *lease, permanent bool) {
			c := l.renew(l.now().Add(30 * day))
			if c.Permanent = permanent; permanent {
				c.End = time.Time{}
			}
			l.Must(l.Boss, c)
		}},
	} {
		for _, permanent := range []bool{true, false} {
			both(t, func(t *testing.T, l *lease) {
				l.until(l.end.Add(-10 * day))
				if c.after {
					l.until(l.end.Add(day))
				}
				before := l.Head().Seq
				c.give(l, permanent)
				list := l.Entries(before)
				slices.Reverse(list)
				tally := core.NewTally(core.DigestSpan{From: l.now().Add(-day), To: l.now().Add(day), Zone: time.UTC})
				l.View(func(v core.View) { tally.Add(v, list) })
				got := tally.Digest(core.Standing{}, false)
				kind := l.kind
				if c.turns {
					kind = other[kind]
				}
				want := core.Week{}
				var made []core.Made
				if permanent {
					made = []core.Made{{Who: "Ann", Role: "dba", System: "db", Kind: kind}}
					if want.MadeEligible = 1; kind == core.Active {
						want.MadeEligible, want.MadeActive = 0, 1
					}
				}
				week := core.Week{MadeEligible: got.Week.MadeEligible, MadeActive: got.Week.MadeActive}
				if d := cmp.Diff(want, week) + cmp.Diff(made, got.Made); d != "" {
					t.Errorf("%s, for good: %v (-want +got)\n%s", name, permanent, d)
				}
			})
		}
	}
}
