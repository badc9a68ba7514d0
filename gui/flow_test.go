package gui_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/gui"
	"github.com/stint-pim/stint/gui/guitest"
	"github.com/stint-pim/stint/gui/model"
)

// person sits in front of a window of the tests.
type person struct {
	t       *testing.T
	window  *gui.Window
	service *guitest.Fake
	gate    *guitest.Gate
	now     time.Time
	notices []string           // titles, as they came
	shown   []model.DeskNotice // what stands on the desktop now
	choices chan model.NoticeChoice
	desk    chan model.DeskEvent // what happens to the computer
}

// sit opens the window on data; tokens keeps a session if signedIn.
func sit(t *testing.T, data func(func() time.Time) *guitest.Fake, signedIn bool, prefs map[string]string) *person {
	t.Helper()
	a := test.NewTempApp(t)
	for k, v := range prefs {
		a.Preferences().SetString(k, v)
	}
	p := &person{t: t, now: guitest.Noon(), desk: make(chan model.DeskEvent, 4), choices: make(chan model.NoticeChoice, 4)}
	clock := func() time.Time { return p.now }
	p.service = data(clock)
	p.gate = guitest.NewGate(p.service)
	deps := gui.Deps{Gate: p.gate, Now: clock, Place: time.UTC, Language: "en", Async: gui.NewDirectAsync(clock),
		Notices: p,
		Desk:    func(context.Context) <-chan model.DeskEvent { return p.desk }}
	if signedIn {
		deps.Tokens = guitest.Tokens{Token: p.gate.Token}
	}
	p.window = gui.New(a, deps)
	p.window.Show()
	p.window.Window().Resize(fyne.NewSize(1180, 760))
	t.Cleanup(p.window.Stop)
	return p
}

func (p *person) canvas() fyne.Canvas { return p.window.Window().Canvas() }

func (p *person) words() string { return guitest.Words(p.canvas()) }

// sees fails unless every text is shown.
func (p *person) sees(texts ...string) {
	p.t.Helper()
	all := p.words()
	for _, s := range texts {
		if !strings.Contains(strings.ReplaceAll(all, "\n", " "), s) {
			p.t.Fatalf("%q is not shown. Shown:\n%s", s, all)
		}
	}
}

func (p *person) seesNot(texts ...string) {
	p.t.Helper()
	all := p.words()
	for _, s := range texts {
		if strings.Contains(all, s) {
			p.t.Fatalf("%q is shown. Shown:\n%s", s, all)
		}
	}
}

// clicks taps what shows a text: the last such, which is the one on top.
func (p *person) clicks(text string) {
	p.t.Helper()
	at, ok := guitest.Find(p.canvas(), text)
	if !ok {
		p.t.Fatalf("nothing to click named %q. Shown:\n%s", text, p.words())
	}
	guitest.Click(p.canvas(), at)
}

// clicksFirst is clicks on the first of several.
func (p *person) clicksFirst(text string) {
	p.t.Helper()
	at, ok := guitest.FindFirst(p.canvas(), text)
	if !ok {
		p.t.Fatalf("nothing to click named %q. Shown:\n%s", text, p.words())
	}
	guitest.Click(p.canvas(), at)
}

// types writes into whatever has the keyboard.
func (p *person) types(s string) {
	p.t.Helper()
	f := p.canvas().Focused()
	if f == nil {
		p.t.Fatalf("nothing has the keyboard for %q. Shown:\n%s", s, p.words())
	}
	for _, r := range s {
		f.TypedRune(r)
	}
}

// presses a key, at what has the keyboard or at the window.
func (p *person) presses(k fyne.KeyName) {
	if f := p.canvas().Focused(); f != nil {
		f.TypedKey(&fyne.KeyEvent{Name: k})
		return
	}
	p.canvas().OnTypedKey()(&fyne.KeyEvent{Name: k})
}

func (p *person) tab() { p.canvas().FocusNext() }

// later lets time pass and the window notice.
func (p *person) later(d time.Duration) {
	p.now = p.now.Add(d)
	p.window.Async().Beat()
}

