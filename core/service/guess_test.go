package service_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/auth"
	"github.com/stint-pim/stint/core/seal"
	"github.com/stint-pim/stint/core/service"
)

// try signs in and returns the key of the refusal, or "" for a session.
func try(t *testing.T, g core.Gate, in core.SignIn) (core.Admission, core.TextKey) {
	t.Helper()
	adm, err := g.SignIn(t.Context(), in)
	if err == nil {
		return adm, ""
	}
	return adm, keyOf(err)
}

func botnet(i int) string { return fmt.Sprintf("203.0.113.%d", i%50) }

// F28: a thousand tries from fifty addresses, within an hour. Meanwhile the
// person comes in at once from where she has been, from this machine, and at a
// new device with password and code together; the guesser gets few guesses, is
// told nothing, and locks nothing.
func TestF28BruteForce(t *testing.T) {
	h := newHouse(t, nil)
	ann := h.join("Ann")
	pass := core.NewSecret(ann.pass)
	adm, key := try(t, h.gate, core.SignIn{Login: "ann", Password: pass, Code: ann.code(), From: "198.51.100.7"})
	if key != "" || adm.Device.Empty() {
		t.Fatalf("from her laptop: %q, device %q", key, adm.Device.Reveal())
	}
	laptop := adm.Device
	began, mails := h.clock.Now(), len(h.notices.list())
	looked := 0
	const tries = 1000
	for i := range tries {
		h.clock.Set(h.clock.Now().Add(3500 * time.Millisecond))
		in := core.SignIn{Login: "ann", Password: core.NewSecret(fmt.Sprint("guess ", i)), From: botnet(i)}
		if i%4 == 3 {
			in.Code = core.NewSecret(fmt.Sprintf("%06d", i))
		}
		switch _, key := try(t, h.gate, in); key {
		case "signin.wrong":
			if in.Code.Empty() {
				looked++
			}
		case "signin.held":
		default:
			t.Fatalf("try %d: %q", i, key)
		}
		if i%100 != 99 {
			continue
		}
		// From her laptop, at an address of the botnet: first without a code.
		known := core.SignIn{Login: "ann", Password: pass, Device: laptop, From: botnet(i)}
		if _, key := try(t, h.gate, known); key != "code.needed" {
			t.Errorf("try %d: from a known device: %q", i, key)
		}
		known.Code = ann.code()
		adm, key := try(t, h.gate, known)
		if key != "" {
			t.Errorf("try %d: from a known device with the code: %q", i, key)
		}
		laptop = adm.Device
		// From a device never seen before, with both together: at once.
		fresh := core.SignIn{Login: "ann", Password: pass, Code: ann.code(), From: fmt.Sprintf("192.0.2.%d", i%250)}
		if _, key := try(t, h.gate, fresh); key != "" {
			t.Errorf("try %d: from a new device: %q", i, key)
		}
		if _, key := try(t, h.gate, core.SignIn{Login: "ann", Password: pass, Code: ann.code(), From: "window"}); key != "" {
			t.Errorf("try %d: from the window on the server's machine: %q", i, key)
		}
		h.ok(ann.Unlock(t.Context(), pass))
	}
	took := h.clock.Now().Sub(began)
	if limit := auth.StrangerTries + int(took/auth.StrangerEvery) + 1; looked > limit {
		t.Errorf("%d passwords alone were looked at within %v, want at most %d", looked, took, limit)
	}
	if looked < 10 {
		t.Errorf("only %d passwords alone were looked at: the test tries nothing", looked)
	}
	if told := h.told(ann.id, mails); !cmp.Equal(told, []core.NoticeKind{core.NoticeGuessing}) {
		t.Errorf("ann was told %v, want once that somebody guesses", told)
	}
	h.ok(h.store.Read(t.Context(), func(v core.View) error {
		f, _ := v.Factor(ann.id)
		cr, _ := v.Credential(ann.id)
		if f.Failed != 0 || !f.LockedTill.IsZero() || cr.Failed != 0 || !cr.LockedTill.IsZero() {
			t.Errorf("strangers have counted against ann: %+v %+v", f.Failed, cr.Failed)
		}
		return v.Err()
	}))
}

