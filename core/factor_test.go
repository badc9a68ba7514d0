package core_test

import (
	"testing"
	"time"

	"github.com/stint-pim/stint/core"
)

func (s *stage) factor(p core.PersonID) (f core.Factor) {
	s.View(func(v core.View) { f, _ = v.Factor(p) })
	return f
}

// signIn opens a session with a password that is right and that code.
func (s *stage) signIn(p core.PersonID, right bool, code *core.Proof) error {
	c := core.OpenSession{Person: p, Right: right, CodeTold: code != nil, CodeOK: code != nil && code.Given(), Session: core.Session{ID: "s", From: "window"}}
	_, err := s.DoWith("", c, func(env *core.Env) {
		if code != nil {
			env.Proof = *code
		}
	})
	return err
}

const step = 1 << 40 // later than any code the company has used

// A fresh code is wanted exactly where the policy says so.
func TestFreshCode(t *testing.T) {
	s := newStage(t)
	s.policy(s.ops, core.PolicySettings{RequireMFA: ptr(false), AssignMFA: ptr(true)})
	if _, err := s.as(s.ann, activate(s.annOps)); err != nil {
		t.Fatal(err)
	}
	_, err := s.as(s.ann, activate(s.annDBA))
	equal(t, "field", wantKey(t, err, "code.needed").Field, "code")
	assign := core.Assign{Role: s.ops, Principals: []core.PersonID{s.bob}, Kind: core.Active, Justification: why}
	_, err = s.as(s.Boss, assign)
	wantKey(t, err, "code.needed")
	res, err := s.code(s.Boss, assign, step)
	if err != nil {
		t.Fatal(err)
	}
	entries := s.Entries(0)
	equal(t, "strength in the log", entries[len(entries)-1].Strength, core.StrengthFresh)
	assign.Kind, assign.Scope = core.Eligible, "/a"
	if _, err = s.as(s.Boss, assign); err != nil {
		t.Fatal("an eligible assignment wants a code:", err)
	}
	end := s.now().Add(time.Hour)
	_, err = s.as(s.Boss, core.UpdateAssignment{Assignment: res.Items[0].Assignment, End: end, Justification: why})
	wantKey(t, err, "code.needed")
}

// A code is good once, wherever it was used first.
func TestCodeUsedOnce(t *testing.T) {
	s := newStage(t)
	proof := func(n int64) *core.Proof { return &core.Proof{Step: n} }
	if err := s.signIn(s.ann, true, proof(step)); err != nil {
		t.Fatal(err)
	}
	head := s.Head().Seq
	_, err := s.code(s.ann, activate(s.annDBA), step)
	wantKey(t, err, "code.used")
	_, err = s.code(s.ann, activate(s.annDBA), step-1) // of the step before: seen over the shoulder
	wantKey(t, err, "code.used")
	equal(t, "story", s.Actions(head), "factor.code_reused command.refused factor.code_reused command.refused")
	if _, err = s.code(s.ann, activate(s.annDBA), step+1); err != nil {
		t.Fatal(err)
	}
	wantKey(t, s.signIn(s.ann, true, proof(step+1)), "code.used")
	_, err = s.code(s.ann, core.BeginFactor{Sealed: []byte("n")}, step+1)
	wantKey(t, err, "code.used")
	_, err = s.code(s.ann, core.RenewRecovery{}, step+1)
	wantKey(t, err, "code.used")
	// A right one forgives the wrong ones before it.
	if err := s.signIn(s.ann, true, proof(step+2)); err != nil {
		t.Fatal(err)
	}
	equal(t, "failed", s.factor(s.ann).Failed, 0)
}

// One code serves a bundle.
func TestBundleWantsOneCode(t *testing.T) {
	s := newStage(t)
	c := activate(s.annDBA)
	c.Items = append(c.Items, core.ActivationItem{Assignment: s.annOps})
	res, err := s.code(s.ann, c, step)
	if err != nil || res.Items[0].Err != nil || res.Items[1].Err != nil {
		t.Fatal(err, res)
	}
	equal(t, "step", s.factor(s.ann).LastStep, int64(step))
}

