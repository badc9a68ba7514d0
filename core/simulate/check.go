package simulate

import (
	"context"
	"time"

	"github.com/stint-pim/stint/core"
)

// says is what must hold, in a sentence each.
var says = map[string]string{
	"theStoreOpens":                "a store opens after any crash with all that was acknowledged",
	"theChainVerifies":             "the audit chain verifies after every commit",
	"theLogIsKept":                 "what was committed is in the log for ever, as it was",
	"theClockNeverGoesBack":        "the engine's clock never goes back and is never slower than time, across restarts too",
	"statusFollowsTheArrows":       "every request's history fits the state machine",
	"assignmentsFollowTheArrows":   "every assignment's history fits the state machine",
	"grantsFollowTheArrows":        "every grant's history fits the state machine",
	"everyChangeHasItsEntry":       "every change of state has its entry in the log, in the same commit",
	"answersAreKnown":              "every answer is a result or a refusal, never a fault of ours",
	"acknowledgedIsInTheLog":       "what was acknowledged is in the log",
	"refusedLeavesOneEntry":        "a refused command leaves one entry and changes nothing else",
	"refusedIsNotDone":             "what was refused was not done",
	"aKeyGivesTheFirstAnswer":      "an idempotency key asked again gives the first answer and does nothing",
	"aCodeIsGoodOnce":              "a code is good once",
	"aPreviewChangesNothing":       "a preview changes nothing",
	"aPreviewTellsTheTruth":        "a preview says what would be answered",
	"onlyAdministrators":           "only administrators give administrators' commands",
	"onlyTheEligibleActivate":      "only who is enabled, eligible and has an account activates",
	"approvalIsNeeded":             "what needs approval is asked for, and becomes something only when enough people agreed in time",
	"nobodyDecidesHisOwn":          "nobody answers his own request, by any path, nor one twice",
	"oneWaits":                     "never do two requests about the same wait at once",
	"neverPastTheMaximum":          "no activation is longer than the policy allowed when it was asked for or prolonged",
	"oneActivationPerBasis":        "never are two live activations on one eligible assignment",
	"nothingOutlivesItsBasis":      "no activation outlives the eligible assignment it stands on",
	"theDisabledHoldNothing":       "a disabled person has no live activation",
	"membersHaveWhatTheirGroupHas": "each member of a group has what it was given, for the same time, and nobody else has it through the group",
	"alwaysAnAdministrator":        "there is always an administrator for good",
	"wantedIsComputed":             "a grant is wanted, and until when, exactly as the assignments in force say",
	"pausesAreBounded":             "a failing grant is tried again within five minutes, for ever",
	"everyPrivilegeHasARow":        "no system holds a privilege by our doing that no row knows",
	"nobodyHoldsPastTheEnd":        "nobody holds past the end once the system can be reached, within seconds",
	"dueIsDone":                    "what is due is done within two seconds while the store works",
	"whatWasThereIsLeft":           "what was there before us is left",
	"lostWasTaken":                 "what the log says was taken away on a system, somebody did take away",
	"presentIsThere":               "what Stint says is present is there until its end, unless somebody took it away",
	"driftIsSeen":                  "what is given by hand on a system is listed within a minute",
	"everythingSettles":            "when all faults heal, within minutes nothing is pending and systems hold exactly what is wanted",
	"nobodySpins":                  "no loop wakes again and again at the same instant",
	"nothingPanics":                "nothing panics",
}

// soonEnough is how late an end may be carried out on a system that can be
// reached: the engine looks once a second, the worker is told at once, a call
// may take a fifth of a second here, and a system that comes back is seen
// within a second.
const soonEnough = 3 * time.Second

// checkAlways is looked at after each step.
func (w *world) checkAlways() {
	w.checkClock()
	w.checkAssignments()
	w.checkGrants()
	w.checkHosts()
}

func (w *world) checkClock() {
	p := w.proc
	if p == nil || p.dead {
		return
	}
	now := p.eng.Now()
	if passed, told := w.Elapsed()-p.toldAt, now.Sub(p.told); told < passed-time.Millisecond {
		w.fail("theClockNeverGoesBack", "%v passed, and the engine's clock went from %v to %v", passed, p.told, now)
	}
	p.told, p.toldAt = now, w.Elapsed()
}

// settledSince is since when nothing was in the way of Stint itself.
func (w *world) settledSince() (time.Duration, bool) {
	if w.proc == nil || w.proc.dead || w.upSince < 0 || w.lived < w.diskTill {
		return 0, false
	}
	return max(w.upSince, w.awake, w.stepped, w.diskDirty), true
}

