package simulate

import (
	"errors"
	"slices"

	"github.com/stint-pim/stint/core"
)

// checkAnswers holds what clients were told to what was committed meanwhile.
func (w *world) checkAnswers(calls []*asked, fresh []core.Entry, commits int) {
	for _, c := range calls {
		var done, refused, proofs int
		for _, e := range fresh {
			if e.Actor != c.who {
				continue
			}
			switch {
			case e.Action == core.CommandRefused:
				refused++
			case e.Action == core.FactorFailed || e.Action == core.CodeReused || e.Action == core.FactorLocked || e.Action == core.RecoveryUsed:
				proofs++
			default:
				done++
			}
		}
		items := 0
		for _, it := range c.res.Items {
			if it.Err != nil {
				items++
			}
		}
		c.committed = done > 0
		verb := c.cmd.Verb()
		switch {
		case c.cut:
			if done > 0 && !w.hiding && w.proc != nil && !w.proc.dead {
				w.fail("acknowledgedIsInTheLog", "%s was done, and its client was told that nothing was", verb)
			}
		case c.err != nil:
			if done > 0 {
				w.fail("refusedIsNotDone", "%s was refused (%v) and done", verb, c.err)
			}
			if e := (*core.Error)(nil); errors.As(c.err, &e) && e.Key == "key.reused" && !c.reused {
				w.fail("aKeyGivesTheFirstAnswer", "%s had a new key, which was taken for one used before", verb)
			}
			if refused != 1 || proofs > 1 {
				w.fail("refusedLeavesOneEntry", "%s was refused (%v) with %d entries that say so and %d about the code", verb, c.err, refused, proofs)
			}
		default:
			if done == 0 || commits == 0 {
				w.fail("acknowledgedIsInTheLog", "%s was acknowledged, the log has nothing of it", verb)
			}
			if refused != items {
				w.fail("refusedLeavesOneEntry", "%s had %d refused lines and left %d entries of it", verb, items, refused)
			}
			w.checkDone(c)
		}
	}
}

// checkDone holds an accepted command to the rules once more, from the book.
func (w *world) checkDone(c *asked) {
	b, now := w.book, w.book.last
	mfa := false
	switch cmd := c.cmd.(type) {
	case core.Activate:
		for i, it := range c.res.Items {
			if it.Err != nil {
				continue
			}
			p := b.policy(it.Role)
			mfa = mfa || p.RequireMFA
			if p.RequireApproval != (it.Status == core.PendingApproval) {
				w.fail("approvalIsNeeded", "%s activated %s, which is %s", b.nameOf(c.who), b.roleName(it.Role), it.Status)
			}
			if it.End.Sub(it.Start) > p.MaxDuration.Std() {
				w.fail("neverPastTheMaximum", "%s activated %s for %v, allowed are %v", b.nameOf(c.who), b.roleName(it.Role), it.End.Sub(it.Start), p.MaxDuration.Std())
			}
			basis := b.assignments[cmd.Items[i].Assignment]
			account := b.account[core.Account{Person: c.who, System: basis.System}]
			if basis.Kind != core.Eligible || basis.Principal != c.who || !basis.State.Live() || b.people[c.who].Disabled ||
				account == "" && basis.System != core.StintSystem || b.systems[basis.System].State != core.SystemConnected {
				w.fail("onlyTheEligibleActivate", "%s activated %s on %s, which is %s", b.nameOf(c.who), b.roleName(it.Role), basis.ID, basis.State)
			}
		}
	case core.Prolong:
		it := c.res.Items[0]
		p := b.policy(it.Role)
		mfa = p.RequireMFA
		if it.End.Sub(now) > p.MaxDuration.Std() {
			w.fail("neverPastTheMaximum", "%s prolonged %s until %v, now is %v, allowed are %v", b.nameOf(c.who), b.roleName(it.Role), it.End, now, p.MaxDuration.Std())
		}
	case core.DecideRequests:
		for _, it := range c.res.Items {
			if r := b.requests[it.Request]; it.Err == nil && r.Action == core.SelfActivate && it.End.Sub(it.Start) > b.policy(it.Role).MaxDuration.Std() {
				w.fail("neverPastTheMaximum", "%s activated %s for %v by approval", b.nameOf(r.Principal), b.roleName(it.Role), it.End.Sub(it.Start))
			}
		}
	case core.CancelRequests:
		for _, id := range cmd.Requests {
			if b.requests[id].Requester != c.who && !b.holds(c.who, now, core.GlobalAdministrator, core.PrivilegedRoleAdministrator) {
				w.fail("onlyAdministrators", "%s took back %s of %s", b.nameOf(c.who), id, b.nameOf(b.requests[id].Requester))
			}
		}
	case core.Drop, core.SetDeputy, core.RequestExtension, core.RequestRenewal:
	default:
		roles := []string{core.GlobalAdministrator, core.PrivilegedRoleAdministrator, core.UserAdministrator}
		own := slices.Contains([]string{"end-sessions"}, c.cmd.Verb())
		// What he gave up in this very command he held when it was decided.
		gave := slices.Contains([]string{"remove-assignments", "update-assignment", "remove-members", "remove-group"}, c.cmd.Verb())
		if !own && !gave && !b.holds(c.who, now, roles...) {
			w.fail("onlyAdministrators", "%s did %s", b.nameOf(c.who), c.cmd.Verb())
		}
	}
	if mfa && c.code != fresh {
		w.fail("aCodeIsGoodOnce", "%s was done with code %v", c.cmd.Verb(), c.code)
	}
}