func TestActivationWizard(t *testing.T) {
	p := sit(t, guitest.Typical, true, nil)
	p.sees("My access", "Active now", "41", "min left", "4:10", "being granted", "verified on prod-db")
	p.clicks("User Administrator")
	p.clicks("Contributor")
	p.sees("2 roles chosen", "one reason, one code")
	p.clicks("Activate 2 roles")
	p.sees("What", "When", "Why", "Prove", "Review")
	p.presses(fyne.KeyReturn) // What → When
	p.sees("Duration", "max 8 h", "Ends 14:51.")
	p.types("2h") // the field is selected whole
	p.sees("Ends 15:51.")
	p.presses(fyne.KeyReturn)
	p.sees("Justification", "Used lately")
	p.types("abc")
	p.clicks("Next")
	p.sees("Say in at least 5 characters", "A ticket is asked for.")
	p.clicks("INC-7731: replica lag, need pg_stat_activity")
	p.clicks("CHG-20418") // the ticket's placeholder
	p.types("CHG-1")
	p.presses(fyne.KeyReturn)
	p.sees("a fresh code for this very request")
	p.types("000000") // six digits go on by themselves
	p.sees("What will happen", "now – 15:51 (2 h)", "CHG-1", "at once", "Tokens already issued may work up to 60")
	p.clicks("Activate 2 roles")
	p.sees("This code is wrong or was used already.") // back at its step
	p.types(guitest.Code)
	p.presses(fyne.KeyReturn)
	p.sees("Waiting for 2 systems to answer", "requested", "13:51:00", "granted", "being granted")
	p.later(4 * time.Second)
	p.service.Settle()
	p.window.Async().Pump()
	p.sees("Done: 2 roles", "verified", "13:51:04")

	last := p.service.Calls[len(p.service.Calls)-1]
	got, ok := last.Command.(core.Activate)
	if !ok || len(got.Items) != 2 || got.Duration.Std() != 2*time.Hour || got.Ticket.Number != "CHG-1" ||
		got.Justification != "INC-7731: replica lag, need pg_stat_activity" || last.Code.Reveal() != guitest.Code || last.Key == "" {
		t.Errorf("sent %+v", last)
	}
	p.presses(fyne.KeyReturn)
	p.sees("My access", "verified on Contoso 13:51:04")
	p.seesNot("roles chosen")
}

func TestFavouriteNeedsOnlyTheCode(t *testing.T) {
	p := sit(t, guitest.Typical, true, nil)
	p.clicks("30 min")
	p.sees("Activate wheel", "Install the updates", "now – 14:21 (30 min)")
	p.types(guitest.Code)
	p.sees("Waiting for 1 system")
	if got := len(p.service.Calls); got != 1 {
		t.Errorf("%d calls, want 1", got)
	}
}

func TestDropNamesItsEffect(t *testing.T) {
	p := sit(t, guitest.Typical, true, nil)
	p.clicksFirst("Drop")
	p.sees("Drop Owner on rg-payments?", "Drop Owner now", "Keep it")
	p.presses(fyne.KeyEscape)
	if len(p.service.Calls) != 0 {
		t.Fatal("Esc dropped it")
	}
	p.clicksFirst("Drop")
	p.clicks("Drop Owner now")
	p.sees("being removed", "Taking it back …")
	p.service.Settle()
	p.window.Async().Pump()
	p.seesNot("rg-payments")
}

func TestProlong(t *testing.T) {
	p := sit(t, guitest.Typical, true, nil)
	p.clicksFirst("Prolong")
	p.sees("Prolong Owner", "Ends 14:51 instead of 13:55.")
	p.types("9h")
	p.sees("allow 4 h at most")
	p.clicks("9h")
	p.canvas().Focused().(fyne.Shortcutable).TypedShortcut(&fyne.ShortcutSelectAll{})
	p.types("2h")
	p.sees("Ends 15:51 instead of 13:55.")
}

func TestCountdownIsADeadline(t *testing.T) {
	p := sit(t, guitest.Typical, true, nil)
	p.sees("4:10")
	p.later(70 * time.Second)
	p.sees("3:00")
	p.service.Cut() // the server goes away: the countdown goes on
	p.window.Async().Pump()
	p.later(time.Minute)
	p.sees("2:00", "The server can't be reached")
}

func TestNoticesBeforeTheEnd(t *testing.T) {
	p := sit(t, guitest.Typical, true, nil)
	p.later(time.Second)
	p.later(3*time.Minute + 20*time.Second)
	p.later(time.Second)
	want := []string{"Owner ends in 5 minutes", "Owner ends in 1 minute"}
	if len(p.notices) != 2 || p.notices[0] != want[0] || p.notices[1] != want[1] {
		t.Errorf("notices %q, want %q", p.notices, want)
	}
}