func (w *world) checkAssignments() {
	standing := map[core.AssignmentID]core.AssignmentID{}
	var given []core.Assignment
	have := map[through]int{}
	admins := 0
	b := w.book
	var now time.Time
	since, settled := w.settledSince()
	if settled = settled && w.lived-since > 2*time.Second; settled {
		now = w.proc.told
	}
	for _, id := range b.live {
		a := b.assignments[id]
		person := b.people[a.Principal]
		if settled && (!a.End.IsZero() && now.Sub(a.End) > 2*time.Second || a.State == core.Scheduled && now.Sub(a.Start) > 2*time.Second) {
			w.fail("dueIsDone", "%s of %s in %s is %s at %v: from %v until %v", id, person.Name, b.roleName(a.Role), a.State, now, a.Start, a.End)
		}
		if a.Basis != "" {
			if other, ok := standing[a.Basis]; ok {
				w.fail("oneActivationPerBasis", "%s and %s stand on %s", id, other, a.Basis)
			}
			standing[a.Basis] = id
			basis := b.assignments[a.Basis]
			switch {
			case !basis.State.Live(), !basis.End.IsZero() && a.End.After(basis.End):
				w.fail("nothingOutlivesItsBasis", "%s lasts until %v, %s is %s until %v", id, a.End, a.Basis, basis.State, basis.End)
			case person.Disabled:
				w.fail("theDisabledHoldNothing", "%s of %s is %s", id, person.Name, a.State)
			case a.End.IsZero():
				w.fail("neverPastTheMaximum", "%s has no end", id)
			}
		}
		switch {
		case a.OfGroup():
			given = append(given, a)
		case a.Via != "" && a.Origin == core.Assigned:
			have[through{a.Via, a.Principal}]++
			w.checkThroughGroup(a)
		}
		if a.State == core.InForce && a.Kind == core.Active && a.Role == core.StintRole(core.GlobalAdministrator) && a.Permanent() && a.Origin == core.Assigned &&
			!a.OfGroup() && !person.Disabled && (b.factors[a.Principal].Confirmed || !b.policy(a.Role).RequireMFA) {
			admins++
		}
	}
	for _, a := range given {
		w.checkMembers(a, have)
	}
	for _, id := range b.pending {
		if r := b.requests[id]; settled && now.Sub(r.Due) > 2*time.Second {
			w.fail("dueIsDone", "%s waits at %v, time asked something of it at %v", id, now, r.Due)
		}
	}
	if admins == 0 && len(b.entries) > 30 {
		w.fail("alwaysAnAdministrator", "nobody is Global Administrator for good")
	}
}

type wish struct {
	wanted  bool
	forGood bool
	until   time.Time
}

// wishes computes what should be wanted of each grant.
func (b *book) wishes() map[core.GrantID]wish {
	all := map[core.GrantID]wish{}
	for _, id := range b.live {
		a := b.assignments[id]
		if a.State != core.InForce || a.Kind != core.Active || a.Grant == "" || b.people[a.Principal].Disabled {
			continue
		}
		x := all[a.Grant]
		x.wanted = true
		if a.End.IsZero() {
			x.forGood, x.until = true, time.Time{}
		} else if !x.forGood && a.End.After(x.until) {
			x.until = a.End
		}
		all[a.Grant] = x
	}
	return all
}

func (w *world) checkGrants() {
	b := w.book
	all := b.wishes()
	for _, id := range b.held {
		g, x := b.grants[id], all[id]
		if g.Wanted != x.wanted || !g.Until.Equal(x.until) {
			w.fail("wantedIsComputed", "%s %s/%s: wanted %v until %v, should be %v until %v", id, g.External, g.Account, g.Wanted, g.Until, x.wanted, x.until)
		}
		// A process that starts with the clock set back goes on from the time that
		// was noted, which is at most a minute old.
		if w.proc != nil && !w.proc.dead && g.Pending() && !g.NextTry.IsZero() && g.NextTry.Sub(w.proc.told) > 6*time.Minute+time.Second {
			w.fail("pausesAreBounded", "%s is tried again at %v, now is %v", id, g.NextTry, w.proc.told)
		}
	}
}

// lookAfresh is after how many looks at a host it is asked again what it holds
// though nothing is known to have changed, so that a place in the simulator which
// forgets to say so hides nothing for long.
const lookAfresh = 32

// noticed is what is held on a host: as it was last seen, while nothing was done
// there since.
func (h *host) noticed() []place {
	if h.looks++; h.stirred || h.looks%lookAfresh == 0 {
		h.seen, h.stirred = h.holds(), false
	}
	return h.seen
}

// checkHosts compares what is held out there with what gives a right to it.
func (w *world) checkHosts() {
	since, settled := w.settledSince()
	rights := w.rights()
	w.markAstray()
	for _, h := range w.hosts {
		if h.inTrouble(w) {
			h.dirty = w.lived
		}
		reachable := settled && h.calls == 0
		clean := max(since, h.dirty, min(h.faultTill, w.lived), min(h.slowTill, w.lived))
		for _, till := range h.bad {
			clean = max(clean, min(till, w.lived))
		}
		h.look++
		for _, at := range h.noticed() {
			p := h.at(at)
			p.look = h.look
			if p.foreign || p.murky {
				p.pending = false
				continue
			}
			known, right, waits := w.rightTo(at, rights)
			if !known {
				w.fail("everyPrivilegeHasARow", "%s holds %s/%s, and no grant is on its way or there", h.name, at.role, at.account)
			}
			switch {
			case right:
				p.pending = false
			case !p.pending:
				p.pending, p.since = true, w.lived
			case reachable && !waits && w.lived-max(p.since, clean) > soonEnough:
				w.fail("nobodyHoldsPastTheEnd", "%s/%s is held on %s %v after its end", at.role, at.account, h.name, w.lived-p.since)
			}
		}
		for at, p := range h.privilege {
			if p.look == h.look {
				continue
			}
			p.foreign, p.murky, p.pending = false, false, false // it is not held
			// What was told of its end just before a process died is absent already,
			// while the next one's clock may begin a minute earlier.
			if w.proc == nil || w.proc.dead || w.lived-w.proc.begun < 2*time.Minute || h.calls > 0 || p.robbed {
				continue
			}
			for _, id := range w.book.at[at] {
				g := w.book.grants[id]
				if g.State == core.GrantPresent && (g.Until.IsZero() || w.proc.told.Before(g.Until)) {
					w.fail("presentIsThere", "%s/%s is present until %v, %s does not hold it, and nobody took it away", at.role, at.account, g.Until, h.name)
				}
			}
		}
	}
}

