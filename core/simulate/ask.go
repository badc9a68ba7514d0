package simulate

import (
	"context"
	"slices"
	"time"

	"github.com/stint-pim/stint/core"
)

// askActs are what people do who ask, and who are asked.
func askActs() map[string]func(*world, Step) {
	pending := func(w *world, n int) (core.Request, bool) {
		id, ok := pick(n, w.book.pending)
		return w.book.requests[id], ok
	}
	return map[string]func(*world, Step){
		"approval": func(w *world, s Step) { // a role or a system asks for approval, or no longer
			level := string(w.someRole(s.N[0]))
			if sys, ok := pick(s.N[0], w.connected()); ok && s.N[1]%6 == 0 {
				level = string(sys.ID)
			}
			set := w.book.levels[level]
			yes := s.N[1]>>3%3 > 0
			set.RequireApproval = &yes
			var stages []core.Stage
			for i := range 1 + s.N[2]%5/4 {
				st := core.Stage{Quorum: 1 + s.N[2]>>3%5/4}
				for j := range s.N[2] >> 6 % 4 { // none: who administers
					p, _ := pick(s.N[0]+i+3*j, w.people)
					if a := (core.Approver{Person: p}); !slices.Contains(st.Approvers, a) {
						st.Approvers = append(st.Approvers, a)
					}
				}
				if s.N[2]>>9%3 == 0 {
					st.EscalateAfter, st.EscalateTo = core.Duration(10*time.Minute), []core.Approver{{Person: w.boss}}
				}
				stages = append(stages, st)
			}
			limit := core.Duration([]time.Duration{30 * time.Minute, 4 * time.Hour, 2 * day}[s.N[3]>>12%3])
			set.Stages, set.ApprovalTimeout = &stages, &limit
			w.as(w.admin(s, core.PrivilegedRoleAdministrator), s, core.SetPolicy{Level: level, Settings: set})
		},
		"decide": func(w *world, s Step) {
			r, ok := pending(w, s.N[0])
			if !ok {
				return
			}
			who := w.approver(r, s.N[1])
			if s.N[2]%6 == 0 { // anybody, also he himself
				who, _ = pick(s.N[1], append([]core.PersonID{r.Requester, r.Principal}, w.people...))
			}
			c := core.DecideRequests{Requests: []core.RequestID{r.ID}, Approve: s.N[2]>>3%4 > 0, Justification: why}
			if other, _ := pending(w, s.N[0]+1); other.ID != r.ID && s.N[2]>>5%4 == 0 {
				c.Requests = append(c.Requests, other.ID)
			}
			w.as(who, s, c)
		},
		"cancel": func(w *world, s Step) {
			r, ok := pending(w, s.N[0])
			if !ok {
				return
			}
			who := r.Requester
			if s.N[1]%3 == 0 {
				who = w.admin(s, core.PrivilegedRoleAdministrator)
			}
			w.as(who, s, core.CancelRequests{Requests: []core.RequestID{r.ID}})
		},
		"deputy": func(w *world, s Step) {
			c := core.SetDeputy{}
			if s.N[1]%4 > 0 {
				c.Deputy, _ = pick(s.N[2], w.people)
				c.Until = w.Now().Add(span(s.N[3]>>5 + 1))
				if s.N[1]>>2%3 == 0 {
					c.From = w.Now().Add(time.Hour)
				}
			}
			w.as(w.person(s), s, c)
		},
		"go-on": func(w *world, s Step) { // an assignment that ends is extended, one that ended renewed
			now := w.Now()
			if w.proc != nil {
				now = w.proc.eng.Now()
			}
			var of []core.Assignment
			for _, id := range w.book.order {
				if a := w.book.assignments[id]; !a.OfGroup() && (a.Extendable(now) || a.Renewable(now)) {
					of = append(of, a)
				}
			}
			a, ok := pick(s.N[0], of)
			if !ok {
				return
			}
			end := now.Add(span(s.N[2] + 1))
			ids := []core.AssignmentID{a.ID}
			self, renew := s.N[1]%2 == 0, a.State == core.Expired != (s.N[1]>>1%8 == 0)
			switch {
			case self && renew:
				w.as(a.Principal, s, core.RequestRenewal{Assignment: a.ID, End: end, Justification: why})
			case self:
				w.as(a.Principal, s, core.RequestExtension{Assignment: a.ID, End: end, Justification: why})
			case renew:
				w.as(w.admin(s, core.PrivilegedRoleAdministrator), s, core.RenewAssignments{Assignments: ids, End: end, Justification: why})
			default:
				w.as(w.admin(s, core.PrivilegedRoleAdministrator), s, core.ExtendAssignments{Assignments: ids, End: end, Justification: why})
			}
		},
		"encore": func(w *world, s Step) { // when an access ends, an administrator gives the same again
			var of []core.Assignment
			for _, id := range w.book.live {
				if a := w.book.assignments[id]; a.State == core.InForce && a.Kind == core.Active && !a.End.IsZero() && a.System != core.StintSystem && !a.OfGroup() {
					of = append(of, a)
				}
			}
			a, ok := pick(s.N[0], of)
			if !ok || w.proc == nil {
				return
			}
			in := a.End.Sub(w.proc.eng.Now()) + time.Duration(s.N[1]%200)*time.Millisecond
			w.soon(max(0, in), func() {
				c := core.Assign{Role: a.Role, Principals: []core.PersonID{a.Principal}, Kind: core.Active, Justification: why, End: w.Now().Add(length(s.N[2]))}
				if w.proc != nil {
					c.End = w.proc.eng.Now().Add(length(s.N[2]))
				}
				w.as(w.admin(s, core.PrivilegedRoleAdministrator), s, c)
			})
		},
	}
}