// Ten wrong codes lock the factor for a quarter of an hour, also against right
// ones; recovery codes are no way round.
func TestTenWrongCodes(t *testing.T) {
	s := newStage(t)
	for i := range core.MaxWrongCodes {
		_, err := s.wrong(s.ann, activate(s.annDBA))
		key := core.TextKey("code.wrong")
		if i == core.MaxWrongCodes-1 {
			key = "factor.locked"
		}
		wantKey(t, err, key)
	}
	entries := s.Entries(0)
	last := entries[len(entries)-2]
	equal(t, "entry", last.Action, core.FactorLocked)
	locked := s.now()
	for _, at := range []time.Duration{0, core.LockFor - time.Second} {
		s.Clock.Set(locked.Add(at))
		_, err := s.code(s.ann, activate(s.annDBA), step)
		equal(t, "until", wantKey(t, err, "factor.locked").Args["until"], "2026-11-23 12:15 UTC")
		_, err = s.DoWith(s.ann, activate(s.annDBA), func(env *core.Env) { env.Proof = core.Proof{Recovery: "r1"} })
		wantKey(t, err, "factor.locked")
		wantKey(t, s.signIn(s.ann, true, &core.Proof{Step: step}), "factor.locked")
		_, err = s.code(s.ann, core.BeginFactor{Sealed: []byte("n")}, step)
		wantKey(t, err, "factor.locked")
	}
	equal(t, "nothing was used up", s.factor(s.ann).LastStep < step && len(s.factor(s.ann).Recovery) == 2, true)
	s.Clock.Set(locked.Add(core.LockFor))
	if _, err := s.code(s.ann, activate(s.annDBA), step); err != nil {
		t.Fatal(err)
	}
	// Bob was never concerned.
	if _, err := s.code(s.bob, activate(s.bobOps), step); err != nil {
		t.Fatal(err)
	}
}

// A recovery code is good once and says how many are left.
func TestRecoveryOnce(t *testing.T) {
	s := newStage(t)
	use := func(hash string, cmd core.Command) error {
		_, err := s.DoWith(s.ann, cmd, func(env *core.Env) { env.Proof = core.Proof{Recovery: hash} })
		return err
	}
	if err := use("r1", activate(s.annDBA)); err != nil {
		t.Fatal(err)
	}
	equal(t, "left", s.factor(s.ann).Recovery, []string{"r2"})
	var seen bool
	for _, e := range s.Entries(0) {
		seen = seen || e.Action == core.RecoveryUsed && e.Detail == "1 recovery code left" && e.Actor == s.ann
	}
	equal(t, "entry", seen, true)
	wantKey(t, use("r1", activate(s.annOps)), "code.recovery_used")
	wantKey(t, use("not one", activate(s.annOps)), "code.recovery_used")
	wantKey(t, s.signIn(s.ann, true, &core.Proof{Recovery: "r1"}), "code.recovery_used")
	// What has the form of no code is none of the used ones, and no clock helps.
	_, err := s.DoWith(s.ann, activate(s.annOps), func(env *core.Env) { env.Proof, env.Wrong = core.Proof{Malformed: true}, true })
	wantKey(t, err, "code.malformed")
	wantKey(t, s.signIn(s.ann, true, &core.Proof{Malformed: true}), "code.malformed")
	equal(t, "failed", s.factor(s.ann).Failed, 5)
	if err := use("r2", core.RenewRecovery{Recovery: []string{"n1"}}); err != nil {
		t.Fatal(err)
	}
	equal(t, "renewed", s.factor(s.ann).Recovery, []string{"n1"})
}

// A code is kept where something else refuses first.
func TestCodeIsKept(t *testing.T) {
	s := newStage(t)
	s.policy(s.ops, core.PolicySettings{AssignMFA: ptr(true)})
	run := s.Activate(s.bob, s.bobOps, time.Hour)
	short := activate(s.annDBA)
	short.Duration = core.Duration(time.Minute)
	for _, tt := range []struct {
		who core.PersonID
		cmd core.Command
		key core.TextKey
	}{
		{s.ann, short, "duration.short"},
		{s.ann, activate(s.bobOps), "assignment.unknown"},
		{s.bob, activate(s.bobOps), "activation.exists"},
		{s.bob, core.Prolong{Assignment: run, Duration: core.Duration(9 * time.Hour), Justification: why}, "duration.long"},
		{s.bob, core.Prolong{Assignment: run, Duration: core.Duration(2 * time.Hour)}, "justification.needed"},
		{s.ann, core.Assign{Role: s.ops, Principals: []core.PersonID{s.ann}, Kind: core.Active, Justification: why}, "rights.missing"},
		{s.Boss, core.Assign{Role: s.ops, Principals: []core.PersonID{s.ann}, Kind: core.Active}, "justification.needed"},
		{s.Boss, core.Assign{Role: s.ops, Principals: []core.PersonID{"pe_none"}, Kind: core.Active, Justification: why}, "person.unknown"},
	} {
		before := s.factor(tt.who)
		_, err := s.code(tt.who, tt.cmd, step)
		wantKey(t, err, tt.key)
		equal(t, string(tt.key)+": factor", s.factor(tt.who), before)
		// Nor is a wrong one counted: nothing was asked of it.
		_, err = s.wrong(tt.who, tt.cmd)
		wantKey(t, err, tt.key)
		equal(t, string(tt.key)+": factor", s.factor(tt.who), before)
	}
}

