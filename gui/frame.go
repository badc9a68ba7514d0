package gui

import (
	"context"
	"reflect"
	"slices"
	"strconv"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/storage"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/gui/part"
)

// frame is the rail, the head and the page of somebody signed in.
type frame struct {
	w      *Window
	kit    Kit
	routes []Page
	rail   map[string]*part.NavItem
	kept   map[string]Screen // pages made so far, so that they stay as one left them
	at     string
	stack  []Screen // what is pushed over the page
	title  *part.Text
	name   *part.Text // beside the mark
	page   *fyne.Container
	banner *fyne.Container
	dot    *part.Dot
	server *part.Text
	me     *fyne.Container
	root   fyne.CanvasObject
	code   *part.Text // of the sample's authenticator; nil: no sample
	gone   bool
	online bool
	spread bool            // every trouble is shown, not the first alone
	read   map[string]bool // troubles that the person has put away, by model.Banner.Key
	follow func()
	ended  func()
	access *core.Access // last read, for tray, notices and palette
}

// widestPage is how wide a page becomes at most: over a row of more pixels the
// eye loses its way from the role to its button.
const widestPage = 1720

func newFrame(w *Window, svc core.Service, me core.Me) *frame {
	f := &frame{w: w, rail: map[string]*part.NavItem{}, kept: map[string]Screen{}, read: map[string]bool{}, online: true,
		page: part.Layers(), banner: part.Column(8), dot: part.NewDot(part.ToneActive, 8), title: part.NewTitle("").Shrinking()}
	f.kit = Kit{Service: svc, Me: me, Text: w.text, Async: w.async, Frame: f, Now: w.now}
	for _, p := range pages() {
		if p.May(me) {
			f.routes = append(f.routes, p)
		}
	}
	return f
}

func (f *frame) t(key string, args ...string) string { return f.w.text.T(key, args...) }

// content builds rail and head around the page.
func (f *frame) content() fyne.CanvasObject {
	name := f.t("server.here")
	if !f.w.state.Embedded {
		name = f.w.state.Host
	}
	f.server = part.NewMuted(name)
	avatar := newAvatarButton(f.kit.Me.Person.Name, f.t("me.menu"), f.openMe)
	finder := part.NewFinder(f.t("palette.hint"), "Ctrl K", f.w.palette)
	head := part.Row(14, part.Grow(f.title), part.Fixed(260, 34, finder), part.Row(7, f.dot, f.server), avatar)
	f.banner.Hide()
	body := part.Column(14, head, f.banner, part.Grow(f.page))
	f.root = container.New(&shell{narrow: f.narrow}, part.NewBackdrop(part.Rail, f.w.used), f.railContent(),
		part.NewHairline(), part.Inset(20, 28, 20, 28, part.Narrow(widestPage, body)))
	return f.root
}

func (f *frame) railContent() fyne.CanvasObject {
	f.name = part.NewText("Stint", part.Large, part.Bold(), part.Ink)
	logo := part.Inset(2, 0, 14, 8, part.Row(10, part.NewIcon("logo", part.Accent, 24), f.name))
	items := []fyne.CanvasObject{logo}
	var foot []fyne.CanvasObject
	group := -1
	for _, p := range f.routes {
		item := part.NewNavItem(p.Icon, f.t("page."+p.Key), func() { f.Go(p.Key) })
		f.rail[p.Key] = item
		if p.Foot {
			foot = append(foot, item)
			continue
		}
		if group >= 0 && p.Group != group {
			items = append(items, part.Inset(8, 8, 8, 8, part.NewHairline()))
		}
		group = p.Group
		items = append(items, item)
	}
	items = append(items, part.Space())
	return part.Inset(18, 12, 16, 12, part.Column(2, append(items, foot...)...))
}

// narrow shows the rail's icons alone.
func (f *frame) narrow(on bool) {
	for _, i := range f.rail {
		i.Compact(on)
	}
	f.name.Hidden = on
}

// shell sets rail and page side by side: backdrop, rail, hairline, page.
type shell struct {
	narrow func(bool)
	was    bool
}

func (s *shell) Layout(o []fyne.CanvasObject, z fyne.Size) {
	rail := float32(208)
	small := z.Width < 1020
	if small {
		rail = 64
	}
	if small != s.was {
		s.was = small
		s.narrow(small)
	}
	for i, x := range []float32{0, 0, rail, rail + 1} {
		width := []float32{rail, rail, 1, z.Width - rail - 1}[i]
		o[i].Move(fyne.NewPos(x, 0))
		o[i].Resize(fyne.NewSize(width, z.Height))
	}
}

func (s *shell) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(640, 420) }

// start opens the first page and begins to follow what happens.
func (f *frame) start() {
	f.Go(f.routes[0].Key)
	if f.w.first != "" {
		f.Go(f.w.first)
		f.w.first = ""
	}
	f.watch()
	f.readAccess(nil)
	f.readWaiting()
	Load(f.w.async, func(ctx context.Context) (core.Settings, error) { return f.kit.Service.Settings(ctx) },
		func(s core.Settings, err error) {
			if err == nil {
				f.w.idle = s.IdleLock.Std()
			}
		})
	f.ended = f.w.async.Tick(func(time.Time) {
		f.w.notices.beat(f.w.now())
		f.w.tray.beat()
		f.showCode()
	})
	f.showBanner()
}

