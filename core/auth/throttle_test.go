package auth_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stint-pim/stint/core/auth"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func origin(i int) string { return fmt.Sprintf("10.%d.%d.%d", i>>16&255, i>>8&255, i&255) }

// F28: whatever strangers do, they have so many passwords a day for one login
// looked at, and every day as few.
func TestF28GuessesADay(t *testing.T) {
	for _, origins := range []int{1, 50, 5000} {
		var th auth.Throttle
		first, looked := 0, 0
		for day := range 3 {
			looked = 0
			for minute := range 24 * 60 {
				now := noon.Add(time.Duration(day*24*60+minute) * time.Minute)
				for i := range 30 { // what one address may try in a minute
					at := origin(((day*24*60+minute)*30 + i) % origins)
					if v := th.Ask(auth.Try{Login: "ann", From: at}, now); !v.TooOften && !v.Beyond {
						looked++
					}
				}
			}
			if day == 0 {
				first = looked
			}
		}
		if limit := auth.StrangerTries + int(24*time.Hour/auth.StrangerEvery); first > limit || looked > limit {
			t.Errorf("%d addresses: %d passwords on the first day, %d on the third, want at most %d", origins, first, looked, limit)
		}
		if limit := (auth.OriginTries + int(24*time.Hour/auth.OriginEvery)) * origins; first > limit {
			t.Errorf("%d addresses: %d passwords on the first day, want at most %d", origins, first, limit)
		}
		if first < auth.OriginTries {
			t.Errorf("%d addresses: only %d passwords", origins, first)
		}
	}
}

func TestThrottle(t *testing.T) {
	var th auth.Throttle
	ask := func(login, from, device string, at time.Duration) auth.Verdict {
		return th.Ask(auth.Try{Login: login, From: from, Device: device}, noon.Add(at))
	}
	// One address has a part of the budget, whatever capitals it types.
	for i, login := range []string{"ann", "Ann", "ANN", "aNN", "ann"} {
		if v := ask(login, "192.0.2.1", "", 0); v.Beyond || v.TooOften {
			t.Fatalf("try %d: %+v", i, v)
		}
	}
	v := ask("ann", "192.0.2.1", "", 0)
	if !v.Beyond || !v.Until.Equal(noon.Add(auth.OriginEvery)) {
		t.Errorf("the sixth of one address: %+v", v)
	}
	if v := ask("ann", "192.0.2.1", "", auth.OriginEvery-time.Second); !v.Beyond {
		t.Errorf("a second too early: %+v", v)
	}
	if v := ask("ann", "192.0.2.1", "", auth.OriginEvery); v.Beyond || v.Held != 2 {
		t.Errorf("when it is time: %+v", v)
	}
	// Many addresses have what all strangers have.
	looked, warned := 0, 0
	for i := range 200 {
		v := ask("bob", origin(i), "", 0)
		if !v.Beyond {
			looked++
		}
		if v.Warn {
			warned++
		}
	}
	if looked != auth.StrangerTries || warned != 1 {
		t.Errorf("%d were looked at and the owner warned %d times", looked, warned)
	}
	// Devices, this machine and other logins are not concerned.
	for _, y := range []auth.Try{{Login: "bob", From: "10.9.9.9", Device: "phone"}, {Login: "bob", From: "window"}, {Login: "bob", From: "command line"}, {Login: "carl", From: "10.9.9.9"}} {
		if v := th.Ask(y, noon); v.Beyond || v.TooOften {
			t.Errorf("%+v: %+v", y, v)
		}
	}
	// But a known device is no way round either.
	n := 0
	for !ask("bob", "10.9.9.9", "phone", 0).Beyond {
		n++
	}
	if n != auth.KnownTries-1 {
		t.Errorf("a device has %d tries", n+1)
	}
	if v := ask("bob", "10.9.9.9", "tablet", 0); v.Beyond {
		t.Error("one device uses up the budget of another")
	}
	// From nowhere is not from here.
	if (auth.Try{From: "unknown"}).Turn() != auth.Stranger || (auth.Try{From: ""}).Turn() != auth.Stranger || (auth.Try{From: "socket"}).Turn() != auth.Known {
		t.Error("who comes from nowhere is taken for somebody at this machine")
	}
	// The owner is told once a day.
	if v := ask("bob", origin(999), "", auth.StrangerEvery); v.Beyond || v.Warn {
		t.Errorf("a minute later: %+v", v)
	}
	if v := ask("bob", origin(998), "", 2*auth.StrangerEvery); v.Warn {
		t.Errorf("two minutes later: %+v", v)
	}
	warned = 0
	for i := range 200 {
		if ask("bob", origin(2000+i), "", auth.WarnEvery).Warn {
			warned++
		}
	}
	if warned != 1 {
		t.Errorf("a day later the owner was warned %d times", warned)
	}
}

