package gui

import (
	"time"

	"fyne.io/fyne/v2"

	"github.com/stint-pim/stint/gui/model"
)

// tourPassword is that of the person whom the tour makes.
const tourPassword = "seven grey herons by the weir"

// tourRestored is what a restore did, on the picture of the page after it.
func tourRestored(now time.Time) model.Restored {
	return model.Restored{Of: "Example AG", Made: now.Add(-26 * time.Hour), Entries: 4711, People: 14, Systems: 3, Ended: 2,
		Aside: "~/.local/share/stint/before-restore-" + now.Format("2006-01-02-150405")}
}

// firstStart walks from the welcome page to the first person's empty home,
// locks it, signs in again, and ends in the sample.
func (x *walk) firstStart() {
	w := x.w
	x.do(func() { x.appear(Light); w.gate = x.Empty; w.begin() })
	x.both("welcome")
	x.do(w.connect)
	x.light("connect")
	x.do(func() { w.restore(false) })
	x.both("restore")
	x.do(func() { w.restored(tourRestored(w.deps.Now())) })
	x.both("restored")

	x.do(w.setUp)
	for i, s := range []string{"Alice Miller", "alice", "alice@example.com", "Example AG", tourPassword, tourPassword} {
		if i > 0 {
			x.tab()
		}
		x.write(s)
	}
	x.both("setup-1-you")
	x.press(fyne.KeyReturn)
	x.until("the second factor", func() bool { return x.at("factor") })
	x.both("setup-2-second-factor")
	x.write(x.Code())
	x.until("the recovery codes", func() bool { return x.at("codes") })
	x.light("setup-3-recovery-codes")
	x.do(func() { w.keys.TakeKey(&fyne.KeyEvent{Name: fyne.KeyReturn}) }) // which asks for the tick first
	x.press(fyne.KeySpace)
	x.do(func() { w.keys.TakeKey(&fyne.KeyEvent{Name: fyne.KeyReturn}) })
	x.until("the mail server", func() bool { return x.at("mail") })
	const host = "smtp.example.com"
	x.write(host)
	x.light("setup-4-mail")
	for range host { // the example is nobody's mail server
		x.press(fyne.KeyBackspace)
	}
	x.do(func() { w.keys.TakeKey(&fyne.KeyEvent{Name: fyne.KeyReturn}) })
	x.until("the first system", func() bool { return x.at("system") })
	x.light("setup-5-system")
	x.do(func() { w.keys.TakeKey(&fyne.KeyEvent{Name: fyne.KeyReturn}) })
	x.until("the first page", func() bool { return w.frame != nil })
	x.light("access-first")

	x.do(w.lock)
	x.both("lock")
	x.do(func() { w.signIn("") })
	x.write(tourPassword)
	x.both("sign-in")
	x.press(fyne.KeyReturn)
	x.light("sign-in-code")

	x.do(w.sample)
	x.until("the sample", func() bool { return w.frame != nil && w.state.Sample })
}

// at reports whether the first start's wizard shows a step. Render goroutine only.
func (x *walk) at(step string) bool {
	s, ok := x.w.keys.(interface{ At() string })
	return ok && s.At() == step
}
