package service_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stint-pim/stint/core"
)

// Unknown login, wrong password and disabled person are told apart by nothing.
func TestSignInTellsNothing(t *testing.T) {
	h := newHouse(t, nil)
	ann := h.join("Ann")
	h.boss.must(core.DisablePerson{Person: ann.id})
	try := func(login, pass string) error {
		_, err := h.gate.SignIn(t.Context(), core.SignIn{Login: login, Password: core.NewSecret(pass), Code: core.NewSecret("123456"), From: "window"})
		return err
	}
	want := try("nobody", "x")
	h.key(want, "signin.wrong")
	for name, err := range map[string]error{"wrong": try("boss", "x"), "disabled": try("ann", ann.pass), "empty": try("", "")} {
		if d := cmp.Diff(want, err); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
	_, err := ann.Me(t.Context())
	h.key(err, "session.none")
	_, err = h.gate.Resume(t.Context(), ann.adm.Token)
	h.key(err, "session.none")
	_, err = h.gate.Resume(t.Context(), core.NewSecret("no token"))
	h.key(err, "session.none")
	_, err = h.gate.Resume(t.Context(), h.boss.adm.Token)
	h.ok(err)
	h.ok(h.boss.SignOut(t.Context()))
	_, err = h.gate.Resume(t.Context(), h.boss.adm.Token)
	h.key(err, "session.none")
}

// Who mistypes a recovery code is told what one looks like, at sign-in and later;
// six wrong digits, and a code that only isn't one's own, have their own sentences.
func TestMistypedCode(t *testing.T) {
	h := newHouse(t, nil)
	ann := h.join("Ann")
	for typed, key := range map[string]core.TextKey{
		"k7mq-p2xx-9d4t-3hze-60ws-vb1":                    "code.malformed", // a letter is missing
		"k7mq-p2xx-9d4t-3hze-60ws-vb1u":                   "code.malformed", // there is no u
		"k7mq-p2xx-9d4t-3hze-60ws-vb1n-k7mq-p2xx-k7mq-p2": "code.malformed",
		"12345":                      "code.malformed",
		strings.Repeat("k7mq-", 40):  "code.malformed",
		"OIL0-p2xx 9d4t3hze60wsvb1n": "code.recovery_used",
		"123 456":                    "code.wrong",
	} {
		_, err := h.gate.SignIn(t.Context(), core.SignIn{Login: ann.login, Password: core.NewSecret(ann.pass), Code: core.NewSecret(typed), From: "window"})
		h.key(err, key)
		h.clock.Set(h.clock.Now().Add(core.LockFor))
		_, err = ann.RenewRecovery(t.Context(), core.NewSecret(typed))
		h.key(err, key)
		ann.signIn()
	}
}

// A right present password is told by nothing while wrong ones have locked it.
func TestLockedPasswordTellsNothing(t *testing.T) {
	h := newHouse(t, nil)
	ann := h.join("Ann")
	weak, good := core.NewSecret("password"), core.NewSecret("meadow-anvil-sprocket-81")
	first := ann.ChangePassword(t.Context(), core.NewSecret("wrong"), weak)
	if d := cmp.Diff(first, ann.ChangePassword(t.Context(), core.NewSecret(ann.pass), weak)); d != "" {
		t.Errorf("a weak new password tells whether the present one is right: %s", d)
	}
	for range core.MaxWrongPasswords {
		h.key(ann.Unlock(t.Context(), core.NewSecret("wrong")), "password.wrong")
	}
	for _, pass := range []string{"wrong", ann.pass} {
		h.key(ann.Unlock(t.Context(), core.NewSecret(pass)), "signin.locked")
		h.key(ann.ChangePassword(t.Context(), core.NewSecret(pass), good), "signin.locked")
	}
	h.clock.Set(h.clock.Now().Add(core.LockFor))
	h.ok(ann.Unlock(t.Context(), core.NewSecret(ann.pass)))
	h.ok(ann.ChangePassword(t.Context(), core.NewSecret(ann.pass), good))
}

// A stored credential goes only where it was stored for.
func TestStoredSecretsStay(t *testing.T) {
	h := newHouse(t, nil)
	ctx := t.Context()
	id, _ := h.system()
	spec := core.SystemSpec{Name: "db", Kind: core.KindSample, Settings: map[string]string{"as": "postgres", "host": "db.example.org"}}
	_, err := h.boss.Probe(ctx, id, spec)
	h.ok(err)
	for _, k := range []string{"host", "port", "user", "sslmode", "ca_file"} {
		evil := spec
		evil.Settings = map[string]string{"as": "postgres", "host": "db.example.org"}
		evil.Settings[k] = "evil"
		_, err = h.boss.Probe(ctx, id, evil)
		h.key(err, "probe.secret_again")
		_, err = h.boss.Do(ctx, core.Call{Command: core.UpdateSystem{System: id, SystemSpec: evil}})
		h.key(err, "probe.secret_again")
	}
	m := core.MailSettings{Host: "mail.example.org", Port: 587, Security: core.MailSTARTTLS, Auth: core.MailAuthPlain, User: "stint", From: "stint@example.org"}
	h.boss.must(core.ChangeSettings{Settings: core.Settings{Mail: m}, MailPassword: core.NewSecret(mailPass)})
	h.ok(h.boss.SendTestMail(ctx, m, core.Secret{}, "ann@example.org", core.MailSample{}))
	if want := []string{"mail.example.org " + mailPass + " ann@example.org"}; !slices.Equal(h.post.sent, want) {
		t.Errorf("sent %q", h.post.sent)
	}
	for _, change := range []func(*core.MailSettings){
		func(m *core.MailSettings) { m.Host = "evil.example.org" }, func(m *core.MailSettings) { m.Port = 25 },
		func(m *core.MailSettings) { m.User = "eve" }, func(m *core.MailSettings) { m.Security = core.MailTLS }, func(m *core.MailSettings) { m.CAFile = "/tmp/ca" },
	} {
		evil := m
		change(&evil)
		h.key(h.boss.SendTestMail(ctx, evil, core.Secret{}, "eve@example.org", core.MailSample{}), "probe.secret_again")
		_, err = h.boss.Do(ctx, core.Call{Command: core.ChangeSettings{Settings: core.Settings{Mail: evil}}})
		h.key(err, "probe.secret_again")
		// Nor in two steps, over a server that wants no password.
		evil.Auth = core.MailAuthNone
		h.boss.must(core.ChangeSettings{Settings: core.Settings{Mail: evil}})
		evil.Auth = core.MailAuthPlain
		h.ok(h.boss.SendTestMail(ctx, evil, core.Secret{}, "eve@example.org", core.MailSample{}))
		if got := h.post.sent[len(h.post.sent)-1]; strings.Contains(got, mailPass) {
			t.Errorf("the stored password went along: %s", got)
		}
		h.boss.must(core.ChangeSettings{Settings: core.Settings{Mail: m}, MailPassword: core.NewSecret(mailPass)})
	}
	down := m
	down.Host = "down.example.org"
	if err := h.boss.SendTestMail(ctx, down, core.NewSecret("x"), "ann@example.org", core.MailSample{}); core.CodeOf(err) != core.Unavailable {
		t.Errorf("a server that is down: %v", err)
	}
	if !strings.HasSuffix(h.actions(), "mail.tested") {
		t.Errorf("a failed test left no entry: %s", h.actions())
	}
}

// A first password is shown once, and never one that isn't in force.
func TestFirstPasswordOnce(t *testing.T) {
	h := newHouse(t, nil)
	call := core.Call{Command: core.AddPerson{FullName: "Ann", Login: "ann"}, Key: "k"}
	one, err := h.boss.Do(t.Context(), call)
	h.ok(err)
	two, err := h.boss.Do(t.Context(), call)
	h.ok(err)
	if one.Secret == "" || two.Secret != "" || one.Person != two.Person {
		t.Errorf("%+v, then %+v", one, two)
	}
	_, err = h.gate.SignIn(t.Context(), core.SignIn{Login: "ann", Password: core.NewSecret(one.Secret), From: "window"})
	h.ok(err)
	res := h.boss.must(core.ResetPassword{Person: one.Person})
	_, err = h.gate.SignIn(t.Context(), core.SignIn{Login: "ann", Password: core.NewSecret(res.Secret), From: "window"})
	h.ok(err)
}

// Nothing sealed, no hash, no seed and no password is in anything that is
// returned or kept in the log.
func TestNothingSecretLeaves(t *testing.T) {
	h := newHouse(t, nil)
	ann := h.join("Ann")
	id, role := h.system(ann)
	basis := h.eligible(ann, role)
	ann.must(core.Activate{Items: []core.ActivationItem{{Assignment: basis}}, Duration: core.Duration(time.Hour), Justification: why})
	h.settle()
	m := core.MailSettings{Host: "mail.example.org", Port: 587, Security: core.MailSTARTTLS, Auth: core.MailAuthPlain, User: "stint", From: "stint@example.org"}
	h.boss.must(core.ChangeSettings{Settings: core.Settings{Mail: m}, MailPassword: core.NewSecret(mailPass)})
	secrets := append([]string{systemPass, mailPass, bossPass, ann.pass, "argon2", ann.secret.Reveal(), h.boss.secret.Reveal(), ann.adm.Token.Reveal(), h.boss.adm.Token.Reveal(), ann.codes[1]}, ann.said...)
	sealed := func(b []byte) { secrets = append(secrets, string(b), base64.StdEncoding.EncodeToString(b)) }
	h.ok(h.store.Read(t.Context(), func(v core.View) error {
		s, _ := v.System(id)
		sealed(s.Sealed)
		sealed(v.Settings().Mail.Sealed)
		for _, p := range []core.PersonID{ann.id, h.boss.id} {
			f, _ := v.Factor(p)
			sealed(f.Sealed)
			secrets = append(secrets, f.Recovery...)
		}
		return nil
	}))
	if slices.Contains(secrets, "") {
		t.Fatal("a secret of the test is empty")
	}
	look := func(name string, v any) {
		t.Helper()
		b, err := json.Marshal(v)
		h.ok(err)
		if buf, ok := v.(*bytes.Buffer); ok {
			b = buf.Bytes()
		}
		for _, s := range secrets {
			if bytes.Contains(b, []byte(s)) {
				t.Errorf("%s holds %q", name, s)
			}
		}
	}
	calls := 0
	each(t.Context(), h.boss, func(name string, v any, err error) {
		h.ok(err)
		calls++
		look(name, v)
	})
	if calls != 21 {
		t.Errorf("%d calls", calls)
	}
	sys, err := h.boss.Systems(t.Context())
	h.ok(err)
	set, err := h.boss.Settings(t.Context())
	h.ok(err)
	for _, s := range sys {
		if s.Sealed != nil {
			t.Error("a system's sealed credential is returned")
		}
	}
	if set.Mail.Sealed != nil {
		t.Error("the sealed mail password is returned")
	}
	pp, err := h.boss.PersonPage(t.Context(), ann.id)
	h.ok(err)
	look("PersonPage", pp)
	pr, err := h.boss.Probe(t.Context(), id, core.SystemSpec{Name: "db", Kind: core.KindSample, Settings: map[string]string{"as": "postgres", "host": "db.example.org"}})
	h.ok(err)
	look("Probe", pr)
	_, err = h.boss.Do(t.Context(), core.Call{Command: core.UpdateSystem{System: "sy_none", SystemSpec: core.SystemSpec{Secret: core.NewSecret(systemPass)}}})
	look("an error", err)
}

// A role gives nothing to a session that proved a password alone, however high.
func TestNewcomersRightsRest(t *testing.T) {
	h := newHouse(t, nil)
	res := h.boss.must(core.AddPerson{FullName: "Ann", Login: "ann"})
	h.boss.must(core.Assign{Role: core.StintRole(core.GlobalAdministrator), Principals: []core.PersonID{res.Person}, Kind: core.Active, Justification: why})
	h.boss.must(core.ChangeSettings{Settings: core.Settings{Mail: core.MailSettings{Host: "mail.example.org", Port: 25, Security: core.MailTLS, Auth: core.MailAuthNone, From: "stint@example.org"}}})
	adm, err := h.gate.SignIn(t.Context(), core.SignIn{Login: "ann", Password: core.NewSecret(res.Secret), From: "window"})
	h.ok(err)
	for name, err := range restricted(t.Context(), adm.Service, nil) {
		if core.CodeOf(err) != core.Forbidden {
			t.Errorf("%s: %v", name, err)
		}
	}
	me, err := adm.Service.Me(t.Context())
	h.ok(err)
	set, err := adm.Service.Settings(t.Context())
	h.ok(err)
	if me.MayRead || me.MayManageAccess || me.MayManagePeople || me.MayExport || me.MayChangeSettings || set.Mail.Host != "" {
		t.Errorf("%+v, %+v", me, set)
	}
}