// stop ends what the frame follows.
func (f *frame) stop() {
	f.gone = true
	if f.follow != nil {
		f.follow()
	}
	if f.ended != nil {
		f.ended()
	}
	for _, s := range f.all() {
		if c, ok := s.(interface{ Close() }); ok {
			c.Close()
		}
	}
}

func (f *frame) all() []Screen {
	out := slices.Clone(f.stack)
	for _, s := range f.kept {
		out = append(out, s)
	}
	return out
}

// watch follows the server's changes; a stream that ends is opened again, and
// meanwhile the banner says so.
func (f *frame) watch() {
	f.follow = Follow(f.w.async, f.kit.Service.Watch, func(u core.Update) {
		if !f.online {
			f.online = true
			f.showBanner()
		}
		f.changed(u)
	}, func(err error) {
		if f.gone {
			return
		}
		if core.CodeOf(err) == core.Unauthenticated {
			f.stop()
			f.w.notices.forget()
			f.w.leaver.Enter(nil)
			f.w.signIn(f.t("signin.ended"))
			return
		}
		f.online = false
		f.showBanner()
		f.follow = f.w.async.After(3*time.Second, f.watch)
	})
}

func (f *frame) changed(u core.Update) {
	for _, s := range f.all() {
		s.Update(u.Topics)
	}
	f.w.notices.take(u.Notices)
	if Concerns(u.Topics, core.TopicRequests) {
		f.w.notices.answered(f)
		f.readWaiting()
	}
	if Concerns(u.Topics, core.TopicAccess) {
		f.readAccess(nil)
	}
	if Concerns(u.Topics, core.TopicAccess, core.TopicAssignments, core.TopicPeople, core.TopicSystems, core.TopicTroubles) {
		f.readMe()
	}
	if Concerns(u.Topics, core.TopicSettings) && len(u.Topics) > 0 {
		Load(f.w.async, f.kit.Service.Settings, func(s core.Settings, err error) {
			if err == nil {
				f.w.idle = s.IdleLock.Std()
			}
		})
	}
}

// countedWaiting is up to how many requests the rail counts.
const countedWaiting = 99

// readWaiting shows in the rail how many requests wait for this person's answer.
func (f *frame) readWaiting() {
	item := f.rail["approvals"]
	if item == nil {
		return
	}
	Load(f.w.async, func(ctx context.Context) (core.List[core.RequestRow], error) {
		return f.kit.Service.Cases(ctx, core.Page{Limit: countedWaiting})
	}, func(l core.List[core.RequestRow], err error) {
		if err != nil || f.gone {
			return // what was counted last stands, as does the page
		}
		text := ""
		if n := len(l.Items); n > 0 {
			text = strconv.Itoa(n)
		}
		if l.Next != "" {
			text += "+"
		}
		item.Badge(text)
	})
}

// readAccess keeps what tray, notices and palette show.
func (f *frame) readAccess(then func()) {
	Load(f.w.async, f.kit.Service.Access, func(a core.Access, err error) {
		if err == nil && !f.gone {
			f.access = &a
			f.w.know(a.Now)
			f.w.tray.update()
			f.w.notices.know(a)
			f.w.leaver.Know(a)
		}
		if then != nil {
			then()
		}
	})
}

// readMe looks whether the person's rights changed: then the rail changes, too.
func (f *frame) readMe() {
	Load(f.w.async, f.kit.Service.Me, func(me core.Me, err error) {
		if err != nil || f.gone {
			return
		}
		same := true
		for _, p := range pages() {
			same = same && p.May(me) == p.May(f.kit.Me)
		}
		news := !reflect.DeepEqual(me.Troubles, f.kit.Me.Troubles)
		f.kit.Me = me
		if news {
			f.showBanner()
			for _, s := range f.all() {
				if t, ok := s.(interface{ Troubled() }); ok {
					t.Troubled()
				}
			}
		}
		if !same && len(f.stack) == 0 {
			f.w.rebuild()
		}
	})
}

// Troubles are what is wrong now.
func (f *frame) Troubles() []core.Trouble { return f.kit.Me.Troubles }

// top is the screen one sees.
func (f *frame) top() Screen {
	if n := len(f.stack); n > 0 {
		return f.stack[n-1]
	}
	return f.kept[f.at]
}

func (f *frame) show() {
	s := f.top()
	f.title.SetText(s.Title())
	f.page.Objects = []fyne.CanvasObject{s.Content()}
	f.page.Refresh()
	for k, i := range f.rail {
		i.Choose(k == f.at)
	}
}

// Shows implements Frame.
func (f *frame) Shows(s Screen) bool { return !f.w.locked && f.w.frame == f && f.top() == s }

// Retitle shows the present screen's title again, after it changed.
func (f *frame) Retitle() {
	if s := f.top(); s != nil {
		f.title.SetText(s.Title())
	}
}