// What was right costs nothing; what others did stays counted.
func TestThrottleForgives(t *testing.T) {
	var th auth.Throttle
	y := auth.Try{Login: "ann", From: "192.0.2.1"}
	for range 1000 {
		v := th.Ask(y, noon)
		if v.TooOften { // the address is another matter
			break
		}
		if v.Beyond {
			t.Fatal("right ones are held back")
		}
		th.Right(y, false, noon)
	}
	for i := range 100 {
		th.Ask(auth.Try{Login: "bob", From: origin(i)}, noon)
	}
	y = auth.Try{Login: "bob", From: "192.0.2.2", Code: true}
	if !th.Ask(y, noon).Beyond {
		t.Fatal("not held back")
	}
	th.Right(y, true, noon)
	if !th.Ask(auth.Try{Login: "bob", From: "192.0.2.3"}, noon).Beyond {
		t.Error("that bob came in gives strangers another try")
	}
	y = auth.Try{Login: "carl", From: "window"}
	for range 3 * auth.KnownTries { // password first, then the code
		if th.Ask(y, noon).Beyond {
			t.Fatal("asking for the code costs tries")
		}
		th.Undo(y, noon)
	}
}

// A table that is full gives nobody a fresh budget, and known people theirs.
func TestThrottleIsBounded(t *testing.T) {
	var th auth.Throttle
	for range auth.StrangerTries {
		th.Ask(auth.Try{Login: "ann", From: "192.0.2.1"}, noon)
		th.Ask(auth.Try{Login: "ann", From: origin(1 << 20)}, noon)
	}
	looked := 0
	for i := range 120_000 {
		if v := th.Ask(auth.Try{Login: fmt.Sprint("nobody", i), From: origin(i)}, noon); !v.Beyond && !v.TooOften {
			looked++
		}
	}
	if looked > 60_000 {
		t.Errorf("%d logins have a budget of their own", looked)
	}
	if v := th.Ask(auth.Try{Login: "ann", From: "192.0.2.1"}, noon); !v.Beyond && !v.TooOften {
		t.Error("a flood has given a fresh budget")
	}
	if v := th.Ask(auth.Try{Login: "ann", From: "192.0.2.1", Device: "laptop"}, noon); v.Beyond || v.TooOften {
		t.Errorf("a flood keeps known people out: %+v", v)
	}
	// When it is over, everything is forgotten.
	if v := th.Ask(auth.Try{Login: "new", From: "192.0.2.99"}, noon.Add(48*time.Hour)); v.Beyond || v.TooOften {
		t.Errorf("two days later: %+v", v)
	}
}

// An address that tries one login after another is held back, too.
func TestAddressesAreHeldBack(t *testing.T) {
	var th auth.Throttle
	passed := func(n int, from func(int) string, at time.Duration) (n1 int) {
		for i := range n {
			if !th.Ask(auth.Try{Login: fmt.Sprint("login", i), From: from(i)}, noon.Add(at)).TooOften {
				n1++
			}
		}
		return n1
	}
	one := func(int) string { return "192.0.2.7" }
	if n := passed(200, one, 0); n != auth.AddressTries {
		t.Errorf("%d of 200 passed", n)
	}
	if n := passed(200, func(i int) string { return fmt.Sprintf("2001:db8::%x", i) }, 0); n != auth.AddressTries {
		t.Errorf("%d of 200 of one network passed", n)
	}
	if n := passed(200, func(int) string { return "::ffff:192.0.2.7" }, 0); n != 0 {
		t.Errorf("%d passed under the same address written otherwise", n)
	}
	if n := passed(50, one, 20*time.Second); n != 10 {
		t.Errorf("after 20 seconds %d passed, want 10", n)
	}
	if th.Ask(auth.Try{Login: "ann", From: "192.0.2.7", Device: "laptop"}, noon).TooOften {
		t.Error("a known device is held back for what others at its address did")
	}
}