func TestSignInAndLock(t *testing.T) {
	p := sit(t, guitest.Typical, false, nil)
	p.sees("Sign in", "Login", "Password")
	p.types("alice")
	p.presses(fyne.KeyReturn)
	p.types("wrong password")
	p.presses(fyne.KeyReturn)
	p.sees("Login or password is wrong.")
	p.types(guitest.Password)
	p.presses(fyne.KeyReturn)
	p.sees("Enter your code")
	p.types("999999")
	p.sees("This code is wrong")
	p.types(guitest.Code)
	p.sees("My access", "Active now")

	p.later(16 * time.Minute)
	p.sees("Locked.", "Alice Miller")
	p.seesNot("db-owner")
	p.types("no")
	p.presses(fyne.KeyReturn)
	p.sees("This is not your password.")
	p.types(guitest.Password)
	p.presses(fyne.KeyReturn)
	p.sees("Active now", "db-owner")
}

func TestPalette(t *testing.T) {
	p := sit(t, guitest.Typical, true, nil)
	p.clicks("Find a role or a page")
	p.types("drop db-admin")
	p.presses(fyne.KeyReturn)
	p.sees("Drop db-admin on prod-db?")
}

func TestFirstStart(t *testing.T) {
	a := test.NewTempApp(t)
	now := guitest.Noon
	f := guitest.Empty(now)
	g := guitest.NewGate(f)
	g.Start.Empty = true
	w := gui.New(a, gui.Deps{Gate: g, Now: now, Place: time.UTC, Language: "en", Async: gui.NewDirectAsync(now)})
	w.Show()
	w.Window().Resize(fyne.NewSize(1180, 760))
	p := &person{t: t, window: w, service: f, gate: g, now: now()}
	p.sees("Welcome to Stint", "Set up on this computer")
	p.seesNot("Connect to my team's server", "Look around with sample data") // no hooks, no promises
	p.presses(fyne.KeyReturn)
	p.sees("Your name", "Second factor", "Recovery codes")
	for i, s := range []string{"Alice Miller", "alice", "alice@example.com", "Example AG"} {
		if i > 0 {
			p.tab()
		}
		p.types(s)
	}
	p.tab()
	p.types("short")
	p.sees("At least 12 characters")
	p.types(" and then some more")
	p.sees("Strong")
	p.clicks("Next")
	p.sees("The two passwords differ.")
	p.types("short and then some more")
	p.presses(fyne.KeyReturn)
	p.sees("Scan the picture", "JBSW Y3DP")
	p.types("111111")
	p.sees("This code is wrong")
	p.types(guitest.Code)
	p.sees("k7mp-2wxq-9ftd", "I have stored these codes")
	p.clicks("Next")
	p.sees("Store the codes first")
	p.clicks("I have stored these codes")
	p.clicks("Next")
	p.sees("Mail server", "Not now")
	p.types("smtp.example.com")
	p.sees("Save and go on")
	p.clicks("Send a test mail")
	p.sees("A test mail is on its way to alice@example.com.")
	p.clicks("Save and go on")
	p.sees("Connect a system", "Later")
	p.clicks("You find it under Systems at any time.")
	p.sees("My access", "Nothing to activate yet")
	if got := f.Config.Mail.Host; got != "smtp.example.com" {
		t.Errorf("mail host %q was kept", got)
	}
}

func TestSampleSaysSoAndShowsItsCode(t *testing.T) {
	a := test.NewTempApp(t)
	now := guitest.Noon
	g := guitest.NewGate(guitest.Typical(now))
	g.Start.Sample = true
	left := false
	w := gui.New(a, gui.Deps{Gate: g, Tokens: guitest.Tokens{Token: g.Token}, Now: now, Place: time.UTC, Language: "en",
		Async: gui.NewDirectAsync(now), SampleCode: func() string { return "314159" },
		LeaveSample: func(context.Context) (core.Gate, error) { left = true; return g, nil }})
	w.Show()
	w.Window().Resize(fyne.NewSize(1180, 760))
	p := &person{t: t, window: w, now: now()}
	p.sees("You are looking at sample data", "Code now: 314159")
	p.clicks("AM")
	p.seesNot("Lock", "Sign out") // nobody in a sample has a password
	p.presses(fyne.KeyEscape)
	p.clicks("Leave the sample data")
	if !left {
		t.Error("the sample was not left")
	}
}