// Prolonging runs through the same policy again.
func TestProlongWantsACode(t *testing.T) {
	s := newStage(t)
	run := s.Activate(s.ann, s.annDBA, time.Hour)
	c := core.Prolong{Assignment: run, Duration: core.Duration(2 * time.Hour), Justification: why}
	_, err := s.as(s.ann, c)
	wantKey(t, err, "code.needed")
	_, err = s.wrong(s.ann, c)
	wantKey(t, err, "code.wrong")
	s.Clock.Set(s.Clock.Now().Add(30 * time.Minute))
	if _, err = s.code(s.ann, c, step); err != nil {
		t.Fatal(err)
	}
	equal(t, "end is counted from now", s.Assignment(run).End, s.now().Add(2*time.Hour))
	s.policy(s.dba, core.PolicySettings{AllowProlong: ptr(false)})
	_, err = s.code(s.ann, c, step+1)
	wantKey(t, err, "prolong.not_allowed")
}

// A new factor counts once it is confirmed; until then the present one does.
func TestFactorReplaced(t *testing.T) {
	s := newStage(t)
	_, err := s.as(s.ann, core.BeginFactor{Sealed: []byte("new")})
	wantKey(t, err, "code.needed")
	_, err = s.as(s.ann, core.ConfirmFactor{Step: step})
	wantKey(t, err, "factor.none_new")
	if _, err = s.code(s.ann, core.BeginFactor{Sealed: []byte("new")}, step); err != nil {
		t.Fatal(err)
	}
	f := s.factor(s.ann)
	equal(t, "present one", string(f.Sealed), "s")
	equal(t, "next one", string(f.Next), "new")
	_, err = s.as(s.ann, core.ConfirmFactor{Step: 0})
	wantKey(t, err, "code.wrong")
	equal(t, "counted", s.factor(s.ann).Failed, 1)
	if _, err = s.as(s.ann, core.ConfirmFactor{Step: 7, Recovery: []string{"a"}}); err != nil {
		t.Fatal(err)
	}
	f = s.factor(s.ann)
	equal(t, "factor", f, core.Factor{Person: s.ann, Sealed: []byte("new"), Confirmed: true, LastStep: 7, Recovery: []string{"a"}})
	_, err = s.code(s.ann, activate(s.annDBA), 7) // the code that confirmed is used up
	wantKey(t, err, "code.used")
}

// Sign-in: one answer for an unknown login, a wrong password and a disabled
// person; each try that tells something is in the log.
func TestSignIn(t *testing.T) {
	s := newStage(t)
	head := s.Head().Seq
	step := func(want string) {
		t.Helper()
		equal(t, "entries", s.Actions(head), want)
		head = s.Head().Seq
	}
	a, b := s.signIn("", false, nil), s.signIn(s.ann, false, nil)
	equal(t, "error", wantKey(t, a, "signin.wrong"), wantKey(t, b, "signin.wrong"))
	step("session.refused session.refused")
	wantKey(t, s.signIn(s.ann, true, nil), "code.needed")
	step("")
	wantKey(t, s.signIn(s.ann, true, &core.Proof{}), "code.wrong")
	step("factor.failed")
	for range 10 * core.MaxWrongPasswords { // they keep nobody out
		wantKey(t, s.signIn(s.ann, false, nil), "signin.wrong")
	}
	head = s.Head().Seq
	if err := s.signIn(s.ann, true, &core.Proof{Step: 1 << 41}); err != nil {
		t.Fatal(err)
	}
	step("session.opened")
	s.Must(s.Boss, core.DisablePerson{Person: s.ann})
	head = s.Head().Seq
	equal(t, "error", wantKey(t, s.signIn(s.ann, true, nil), "signin.wrong"), wantKey(t, a, "signin.wrong"))
	step("session.refused")
	for _, e := range s.Entries(0) {
		if e.Action == core.SignInFailed && e.Detail == "unknown login" && (e.Principal != "" || e.Actor != "") {
			t.Errorf("an unknown login is named: %+v", e)
		}
	}
	s.Verify()
}

// Changing the password counts wrong ones like sign-in and ends other sessions.
func TestChangePassword(t *testing.T) {
	s := newStage(t)
	for range core.MaxWrongPasswords {
		_, err := s.as(s.ann, core.ChangePassword{Right: false, Hash: "h"})
		wantKey(t, err, "password.wrong")
	}
	_, err := s.as(s.ann, core.ChangePassword{Right: true, Hash: "h"})
	wantKey(t, err, "signin.locked")
	if err := s.signIn(s.bob, true, &core.Proof{Step: step}); err != nil {
		t.Fatal(err)
	}
	if _, err = s.as(s.bob, core.ChangePassword{Right: true, Hash: "new"}); err != nil {
		t.Fatal(err)
	}
	s.View(func(v core.View) {
		cr, _ := v.Credential(s.bob)
		equal(t, "hash", cr.Hash, "new")
		equal(t, "sessions", len(v.SessionsOf(s.bob)), 0)
	})
}
