package core

import "slices"

// A stolen session of an administrator must not be enough to make Stint weaker:
// what lowers a policy, gives power over Stint or a voice in its approvals, takes
// somebody's proof of identity away, trusts a system more or makes warnings go
// elsewhere takes a fresh code of the second factor for this very call. Taking access away never does: whoever must act in
// a hurry isn't held up.
//
// Like lock-out it is judged by what a command would change, not by which
// command it is: there is one predicate, weakens, and no way around it.

// easier says for a setting when a change of it makes access easier to get, to
// keep or to hide. A setting that isn't listed is taken as weaker however it
// changes.
var easier = withNotices(map[string]func(was, is Policy) bool{
	"max_duration":          func(was, is Policy) bool { return is.MaxDuration > was.MaxDuration },
	"require_mfa":           func(was, is Policy) bool { return was.RequireMFA && !is.RequireMFA },
	"require_justification": func(was, is Policy) bool { return was.RequireJustification && !is.RequireJustification },
	"require_ticket":        func(was, is Policy) bool { return was.RequireTicket && !is.RequireTicket },
	// Which of two patterns lets more through can't be told.
	"ticket_pattern": func(was, is Policy) bool { return was.TicketPattern != "" && is.TicketPattern != was.TicketPattern },
	"allow_prolong":  func(was, is Policy) bool { return !was.AllowProlong && is.AllowProlong },
	"drop_on": func(was, is Policy) bool {
		return slices.ContainsFunc(was.DropOn, func(r DropReason) bool { return !slices.Contains(is.DropOn, r) })
	},
	"require_approval": func(was, is Policy) bool { return was.RequireApproval && !is.RequireApproval },
	// Whoever may choose the approvers may choose his friends.
	"approval_stages": func(was, is Policy) bool {
		return was.RequireApproval && stagesText(was.Stages) != stagesText(is.Stages)
	},
	"approval_timeout":       func(_, _ Policy) bool { return false }, // a request that waits gives nothing
	"approver_justification": func(was, is Policy) bool { return was.ApproverJustification && !is.ApproverJustification },
	"permanent_eligible":     func(was, is Policy) bool { return !was.PermanentEligible && is.PermanentEligible },
	"eligible_for":           func(was, is Policy) bool { return is.EligibleFor > was.EligibleFor },
	"permanent_active":       func(was, is Policy) bool { return !was.PermanentActive && is.PermanentActive },
	"active_for":             func(was, is Policy) bool { return is.ActiveFor > was.ActiveFor },
	"assign_mfa":             func(was, is Policy) bool { return was.AssignMFA && !is.AssignMFA },
	"assign_justification":   func(was, is Policy) bool { return was.AssignJustification && !is.AssignJustification },
})

// withNotices adds the nine cells of the notification matrix: that fewer people
// are told is what whoever stole a session would like best.
func withNotices(m map[string]func(was, is Policy) bool) map[string]func(was, is Policy) bool {
	for _, e := range PolicyEvents() {
		for _, a := range Audiences() {
			m[NotifyField(e, a)] = func(was, is Policy) bool {
				w, i := was.Notify(e, a), is.Notify(e, a)
				return w.Defaults && !i.Defaults || i.Critical && !w.Critical ||
					slices.ContainsFunc(w.Extra, func(to string) bool { return !slices.Contains(i.Extra, to) })
			}
		}
	}
	return m
}

func weaker(was, is Policy) bool {
	for _, name := range PolicyFields() {
		judge, listed := easier[name]
		if listed && judge(was, is) || !listed && was.Value(name) != is.Value(name) {
			return true
		}
	}
	return false
}

// weakens reports whether the changes laid over the view make Stint weaker.
func (s *scratch) weakens() bool {
	return s.weakensRules() || s.weakensPeople() || s.givesPower() || s.givesVoice() || s.weakensSystems()
}

// weakensRules looks at policies, marks of roles, and settings of the whole
// installation: for how long a window stays open, where warnings go, and whether
// administrators hear of what was given.
func (s *scratch) weakensRules() bool {
	for level, is := range s.levels {
		was := PolicyLevel{level, s.View.PolicyLevel(level)}
		if weaker(resolvedAt(s.View, was), resolvedAt(s, PolicyLevel{level, is})) {
			return true
		}
	}
	for id, is := range s.roles {
		if was, ok := s.View.Role(id); ok && (was.Protected && !is.Protected || was.Privileged && !is.Privileged) {
			return true
		}
	}
	if s.settings == nil {
		return false
	}
	was, is := s.View.Settings(), *s.settings
	open := func(d Duration) Duration {
		if d == 0 {
			return 1 << 62 // never locks
		}
		return d
	}
	return open(is.IdleLock) > open(was.IdleLock) || was.Mail.Configured() && !sameMail(was.Mail, is.Mail) || was.digests() && is.Digest.Off
}

