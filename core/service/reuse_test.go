package service_test

import (
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stint-pim/stint/core"
)

// told returns the kinds of mail that are on their way to somebody.
func (h *house) told(p core.PersonID, from int) (kinds []core.NoticeKind) {
	h.t.Helper()
	for _, n := range h.notices.list()[from:] {
		if n.To == p && n.Address != "" {
			kinds = append(kinds, n.Kind)
		}
	}
	return kinds
}

// F18: a code that a hundred type at once lets one of them do what it was typed
// for. The owner is told of the others, and the log holds them.
func TestF18SameCodeAHundredAtOnce(t *testing.T) {
	const crowd = 100
	h := newHouse(t, nil)
	ann := h.join("Ann")
	// Each of the crowd wants another role: for the same one, that it is active
	// already refuses the others before their code is looked at.
	sys, _ := h.system(ann)
	var roles []core.NewRole
	for i := range crowd {
		roles = append(roles, core.NewRole{External: "role" + strconv.Itoa(i)})
		h.kind.System("db").AddRole(core.FoundRole{External: roles[i].External})
	}
	var basis []core.AssignmentID
	for _, r := range h.boss.must(core.AddRoles{System: sys, Roles: roles}).Roles {
		basis = append(basis, h.boss.must(core.Assign{Role: r, Principals: []core.PersonID{ann.id}, Kind: core.Eligible, Justification: why}).Items[0].Assignment)
	}
	h.settle()
	uses := map[string]func(i int, code core.Secret) error{
		"activate": func(i int, code core.Secret) error {
			res, err := ann.Do(t.Context(), core.Call{Code: code, Command: core.Activate{Items: []core.ActivationItem{{Assignment: basis[i]}}, Duration: core.Duration(time.Hour), Justification: why}})
			if err == nil && res.Items[0].Err != nil {
				err = res.Items[0].Err
			}
			return err
		},
		"sign in": func(_ int, code core.Secret) error {
			_, err := h.gate.SignIn(t.Context(), core.SignIn{Login: ann.login, Password: core.NewSecret(ann.pass), Code: code, From: "window"})
			return err
		},
		"renew recovery": func(_ int, code core.Secret) error { _, err := ann.RenewRecovery(t.Context(), code); return err },
		"begin factor":   func(_ int, code core.Secret) error { _, err := ann.BeginFactor(t.Context(), code); return err },
	}
	for _, name := range []string{"activate", "sign in", "renew recovery", "begin factor", "activate"} {
		h.clock.Set(h.clock.Now().Add(core.LockFor)) // the crowd before locked the factor
		ann.signIn()
		for _, a := range h.active(ann) {
			ann.must(core.Drop{Assignments: []core.AssignmentID{a}})
			h.settle()
		}
		code, head, mails := ann.code(), h.head(), len(h.notices.list())
		errs := make([]error, crowd)
		var wg sync.WaitGroup
		for i := range errs {
			wg.Go(func() { errs[i] = uses[name](i, code) })
		}
		wg.Wait()
		done := 0
		for _, err := range errs {
			switch {
			case err == nil:
				done++
			case name == "sign in" && core.CodeOf(err) == core.Unauthenticated:
				// Beyond so many tries nothing is told of what was wrong.
			case core.CodeOf(err) != core.ProofRequired && core.CodeOf(err) != core.Locked:
				t.Fatalf("%s: %v", name, err)
			}
		}
		if done != 1 {
			t.Errorf("%s: %d of %d did it with one code, want 1", name, done, crowd)
		}
		// Nine are counted as used again, the tenth locks the factor, the rest are
		// told that it is locked.
		count := map[core.EventKind]int{}
		for _, e := range h.entries(head) {
			count[e.Action]++
		}
		if count[core.CodeReused] != core.MaxWrongCodes-1 || count[core.FactorLocked] != 1 {
			t.Errorf("%s: the log has %v", name, count)
		}
		got := h.told(ann.id, mails)
		reused := slices.DeleteFunc(slices.Clone(got), func(k core.NoticeKind) bool { return k != core.NoticeCodeReused })
		if len(reused) != core.MaxWrongCodes-1 || !slices.Contains(got, core.NoticeFactorLocked) {
			t.Errorf("%s: the owner was told %v", name, got)
		}
	}
}

// Whoever's way to sign in is changed by somebody else learns of it, and where
// his address is changed, at the one of before.
func TestOwnerIsTold(t *testing.T) {
	h := newHouse(t, nil)
	ann := h.join("Ann")
	for _, step := range []struct {
		what string
		do   func()
		want core.NoticeKind
	}{
		{"password reset", func() { h.boss.must(core.ResetPassword{Person: ann.id}) }, core.NoticePasswordReset},
		{"factor reset", func() { h.boss.must(core.ResetFactor{Person: ann.id}) }, core.NoticeFactorReset},
		{"address", func() {
			h.boss.must(core.UpdatePerson{Person: ann.id, FullName: "Ann", Login: "ann", Mail: "mallory@example.org", Language: "en"})
		}, core.NoticeLoginChanged},
	} {
		from := len(h.notices.list())
		step.do()
		if got := h.told(ann.id, from); !slices.Equal(got, []core.NoticeKind{step.want}) {
			t.Errorf("%s: told %v", step.what, got)
		}
		if n := h.notices.list()[from]; n.Address != "ann@example.org" || n.By != "Bo Boss" {
			t.Errorf("%s: %+v", step.what, n)
		}
	}
}