// markAstray notes which hosts Stint looks for at the wrong place.
func (w *world) markAstray() {
	for _, h := range w.hosts {
		h.astray = false
	}
	for _, id := range w.book.lands {
		if w.book.systems[id].State == core.SystemRemoved {
			continue
		}
		if h := w.hostFor(id); h != nil && w.hostOf(id) != h {
			h.astray = true
		}
	}
}

// troubled reports whether something is wrong with a host now.
func (h *host) troubled(w *world) bool {
	w.markAstray()
	return h.inTrouble(w)
}

func (h *host) inTrouble(w *world) bool {
	if h.astray || w.lived < h.faultTill || w.lived < h.slowTill || h.faultLeft > 0 || len(h.renamed) > 0 {
		return true
	}
	for _, till := range h.bad {
		if w.lived < till {
			return true
		}
	}
	return false
}

// rights are the grants that an assignment in force gives a right to.
func (w *world) rights() map[core.GrantID]bool {
	all := map[core.GrantID]bool{}
	for _, id := range w.book.live {
		a := w.book.assignments[id]
		if a.State == core.InForce && a.Kind == core.Active && a.Grant != "" && !w.book.people[a.Principal].Disabled &&
			(a.End.IsZero() || w.proc == nil || w.proc.told.Before(a.End)) {
			all[a.Grant] = true
		}
	}
	return all
}

// rightTo reports whether a grant knows of a place, whether an assignment
// gives a right to it, and whether its grant waits after a failed attempt.
func (w *world) rightTo(at place, rights map[core.GrantID]bool) (known, right, waits bool) {
	for _, id := range w.book.at[at] {
		g := w.book.grants[id]
		known = known || g.State == core.GrantGranting || g.State == core.GrantPresent || g.State == core.GrantRemoving
		right = right || rights[g.ID]
		waits = waits || w.proc != nil && g.LastErr != "" && g.NextTry.Add(soonEnough).After(w.proc.told)
	}
	return known, right, waits
}

// checkStore compares a store that was just opened with the book.
func (w *world) checkStore() {
	l, err := w.store.Entries(context.Background(), core.EntryFilter{}, core.Page{Limit: 1})
	if err != nil {
		w.fail("theStoreOpens", "read the log: %v", err)
		return
	}
	var last core.Entry
	if len(l.Items) > 0 {
		last = l.Items[0]
	}
	want := w.book.ver.Head
	if last.Seq != want.Seq || last.Hash != want.Hash {
		w.fail("theLogIsKept", "the log ends with entry %d, %d were committed", last.Seq, want.Seq)
	}
}

// checkStory reads the whole log and all rows back.
func (w *world) checkStory() {
	var ver core.Verifier
	err := w.store.EachEntry(context.Background(), core.EntryFilter{}, func(e *core.Entry) error {
		if bad := ver.Check(e); bad != nil {
			w.fail("theChainVerifies", "entry %d: %s", bad.Seq, bad.Reason)
		} else if e.Hash != w.book.entries[e.Seq-1].Hash {
			w.fail("theLogIsKept", "entry %d is not as it was committed", e.Seq)
		}
		return nil
	})
	if err != nil {
		w.fail("theStoreOpens", "read the log: %v", err)
	}
	if ver.Count != int64(len(w.book.entries)) {
		w.fail("theLogIsKept", "%d entries are there, %d were committed", ver.Count, len(w.book.entries))
	}
	w.checkRows()
}

// checkRows compares the rows of the store with what was committed.
func (w *world) checkRows() {
	err := w.store.Read(context.Background(), func(v core.View) error {
		for _, id := range w.book.order {
			if a, ok := v.Assignment(id); !ok || a != w.book.assignments[id] {
				w.fail("theLogIsKept", "assignment %s is %+v, committed was %+v", id, a, w.book.assignments[id])
			}
		}
		for _, id := range w.book.held {
			if g, ok := v.Grant(id); !ok || g != w.book.grants[id] {
				w.fail("theLogIsKept", "grant %s is %+v, committed was %+v", id, g, w.book.grants[id])
			}
		}
		return v.Err()
	})
	if err != nil {
		w.fail("theStoreOpens", "read rows: %v", err)
	}
}