// approver is one of those who may answer a request now, or the boss.
func (w *world) approver(r core.Request, n int) core.PersonID {
	var may []core.PersonID
	err := w.store.Read(context.Background(), func(v core.View) error {
		for _, p := range w.people {
			if _, ok := core.MayAnswer(v, r, p, w.book.last); ok {
				may = append(may, p)
			}
		}
		return nil
	})
	if p, ok := pick(n, may); ok && err == nil {
		return p
	}
	return w.boss
}

// putRequest holds a request's step to the rules, and writes it down.
func (b *book) putRequest(c core.Request) {
	old := b.requests[c.ID]
	b.step("statusFollowsTheArrows", statusArrows, string(old.Status), string(c.Status), string(c.ID))
	b.checkVotes(old, c)
	b.requests[c.ID] = c
	b.pending = slices.DeleteFunc(b.pending, func(id core.RequestID) bool { return id == c.ID })
	if c.Status != core.PendingApproval {
		return
	}
	for _, id := range b.pending {
		if r := b.requests[id]; r.Basis == c.Basis && r.Action.OfAssignment() == c.Action.OfAssignment() {
			b.w.fail("oneWaits", "%s and %s wait for an answer about %s", id, c.ID, c.Basis)
		}
	}
	b.pending = append(b.pending, c.ID)
}

// checkVotes wants each answer from somebody who may give it, and enough of
// them, in time, before anything is done.
func (b *book) checkVotes(old, c core.Request) {
	if c.Approval == nil {
		if old.Approval != nil {
			b.w.fail("approvalIsNeeded", "what %s waited for is forgotten", c.ID)
		}
		return
	}
	before := 0
	if old.Approval != nil {
		before = len(old.Approval.Votes)
	}
	for _, v := range c.Approval.Votes[before:] {
		if v.By == c.Requester || v.By == c.Principal || v.For == c.Requester || v.For == c.Principal || b.people[v.By].Disabled {
			b.w.fail("nobodyDecidesHisOwn", "%s of %s is answered by %s for %q", c.ID, b.nameOf(c.Requester), b.nameOf(v.By), v.For)
		}
	}
	seen := map[core.PersonID]bool{}
	agreed := map[int]int{}
	for _, v := range c.Approval.Votes {
		if seen[v.By] {
			b.w.fail("nobodyDecidesHisOwn", "%s is answered twice by %s", c.ID, b.nameOf(v.By))
		}
		seen[v.By] = true
		if v.Approve {
			agreed[v.Stage]++
		}
	}
	if old.Status == core.PendingApproval && (c.Status == core.Granted || c.Status == core.PendingProvisioning || c.Status == core.Provisioned) {
		for i, s := range c.Approval.Stages {
			if agreed[i] < s.Quorum {
				b.w.fail("approvalIsNeeded", "%s is %s with %d of %d who agreed in stage %d", c.ID, c.Status, agreed[i], s.Quorum, i)
			}
		}
		if n := len(c.Approval.Votes); !c.Approval.Votes[n-1].At.Before(c.Approval.Limit) {
			b.w.fail("approvalIsNeeded", "%s was agreed to at %v, it had waited until %v", c.ID, c.Approval.Votes[n-1].At, c.Approval.Limit)
		}
	}
}
