package core

import "time"

// prove uses up the code of the call. Without one it refuses, but for a preview.
func (d *decider) prove() *Error {
	d.needsCode = true
	if d.env.Preview || d.proven {
		return nil
	}
	if d.unproven != nil {
		return d.unproven // one code, one answer: the next item doesn't count it again
	}
	f, ok := d.Factor(d.me.ID)
	if !ok || !f.Confirmed {
		return Errorf(Refused, "", "factor.missing")
	}
	if d.env.Now.Before(f.LockedTill) {
		return Errorf(Locked, "code", "factor.locked", "until", Clock(f.LockedTill))
	}
	if !d.env.Proof.Given() && !d.env.Wrong {
		return Errorf(ProofRequired, "code", "code.needed")
	}
	d.unproven = d.useCode(f, d.env.Proof, d.env.Wrong)
	return d.unproven
}

// useCode counts a wrong code, or marks a right one as used.
func (d *decider) useCode(f Factor, p Proof, wrong bool) *Error {
	owner, _ := d.Person(f.Person)
	cost := func(kind EventKind, out Outcome, detail string, tell NoticeKind) {
		e := d.entry(kind)
		e.Outcome, e.Detail = out, detail
		if e.Actor == "" {
			e.Actor, e.ActorName = f.Person, d.nameOf(f.Person)
		}
		d.put(f)
		ev := Event{Entry: e, Changes: []Change{f}}
		if tell != "" {
			ev.Notices = d.warnOwner(tell, owner)
		}
		d.costs = append(d.costs, ev)
	}
	used := !wrong && p.Recovery == "" && p.Step <= f.LastStep
	if p.Recovery != "" && !contains(f.Recovery, p.Recovery) {
		wrong = true
	}
	if wrong || used {
		f.Failed++
		kind, key, tell := FactorFailed, TextKey("code.wrong"), NoticeKind("")
		switch {
		case p.Recovery != "":
			key = "code.recovery_used" // there is no next one to wait for
		case p.Malformed:
			key = "code.malformed" // no clock helps
		}
		if used {
			// Somebody may have seen the code and be second to type it, or, worse,
			// first (ASVS 6.5.1).
			kind, key, tell = CodeReused, "code.used", NoticeCodeReused
		}
		if f.Failed >= MaxWrongCodes {
			f.Failed, f.LockedTill = 0, d.env.Now.Add(LockFor)
			cost(FactorLocked, OutcomeFailed, "too many wrong codes; locked until "+f.LockedTill.UTC().Format(time.RFC3339), NoticeFactorLocked)
			return Errorf(Locked, "code", "factor.locked", "until", Clock(f.LockedTill))
		}
		cost(kind, OutcomeFailed, "", tell)
		return Errorf(ProofRequired, "code", key)
	}
	f.Failed = 0
	if p.Recovery != "" {
		f.Recovery = without(f.Recovery, p.Recovery)
		cost(RecoveryUsed, OutcomeDone, plural(len(f.Recovery), "recovery code", "recovery codes")+" left", "")
	} else {
		f.LastStep = p.Step
		d.put(f)
		d.costs = append(d.costs, Event{Changes: []Change{f}})
	}
	d.proven = true
	return nil
}
