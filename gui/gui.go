package gui

import (
	"context"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/gui/model"
	"github.com/stint-pim/stint/gui/part"
	"github.com/stint-pim/stint/resources"
)

// Tokens keeps the session's token between two starts: in the keyring, or in a
// file that only its owner can read. Its methods are called off the render
// goroutine.
type Tokens interface {
	Load() (core.Secret, error) // an empty secret if there is none
	Save(core.Secret) error     // an empty secret forgets it
}

// Deps is what the window needs. Hooks that are nil hide what they are for.
type Deps struct {
	Gate        core.Gate
	Tokens      Tokens // nil: every start asks to sign in
	Preferences fyne.Preferences
	Version     string
	Language    string         // the desktop's, as in LANG
	Place       *time.Location // where times are shown; nil: here
	Now         func() time.Time
	// Sample makes sample data and returns its gate, telling how far it is.
	Sample func(ctx context.Context, tell core.Progress) (core.Gate, error)
	// SampleCode says what the authenticator of the sample's person shows now, so
	// that one can activate roles while looking around.
	SampleCode func() string
	// LeaveSample throws the sample data away and returns the real gate.
	LeaveSample func(ctx context.Context) (core.Gate, error)
	// Connect returns the gate of a team's server.
	Connect func(ctx context.Context, address string) (core.Gate, error)
	// Restore puts a backup in the place of the data on this computer; nil where
	// the window has none of its own.
	Restore RestoreFunc
	// BackupDir is where backups are proposed to go; empty: the person's home.
	BackupDir string
	// Notices shows desktop notices; nil: nobody does.
	Notices Notices
	// Tray shows Stint beside the clock, if the desktop has a place for it.
	Tray bool
	// Desk tells what happens to the computer: its screen is locked, it goes to
	// sleep, its person signs out; nil: nobody tells.
	Desk func(ctx context.Context) <-chan model.DeskEvent
	// DataFacts says where data and keys of this computer are; nil where the
	// window talks to a server elsewhere.
	DataFacts func(*model.Text) []model.Fact
	// Async runs what takes time; nil: one that beats every second.
	Async *Async
}

// Notices shows desktop notices. Its methods don't wait for the desktop, and
// what they are told takes effect in that order.
type Notices interface {
	Show(model.DeskNotice)
	// Close takes away what is shown of a matter.
	Close(key string)
	// Chosen tells what the person chose, until ctx ends.
	Chosen(ctx context.Context) <-chan model.NoticeChoice
}

// Window is Stint's window: what is in it depends on whether somebody is
// signed in. Everything in it belongs to the render goroutine.
type Window struct {
	app   fyne.App
	deps  Deps
	win   fyne.Window
	async *Async
	text  *model.Text
	gate  core.Gate
	state core.GateState

	stage  *fyne.Container // what fills the window
	toasts *fyne.Container
	tips   *part.TipLayer
	frame  *frame // nil while nobody is signed in
	keys   part.KeyTaker

	look    Appearance
	touched time.Time
	idle    time.Duration
	locked  bool
	untoast func()
	tray    *tray
	notices *notices
	leaver  *model.Leaver
	can     *model.DeskCan // what the desktop can notice; nil: not known yet
	first   string         // the page to open first; empty: the first
	later   func(*frame)   // what was chosen on a notice while the window is locked, or nobody signed in
	skew    time.Duration  // by how much the server is ahead of this computer's clock
}

// Keys of the preferences.
const (
	prefAppearance = "appearance"
	prefLanguage   = "language"
	prefTrayTold   = "tray-told"
	prefServers    = "servers" // addresses of teams' servers, the last used first
)

// New makes the window and begins: first start, sign-in, or My access. Show
// it, and then run the app.
func New(app fyne.App, deps Deps) *Window {
	if deps.Now == nil {
		deps.Now = time.Now
	}
	if deps.Place == nil {
		deps.Place = time.Local
	}
	if deps.Preferences == nil {
		deps.Preferences = app.Preferences()
	}
	w := &Window{app: app, deps: deps, gate: deps.Gate, async: deps.Async, touched: deps.Now()}
	if w.async == nil {
		w.async = NewAsync(deps.Now)
	}
	w.look = Appearance(deps.Preferences.StringWithFallback(prefAppearance, string(FollowDesktop)))
	w.text = NewText(deps.Preferences.String(prefLanguage), deps.Language, deps.Place)
	app.Settings().SetTheme(NewTheme(w.look))
	icon := fyne.NewStaticResource("stint.png", resources.AppIcon())
	app.SetIcon(icon)

	w.win = app.NewWindow("Stint")
	w.win.SetIcon(icon)
	w.win.SetPadded(false)
	w.stage = container.NewStack()
	w.toasts = part.AtFoot(part.Gap(0, 0))
	w.toasts.Hide()
	w.tips = part.NewTipLayer(w.used)
	w.win.SetContent(part.Layers(part.NewBackdrop(part.Ground, w.used), w.stage, w.toasts, w.tips))
	w.win.Resize(fyne.NewSize(1180, 760))
	w.win.Canvas().SetOnTypedKey(w.key)
	w.shortcuts()
	w.notices = newNotices(w)
	w.tray = newTray(w)
	w.attendDesk()
	w.win.SetCloseIntercept(w.close)
	w.async.Tick(w.watchIdle)
	w.begin()
	return w
}

// Show opens the window.
func (w *Window) Show() { w.win.Show(); w.async.Pause(false) }