// sameMail reports whether mail goes where it went, in the same name.
func sameMail(a, b MailSettings) bool {
	return SameMailServer(a, b) && a.From == b.From && a.Auth == b.Auth && string(a.Sealed) == string(b.Sealed)
}

// weakensPeople looks at what proves who somebody is, and where he is warned.
func (s *scratch) weakensPeople() bool {
	for id, is := range s.factors {
		if was, ok := s.View.Factor(id); !is.Confirmed && ok && was.Confirmed {
			return true
		}
	}
	for id, is := range s.credentials {
		if _, ok := s.View.Credential(id); ok && is.MustChange {
			return true
		}
	}
	for id, is := range s.people {
		was, ok := s.View.Person(id)
		if ok && (was.Mail != is.Mail || was.Login != is.Login || was.Disabled && !is.Disabled && s.powerful(id)) {
			return true
		}
	}
	for k := range s.accounts {
		// Another account is another holder of what is assigned.
		_, had := s.View.Account(k.person, k.system)
		for _, a := range s.LiveOf(k.person) {
			if role, _ := s.Role(a.Role); had && a.System == k.system && role.Protected {
				return true
			}
		}
	}
	return false
}

// givesPower reports whether somebody gets a protected role or one of Stint's
// own, or for longer: at once, later, or to activate.
func (s *scratch) givesPower() bool {
	for id, is := range s.assignments {
		if is.Origin != Assigned || !is.State.Live() || !s.power(is.Role) {
			continue
		}
		was, ok := s.View.Assignment(id)
		if !ok || !was.End.IsZero() && (is.End.IsZero() || is.End.After(was.End)) || is.Start.Before(was.Start) {
			return true
		}
	}
	return false
}

// givesVoice reports whether somebody comes into a group that decides about
// others, or may answer for somebody else: whoever may choose the approvers may
// choose his friends.
func (s *scratch) givesVoice() bool {
	seen := map[GroupID]bool{} // one command lets many into one group
	for k, m := range s.members {
		if m == nil || seen[k.Group] {
			continue
		}
		if seen[k.Group] = true; len(asking(s, k.Group)) > 0 || s.Named(k.Group) {
			return true
		}
	}
	for p, is := range s.deputies {
		was, ok := s.View.Deputy(p)
		if !ok || was.Deputy != is.Deputy || is.From.Before(was.From) || is.Until.After(was.Until) {
			return true
		}
	}
	return false
}

// sslmodes are the ways to a PostgreSQL server, the safest first; without one it
// is the first.
var sslmodes = []string{"verify-full", "verify-ca", "require", "disable"}

// looser says for a setting of a system when a change of it makes Stint believe
// more, or take back less. A setting that isn't listed is taken as looser however
// it changes: what answers at another address could say of everything that it is
// gone.
var looser = map[string]func(was, is string) bool{
	"sslmode": func(was, is string) bool {
		rank := func(mode string) int {
			if mode == "" {
				return 0
			}
			return slices.Index(sslmodes, mode)
		}
		return rank(is) > rank(was)
	},
	"end_sessions":  func(_, is string) bool { return is == "false" },
	"native_expiry": func(was, _ string) bool { return was == "true" },
	// A sample system's settings say what it plays; what it holds is in memory
	// already, and nobody else's.
	"as": never, "roles": never, "accounts": never, "holders": never,
}

func never(_, _ string) bool { return false }

// weakensSystems looks at how systems are reached, and at what they may hold
// without Stint.
func (s *scratch) weakensSystems() bool {
	for id, is := range s.systems {
		was, ok := s.View.System(id)
		if !ok {
			continue
		}
		for _, settings := range []map[string]string{was.Settings, is.Settings} {
			for name := range settings {
				a, b := was.Settings[name], is.Settings[name]
				if judge, listed := looser[name]; a != b && (!listed || judge(a, b)) {
					return true
				}
			}
		}
	}
	for id, is := range s.drifts {
		if was, _ := s.View.Drift(id); is != nil && !is.Accepted.IsZero() && was.Accepted.IsZero() {
			return true
		}
	}
	return false
}

func (s *scratch) power(r RoleID) bool {
	role, _ := s.Role(r)
	return role.Protected || role.System == StintSystem
}

// powerful reports whether a person holds such a role, or could activate it.
func (s *scratch) powerful(p PersonID) bool {
	return slices.ContainsFunc(s.LiveOf(p), func(a Assignment) bool { return s.power(a.Role) })
}

// proveWeakening asks for the fresh code, last of all, so that nothing that is
// refused otherwise uses one up.
func (d *decider) proveWeakening() *Error {
	if d.actor.IsEngine() || !IsPublic(d.command) || !d.weakens() {
		return nil
	}
	if err := d.prove(); err != nil {
		return err
	}
	if !d.proven {
		return nil // a preview
	}
	for i := range d.events {
		if e := &d.events[i].Entry; e.Actor == d.actor.Person {
			e.Strength = StrengthFresh
		}
	}
	return nil
}
