package gui

import (
	"context"
	"slices"
	"time"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/gui/model"
)

// notices shows desktop notices: what the server sent, and the nearing ends,
// which the window knows by itself. What is over is taken away again.
type notices struct {
	w     *Window
	plan  model.Warnings
	asked []core.RequestID // of which the desktop was told that they wait
	held  []core.AccessRow // what the desktop was told of, as long as it lasts
	left  *model.Left      // what came of the last time that the person left the computer, until he has read it
}

// mostAsked is of how many requests it is followed whether they still wait.
const mostAsked = 20

func newNotices(w *Window) *notices {
	n := &notices{w: w}
	if w.deps.Notices != nil {
		Attend(w.async, w.deps.Notices.Chosen, func(_ context.Context, c model.NoticeChoice) {
			w.async.Post(func() { n.chosen(c) })
		})
	}
	return n
}

// know takes the ends of what is active. What is said of an end that came, or
// was put off, is true no more.
func (n *notices) know(a core.Access) {
	n.plan.Know(a)
	n.held = slices.DeleteFunc(n.held, func(h core.AccessRow) bool {
		still := slices.ContainsFunc(a.Active, func(r core.AccessRow) bool {
			return r.ID == h.ID && r.State == core.InForce && r.End.Equal(h.End)
		})
		if !still {
			n.close(model.AccessKey(h.ID))
		}
		return !still
	})
}

// beat warns of ends that came near.
func (n *notices) beat(now time.Time) {
	for _, x := range n.plan.Due(n.w.text, now) {
		n.show(model.NoticeOfEnd(n.w.text, x))
		if !slices.ContainsFunc(n.held, func(r core.AccessRow) bool { return r.ID == x.Row.ID }) {
			n.held = append(n.held, x.Row)
		}
	}
}

// take shows what the server sent.
func (n *notices) take(list []core.Notice) {
	for _, x := range list {
		d, ok := model.NoticeOf(n.w.text, x, n.w.now())
		if !ok {
			continue
		}
		n.show(d)
		switch x.Kind {
		case core.NoticeApprove:
			n.asked = append(n.asked, x.Request)
			if over := len(n.asked) - mostAsked; over > 0 {
				n.asked = slices.Delete(n.asked, 0, over)
			}
		default: // it stands in the place of what was said of an end
			n.held = slices.DeleteFunc(n.held, func(r core.AccessRow) bool { return r.ID == x.Assignment })
		}
	}
}

// answered takes away the notices of requests that wait no more for whoever is
// signed in.
func (n *notices) answered(f *frame) {
	for _, id := range slices.Clone(n.asked) {
		Load(f.w.async, func(ctx context.Context) (core.Case, error) { return f.kit.Service.Case(ctx, id) }, func(c core.Case, err error) {
			if err == nil && c.May && c.Request.Status == core.PendingApproval || core.CodeOf(err) == core.Unavailable {
				return
			}
			if i := slices.Index(n.asked, id); i >= 0 {
				n.asked = slices.Delete(n.asked, i, i+1)
				n.close(model.RequestKey(id))
			}
		})
	}
}

// forget takes away what was said to somebody who signs out.
func (n *notices) forget() {
	for _, id := range n.asked {
		n.close(model.RequestKey(id))
	}
	for _, r := range n.held {
		n.close(model.AccessKey(r.ID))
	}
	n.asked, n.held, n.left, n.plan = nil, nil, nil, model.Warnings{}
}

// say shows a notice about no matter of its own.
func (n *notices) say(title, text string) {
	n.show(model.DeskNotice{Title: title, Text: text, Open: n.w.text.T("notice.action.open")})
}

func (n *notices) show(d model.DeskNotice) {
	if n.w.deps.Notices != nil {
		n.w.deps.Notices.Show(d)
	}
}

func (n *notices) close(key string) {
	if n.w.deps.Notices != nil {
		n.w.deps.Notices.Close(key)
	}
}

// chosen raises the window at the place that a notice leads to, at once or as
// soon as whoever is there has proved who he is.
func (n *notices) chosen(c model.NoticeChoice) {
	w := n.w
	w.open()
	w.used()
	w.later = func(f *frame) { f.lead(c) }
	if w.frame != nil && !w.locked {
		w.goLater()
	}
}

// goLater goes where a notice leads that was chosen before.
func (w *Window) goLater() {
	if then := w.later; then != nil && w.frame != nil {
		w.later = nil
		then(w.frame)
	}
}

// lead goes where a notice leads. A dialog that is open stays, and what the
// button asks stands over it: nothing that was typed is lost.
func (f *frame) lead(c model.NoticeChoice) {
	to := c.Notice.To
	switch {
	case c.Action && to.Prolong != "":
		f.readAccess(func() {
			if r, ok := f.active(to.Prolong); ok {
				showProlong(f.kit, r)
				return
			}
			f.Go(to.Page)
		})
	case c.Action && to.Extend != "":
		f.Go(to.Page)
		f.readAccess(func() {
			if r, ok := f.lasting(to.Extend); ok {
				continueAssignment(f.kit, r, false, func() { f.kept[to.Page].Update(nil) })
			}
		})
	case to.Page != "":
		f.Go(to.Page)
		if s, ok := f.top().(*requests); ok && to.Request != "" {
			s.open(to.Request, c.Action)
		}
	}
}

// active finds a running activation of one's own that can be prolonged.
func (f *frame) active(id core.AssignmentID) (core.AccessRow, bool) {
	if f.access == nil {
		return core.AccessRow{}, false
	}
	i := slices.IndexFunc(f.access.Active, func(r core.AccessRow) bool { return r.ID == id && r.State == core.InForce && r.MaxProlong > 0 })
	if i < 0 {
		return core.AccessRow{}, false
	}
	return f.access.Active[i], true
}

// lasting finds an assignment of one's own that can be extended, and is not asked
// about already.
func (f *frame) lasting(id core.AssignmentID) (core.AssignmentRow, bool) {
	if f.access == nil {
		return core.AssignmentRow{}, false
	}
	if _, asked := f.access.Continuing(id); asked {
		return core.AssignmentRow{}, false
	}
	for _, r := range f.access.Eligible {
		if r.ID == id {
			return r.AssignmentRow, true
		}
	}
	for _, r := range f.access.Active {
		if r.ID == id && r.Origin == core.Assigned {
			return r.AssignmentRow, true
		}
	}
	return core.AssignmentRow{}, false
}