// Window returns the toolkit's window.
func (w *Window) Window() fyne.Window { return w.win }

// Async returns what runs the window's work; tests beat and pump it.
func (w *Window) Async() *Async { return w.async }

// Stop ends all work; nothing is shown after it.
func (w *Window) Stop() { w.async.Stop() }

// set shows another content in the whole window; keys gets what nothing
// focused used.
func (w *Window) set(o fyne.CanvasObject, keys part.KeyTaker) {
	for w.win.Canvas().Overlays().Top() != nil {
		w.win.Canvas().Overlays().Remove(w.win.Canvas().Overlays().Top())
	}
	w.win.Canvas().Unfocus()
	w.keys = keys
	w.stage.Objects = []fyne.CanvasObject{o}
	w.stage.Refresh()
}

// key hands a key to the topmost overlay, or to what fills the window.
func (w *Window) key(k *fyne.KeyEvent) {
	w.used()
	if top := w.win.Canvas().Overlays().Top(); top != nil {
		if t, ok := top.(part.KeyTaker); ok {
			t.TakeKey(k)
		}
		return
	}
	if w.keys != nil {
		w.keys.TakeKey(k)
	}
}

// begin asks the gate where one stands and shows what fits.
func (w *Window) begin() {
	w.frame = nil
	w.set(part.Middle(360, part.Skeleton(4)), nil)
	type start struct {
		state core.GateState
		svc   core.Service
		me    core.Me
	}
	gate := w.gate
	Load(w.async, func(ctx context.Context) (start, error) {
		var s start
		var err error
		if s.state, err = gate.State(ctx); err != nil || s.state.Empty || w.deps.Tokens == nil {
			return s, err
		}
		token, err := w.deps.Tokens.Load()
		if err != nil || token.Empty() {
			return s, nil // signing in anew is the way on
		}
		if s.svc, err = gate.Resume(ctx, token); err == nil {
			s.me, err = s.svc.Me(ctx)
		}
		if err != nil {
			s.svc = nil // the session has ended: signing in is the way on
			if core.CodeOf(err) != core.Unavailable {
				err = nil
			}
		}
		return s, err
	}, func(s start, err error) {
		w.state = s.state
		switch {
		case err != nil:
			w.unreachable(err)
		case s.state.Empty:
			w.welcome()
		case s.svc != nil && !s.me.MustChangePassword && s.me.HasFactor:
			w.enter(s.svc, s.me)
		default:
			w.signIn("")
		}
	})
}

// admitted goes on after a password, and a code where there is one, were
// right: to what must be done first, or in.
func (w *Window) admitted(a core.Admission, password core.Secret) {
	svc := a.Service
	type entry struct{ me core.Me }
	Load(w.async, func(ctx context.Context) (entry, error) {
		if w.deps.Tokens != nil && !a.MustEnrol && !a.MustChangePassword {
			// A token that can't be kept costs a sign-in at the next start, nothing else.
			_ = w.deps.Tokens.Save(a.Token)
		}
		me, err := svc.Me(ctx)
		return entry{me}, err
	}, func(e entry, err error) {
		switch {
		case err != nil:
			w.signIn(w.text.Error(err))
		case a.MustChangePassword:
			w.changePassword(a, password)
		case a.MustEnrol:
			w.enrol(a)
		default:
			w.enter(svc, e.me)
		}
	})
}

// enter shows the pages of the person signed in.
func (w *Window) enter(svc core.Service, me core.Me) {
	w.locked = false
	w.touched = w.deps.Now()
	w.leaver.Enter(svc)
	w.frame = newFrame(w, svc, me)
	w.set(w.frame.content(), w.frame)
	w.frame.start()
	w.goLater()
}

// out forgets the session and asks to sign in.
func (w *Window) out() {
	f := w.frame
	if f == nil {
		return
	}
	f.stop()
	svc := f.kit.Service
	w.frame, w.later = nil, nil
	w.notices.forget()
	w.tray.update()
	w.leaver.Enter(nil)
	w.async.Act(func(ctx context.Context) error {
		if w.deps.Tokens != nil {
			_ = w.deps.Tokens.Save(core.Secret{}) // the session itself is ended below
		}
		// Where the server is away now, the session is ended when it is back.
		w.leaver.SignOut(ctx, svc)
		return nil
	}, func(error) { w.begin() })
}

// used notes that somebody is there.
func (w *Window) used() {
	w.touched = w.deps.Now()
	part.Rest(w.win.Canvas().Focused(), false)
}

// toast says something for some seconds.
func (w *Window) toast(text, action string, do func()) {
	if w.untoast != nil {
		w.untoast()
	}
	hide := func() {
		w.toasts.Hide()
		w.untoast = nil
	}
	buttons := []fyne.CanvasObject{}
	if action != "" {
		buttons = append(buttons, part.NewPrimary(action, func() { hide(); do() }))
	}
	buttons = append(buttons, part.NewButtonOf(part.FloatKind, "", "close", hide))
	w.toasts.Objects = []fyne.CanvasObject{part.FloatBar(text, "", buttons...)}
	w.toasts.Show()
	w.toasts.Refresh()
	w.untoast = w.async.After(7*time.Second, hide)
}

// Open shows a page as soon as somebody is signed in: what a start with a
// page's name asks for.
func (w *Window) Open(page string) {
	if w.frame != nil {
		w.frame.Go(page)
		return
	}
	w.first = page
}