// Go implements Frame.
func (f *frame) Go(key string) {
	i := slices.IndexFunc(f.routes, func(p Page) bool { return p.Key == key })
	if i < 0 {
		return
	}
	for len(f.stack) > 0 {
		f.drop()
	}
	f.at = key
	if f.kept[key] == nil {
		f.kept[key] = f.routes[i].New(f.kit)
	} else {
		f.kept[key].Update(nil)
	}
	f.show()
	f.w.win.Canvas().Unfocus()
}

// Push implements Frame.
func (f *frame) Push(s Screen) {
	f.stack = append(f.stack, s)
	f.show()
	if i, ok := s.(interface{ Shown() }); ok {
		i.Shown()
	}
}

func (f *frame) drop() {
	n := len(f.stack) - 1
	if c, ok := f.stack[n].(interface{ Close() }); ok {
		c.Close()
	}
	f.stack = f.stack[:n]
}

// Pop implements Frame.
func (f *frame) Pop() {
	if len(f.stack) == 0 {
		return
	}
	f.drop()
	f.w.win.Canvas().Unfocus()
	f.show()
	f.top().Update(nil)
}

// TakeKey hands keys to the screen shown; Esc goes back from a pushed one.
func (f *frame) TakeKey(k *fyne.KeyEvent) {
	if t, ok := f.top().(part.KeyTaker); ok {
		t.TakeKey(k)
		return
	}
	if k.Name == fyne.KeyEscape {
		f.Pop()
	}
}

// Confirm implements Frame.
func (f *frame) Confirm(s part.ConfirmSpec) *part.Confirm {
	if s.Cancel == "" {
		s.Cancel = f.t("cancel")
	}
	return part.ShowConfirm(f.w.win.Canvas(), s)
}

// Toast implements Frame.
func (f *frame) Toast(text, action string, do func()) { f.w.toast(text, action, do) }

// Fail implements Frame.
func (f *frame) Fail(err error) {
	if core.CodeOf(err) == core.Canceled {
		return
	}
	f.w.toast(f.w.text.Error(err), "", nil)
}

// Copy implements Frame.
func (f *frame) Copy(text string) {
	f.w.app.Clipboard().SetContent(text)
	f.w.toast(f.t("copied"), "", nil)
}

// Save implements Frame.
func (f *frame) Save(name string, write SaveFunc, done func(error)) { f.w.save(name, write, done) }

func (w *Window) save(name string, write SaveFunc, done func(error)) {
	d := dialog.NewFileSave(func(u fyne.URIWriteCloser, err error) {
		if err != nil {
			done(core.Wrap(core.Unavailable, "error.save", err))
			return
		}
		if u == nil { // canceled
			return
		}
		w.async.Act(func(ctx context.Context) error {
			err := write(ctx, u)
			if e := u.Close(); err == nil && e != nil {
				err = core.Wrap(core.Unavailable, "error.save", e)
			}
			if err != nil {
				_ = storage.Delete(u.URI()) // half a file is worse than none
			}
			return err
		}, done)
	}, w.win)
	d.SetFileName(name)
	d.Resize(fyne.NewSize(820, 560))
	d.Show()
}

// SetAppearance implements Frame.
func (f *frame) SetAppearance(a Appearance) {
	f.w.look = a
	f.w.deps.Preferences.SetString(prefAppearance, string(a))
	f.w.app.Settings().SetTheme(NewTheme(a))
}

// Appearance implements Frame.
func (f *frame) Appearance() Appearance { return f.w.look }

// SetLanguage implements Frame.
func (f *frame) SetLanguage(lang string) {
	f.w.deps.Preferences.SetString(prefLanguage, lang)
	f.w.text = NewText(lang, f.w.deps.Language, f.w.deps.Place)
	f.w.rebuild()
}

// Window implements Frame.
func (f *frame) Window() fyne.Window { return f.w.win }

// rebuild makes the frame anew where rights or language changed, at the same page.
func (w *Window) rebuild() {
	old := w.frame
	if old == nil {
		return
	}
	at := old.at
	old.stop()
	w.enter(old.kit.Service, old.kit.Me)
	w.frame.Go(at)
}

// openMe shows the menu of the person signed in.
func (f *frame) openMe(from fyne.CanvasObject) {
	who := fyne.NewMenuItem(f.kit.Me.Person.Name+" · "+f.kit.Me.Person.Login, nil)
	who.Disabled = true
	items := []*fyne.MenuItem{who, fyne.NewMenuItemSeparator()}
	if slices.ContainsFunc(f.routes, func(p Page) bool { return p.Key == "settings" }) {
		items = append(items, fyne.NewMenuItem(f.t("page.settings"), func() { f.Go("settings") }))
	}
	if !f.w.state.Sample { // nobody there has a password to come back with
		items = append(items, fyne.NewMenuItem(f.t("me.lock"), f.w.lock), fyne.NewMenuItem(f.t("me.sign_out"), f.w.out))
	}
	part.OpenMenu(from, fyne.NewMenu("", items...), true)
}
