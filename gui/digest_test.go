package gui_test

import (
	"testing"
	"time"

	"fyne.io/fyne/v2/test"

	"github.com/google/go-cmp/cmp"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/gui"
	"github.com/stint-pim/stint/gui/guitest"
	"github.com/stint-pim/stint/gui/part"
)

// When the week in numbers is sent is chosen on the page; what can't be is said
// at its field.
func TestDigestSettings(t *testing.T) {
	s := newStage(t, guitest.AdminTypical, gui.Light, "en")
	s.w.Open("settings")
	s.sees("Send administrators the week in numbers")
	s.choose("Day", "Friday")
	n := len(s.fields())
	s.fill(n-2, "25:00")
	s.fill(n-1, "Europe/Berlin")
	s.press("Save settings")
	s.sees("Write the hour as on a clock with 24 hours")
	s.fill(n-2, "16:30")
	s.fill(n-1, "Europe/Nowhere")
	s.press("Save settings")
	s.sees("is not a time zone that is known here")
	s.fill(n-1, "Europe/Berlin")
	s.press("Save settings")
	got, ok := s.last().(core.ChangeSettings)
	want := core.DigestSettings{Weekday: "friday", At: "16:30", Zone: "Europe/Berlin"}
	if diff := cmp.Diff(want, got.Settings.Digest); !ok || diff != "" {
		t.Errorf("sent %T: %s", s.last(), diff)
	}
	s.toggle("Send administrators the week in numbers")
	if len(s.fields()) != n-2 {
		t.Error("day and hour of what isn't sent can be typed")
	}
	s.press("Save settings")
	want.Off = true
	if got, _ := s.last().(core.ChangeSettings); got.Settings.Digest != want {
		t.Errorf("sent %+v", s.last())
	}

	s.press("See a sample…")
	s.sees("Sample: digest en")
}

// An administrator switches it off for himself, by the keyboard or by tapping;
// where the server refuses, the switch is as it was.
func TestOwnDigest(t *testing.T) {
	const label = "Mail me the week in numbers"
	s := newStage(t, guitest.AdminTypical, gui.Light, "en")
	s.w.Open("settings")
	find := func() *part.Switch {
		for _, o := range s.objects() {
			if w, ok := o.(*part.Switch); ok && w.Label() == label {
				return w
			}
		}
		t.Fatalf("no switch; on the page: %s", s.words())
		return nil
	}
	me := s.fake.MeNow.Person
	s.toggle(label)
	if diff := cmp.Diff(core.Command(core.ChooseDigest(me, false)), s.last()); diff != "" {
		t.Error(diff)
	}
	test.Tap(find())
	if diff := cmp.Diff(core.Command(core.ChooseDigest(me, true)), s.last()); diff != "" {
		t.Error(diff)
	}
	s.fake.Down = true
	test.Tap(find())
	if !find().On {
		t.Error("it was refused, and the switch says off")
	}
	s.fake.Down = false

	other := newStage(t, func(now func() time.Time) *guitest.Admin {
		a := guitest.AdminTypical(now)
		a.MeNow.Roles = []core.RoleID{core.StintRole(core.UserAdministrator)}
		return a
	}, gui.Light, "en")
	other.w.Open("settings")
	other.lacks(label)
}
