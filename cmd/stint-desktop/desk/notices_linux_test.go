package desk_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stint-pim/stint/cmd/stint-desktop/desk"
	"github.com/stint-pim/stint/cmd/stint-desktop/desk/desktest"
	"github.com/stint-pim/stint/gui/model"
)

// notices shows on a bus; the channel tells what is chosen.
func notices(t *testing.T, bus string) (*desk.Notices, <-chan model.NoticeChoice) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	n := desk.NewNotices(ctx, desk.Options{Session: bus})
	chosen := n.Chosen(ctx)
	t.Cleanup(func() {
		cancel()
		for range chosen { // it ends soon after
		}
	})
	return n, chosen
}

func choice(t *testing.T, ch <-chan model.NoticeChoice) model.NoticeChoice {
	t.Helper()
	select {
	case c := <-ch:
		return c
	case <-time.After(10 * time.Second):
		t.Fatal("the choice was not heard")
		panic("unreachable")
	}
}

func ending(minutes string) model.DeskNotice {
	return model.DeskNotice{Key: model.AccessKey("as_1"), Title: "Owner ends in " + minutes + " minutes", Text: "On rg, at 13:55.", Open: "Open", Action: "Prolong…",
		To: model.NoticePlace{Page: "access", Prolong: "as_1"}}
}

// A notice has its button, takes the place of the one before about the same
// matter, and is taken away when that is over. What the person chooses is heard,
// and leads where the notice says.
func TestNoticeHasItsButton(t *testing.T) {
	bus := desktest.Bus(t)
	b := desktest.NewBoard(t, bus, "actions", "body", "body-markup")
	n, chosen := notices(t, bus)
	n.Show(ending("15"))
	first := b.Next()
	want := desktest.Shown{ID: 1, Title: "Owner ends in 15 minutes", Text: "On rg, at 13:55.", Actions: []string{"default", "Open", "action", "Prolong…"}, Urgency: 1}
	if diff := cmp.Diff(want, first); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	n.Show(model.DeskNotice{Key: model.RequestKey("re_1"), Title: "Bob asks", Open: "Open", Critical: true, To: model.NoticePlace{Page: "approvals", Request: "re_1"}})
	other := b.Next()
	if other.Replaces != 0 || other.Urgency != 2 || !cmp.Equal(other.Actions, []string{"default", "Open"}) {
		t.Errorf("another matter: %+v", other)
	}
	n.Show(ending("5"))
	if got := b.Next(); got.Replaces != first.ID || got.Title != "Owner ends in 5 minutes" {
		t.Errorf("the same matter again: %+v", got)
	}
	b.Choose(first.ID, "action")
	if got := choice(t, chosen); !got.Action || got.Notice.To.Prolong != "as_1" || got.Notice.Title != "Owner ends in 5 minutes" {
		t.Errorf("the button: %+v", got)
	}
	b.Choose(other.ID, "default")
	if got := choice(t, chosen); got.Action || got.Notice.To.Request != "re_1" {
		t.Errorf("the notice itself: %+v", got)
	}
	n.Close(model.RequestKey("re_1"))
	if got := b.Closed(); got != other.ID {
		t.Errorf("closed %d, want %d", got, other.ID)
	}
	b.Dismiss(first.ID)
	n.Show(ending("1")) // the signal and the call come from two sides: either is first
	if got := b.Next(); got.Replaces != 0 && got.Replaces != first.ID {
		t.Errorf("after it was dismissed: %+v", got)
	}
}

// Nothing that others wrote is read as markup, fills the screen or turns the
// direction of writing; where a desktop reads no markup it isn't escaped.
func TestNoticeIsWords(t *testing.T) {
	bus := desktest.Bus(t)
	evil := model.DeskNotice{Title: "Bob\n<b>asks</b>\u202e" + strings.Repeat("x", 1000), Text: "“<a href=\"http://evil\">&\x1b[2J\r\nnow</a>”" + strings.Repeat("ü", 2000), Open: "Open"}
	for markup, want := range map[string]string{"body-markup": "“&lt;a href=&quot;http://evil&quot;&gt;&amp;[2J  now&lt;/a&gt;”", "body": "“<a href=\"http://evil\">&[2J  now</a>”"} {
		b := desktest.NewBoard(t, bus, "actions", markup)
		n, _ := notices(t, bus)
		n.Show(evil)
		got := b.Next()
		if !strings.HasPrefix(got.Text, want) {
			t.Errorf("%s: text %.80q, want %q", markup, got.Text, want)
		}
		if want := "Bob <b>asks</b>xxx"; !strings.HasPrefix(got.Title, want) || len([]rune(got.Title)) != 120 || len([]rune(got.Text)) > 480 {
			t.Errorf("%s: %d and %d characters, title %.40q", markup, len([]rune(got.Title)), len([]rune(got.Text)), got.Title)
		}
		b.Gone()
	}
}

// A desktop without buttons shows words. One that starts its service anew is
// met anew: what was shown before is not replaced by number.
func TestNoticesMeetTheDesktop(t *testing.T) {
	bus := desktest.Bus(t)
	b := desktest.NewBoard(t, bus, "body")
	n, chosen := notices(t, bus)
	n.Show(ending("15"))
	if got := b.Next(); len(got.Actions) != 0 {
		t.Errorf("actions %q where there are none", got.Actions)
	}
	b.Gone()
	b = desktest.NewBoard(t, bus, "body", "actions")
	var got desktest.Shown
	for range 100 { // until the news of it has come: a notice is shown in either case
		n.Show(ending("5"))
		if got = b.Next(); len(got.Actions) == 4 {
			break
		}
	}
	if len(got.Actions) != 4 {
		t.Fatalf("the new one: %+v", got)
	}
	desktest.PretendBoard(t, bus, got.ID, "action")
	b.Choose(got.ID, "no such key")
	b.Choose(got.ID+7, "action")
	b.Choose(got.ID, "default")
	if c := choice(t, chosen); c.Action {
		t.Errorf("somebody pretended to be the desktop: %+v", c)
	}
	select {
	case c := <-chosen:
		t.Errorf("chosen twice: %+v", c)
	case <-time.After(50 * time.Millisecond):
	}
}