// F28: known and unknown logins answer alike, try by try, whatever is tried,
// and cost as many hashes. Hashes are counted by the memory they take, which
// a busy machine doesn't change.
func TestF28KnownAndUnknownAlike(t *testing.T) {
	h := newHouse(t, nil)
	ann := h.join("Ann")
	h.boss.must(core.AddPerson{FullName: "New", Login: "new", Mail: "new@example.org"})
	h.boss.must(core.DisablePerson{Person: h.join("Off").id})
	const size = 2 << 20 // bytes that one hash takes
	hasher := auth.NewHasher(auth.Params{Time: 1, Memory: size >> 10, Threads: 1}, 1)
	gate := func() *service.Gate {
		return service.New(service.Config{Engine: h.eng, Box: seal.New([32]byte{1, 2, 3}), Hasher: hasher, Wall: h.clock.Now})
	}
	// Ann's hash and the others' are of other costs in this house.
	rehash := func(login string, pass string) {
		h.ok(h.store.Update(t.Context(), func(tx core.Tx) error {
			p, _ := tx.PersonByLogin(login)
			cr, _ := tx.Credential(p.ID)
			var err error
			if cr.Hash, err = hasher.Hash(t.Context(), core.NewSecret(pass)); err != nil {
				return err
			}
			return tx.Apply(core.Event{Changes: []core.Change{cr}})
		}))
	}
	for login, pass := range map[string]string{"ann": ann.pass, "new": "first", "off": "other"} {
		rehash(login, pass)
	}
	_ = ann
	story := func(login string) (answers []string) {
		g := gate()
		for i := range 40 {
			in := core.SignIn{Login: login, Password: core.NewSecret("wrong"), From: botnet(i)}
			if i%5 == 4 {
				in.Code = core.NewSecret("123456")
			}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := g.SignIn(t.Context(), in)
			runtime.ReadMemStats(&after)
			work := (after.TotalAlloc - before.TotalAlloc + size/4) / size
			answers = append(answers, fmt.Sprintf("%s %s, %d hashes", core.CodeOf(err), strings.TrimSpace(err.Error()), work))
		}
		return answers
	}
	want := story("nobody")
	if all := strings.Join(want, "\n"); strings.Count(all, "1 hashes") < auth.StrangerTries || !strings.Contains(all, "0 hashes") {
		t.Errorf("the story shows nothing:\n%s", all)
	}
	for _, login := range []string{"ann", "ANN", "new", "off", "", "x' or 1=1 --", strings.Repeat("n", 5000)} {
		if d := cmp.Diff(want, story(login)); d != "" {
			t.Errorf("%.20q is told from a login that nobody has:\n%s", login, d)
		}
	}
}

// A device's token is good for its person, for one password, for half a year,
// and lets nobody in.
func TestDevices(t *testing.T) {
	h := newHouse(t, nil)
	ann, bob := h.join("Ann"), h.join("Bob")
	adm, key := try(t, h.gate, core.SignIn{Login: "ann", Password: core.NewSecret(ann.pass), Code: ann.code(), From: "198.51.100.7"})
	if key != "" {
		t.Fatal(key)
	}
	held := func() {
		for i := range 200 {
			try(t, h.gate, core.SignIn{Login: "ann", Password: core.NewSecret("x"), From: botnet(i)})
			try(t, h.gate, core.SignIn{Login: "bob", Password: core.NewSecret("x"), From: botnet(i)})
		}
	}
	known := func(p *person, device core.Secret) bool {
		t.Helper()
		h.clock.Set(h.clock.Now().Add(time.Second))
		_, key := try(t, h.gate, core.SignIn{Login: p.login, Password: core.NewSecret(p.pass), Device: device, From: "198.51.100.8"})
		if key != "code.needed" && key != "signin.held" {
			t.Fatalf("%s: %q", p.login, key)
		}
		return key == "code.needed"
	}
	held()
	if !known(ann, adm.Device) {
		t.Error("her device isn't known")
	}
	text := adm.Device.Reveal()
	for name, bad := range map[string]string{
		"none": "", "cut": text[:len(text)-2], "longer": text + "AA", "flipped": strings.ToLower(text), "long": strings.Repeat("A", 10_000), "no base64": "!" + text[1:],
		"a session's token": adm.Token.Reveal(),
	} {
		if known(ann, core.NewSecret(bad)) {
			t.Errorf("%s: taken for her device", name)
		}
	}
	if known(bob, adm.Device) {
		t.Error("ann's device is bob's, too")
	}
	if _, err := h.gate.Resume(t.Context(), adm.Device); core.CodeOf(err) != core.Unauthenticated {
		t.Errorf("a device lets in: %v", err)
	}
	h.clock.Set(h.clock.Now().Add(180 * 24 * time.Hour))
	held()
	if known(ann, adm.Device) {
		t.Error("it is known for ever")
	}
	if adm, key = try(t, h.gate, core.SignIn{Login: "ann", Password: core.NewSecret(ann.pass), Code: ann.code(), From: "window"}); key != "" {
		t.Fatal(key)
	}
	if !known(ann, adm.Device) {
		t.Error("a new one isn't known")
	}
	ann.Service = adm.Service
	next := "meadow-anvil-sprocket-81"
	h.ok(ann.ChangePassword(t.Context(), core.NewSecret(ann.pass), core.NewSecret(next)))
	ann.pass = next
	if known(ann, adm.Device) {
		t.Error("it outlives the password")
	}
}

// Whoever sits at a session can't take up the server's hashes by typing
// passwords at it, right ones or wrong ones.
func TestOwnPasswordIsPaced(t *testing.T) {
	h := newHouse(t, nil)
	ann := h.join("Ann")
	n := 0
	for range 100 {
		if err := ann.Unlock(t.Context(), core.NewSecret(ann.pass)); err != nil {
			h.key(err, "password.too_often")
			continue
		}
		n++
	}
	if n > auth.OwnTries || n < auth.OwnTries-2 {
		t.Errorf("%d of 100 were compared", n)
	}
	h.clock.Set(h.clock.Now().Add(auth.OwnEvery))
	h.ok(ann.Unlock(t.Context(), core.NewSecret(ann.pass)))
}
