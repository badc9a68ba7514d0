package desk

import (
	"context"
	"strings"
	"time"
	"unicode"

	"github.com/gen2brain/beeep"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/gui/model"
)

// Notices shows desktop notices, one after the other and never waited for. Where
// the desktop has a service for them (notices_bus.go), a notice has its button,
// takes the place of the one before about the same matter, and is taken away
// when that is over; elsewhere it is words that come and go.
type Notices struct {
	orders  chan order
	choices chan model.NoticeChoice
}

// order is a notice to show, or a matter to close.
type order struct {
	show  *model.DeskNotice
	close string
}

// What is waiting for a desktop that doesn't answer, at most; what is more is
// not shown. Mail and the window itself say the same.
const mostOrders = 64

// How long a desktop may think about one notice.
const noticeTimeout = 5 * time.Second

// Bounds of what a desktop is given, in characters.
const (
	maxNoticeTitle = 120
	maxNoticeText  = 400
)

// NewNotices shows notices until ctx ends.
func NewNotices(ctx context.Context, o Options) *Notices {
	n := &Notices{orders: make(chan order, mostOrders), choices: make(chan model.NoticeChoice, 8)}
	go func() {
		defer close(n.choices)
		showNotices(ctx, o, n)
	}()
	return n
}

// Show implements gui.Notices.
func (n *Notices) Show(d model.DeskNotice) {
	d.Title, d.Text = line(d.Title, maxNoticeTitle), line(d.Text, maxNoticeText)
	n.order(order{show: &d})
}

// Close implements gui.Notices.
func (n *Notices) Close(key string) { n.order(order{close: key}) }

func (n *Notices) order(o order) {
	select {
	case n.orders <- o:
	default:
	}
}

// Chosen implements gui.Notices. It is asked once.
func (n *Notices) Chosen(ctx context.Context) <-chan model.NoticeChoice {
	out := make(chan model.NoticeChoice)
	go func() {
		defer close(out)
		for {
			select {
			case c, ok := <-n.choices:
				if !ok {
					return
				}
				select {
				case out <- c:
				case <-ctx.Done():
					return
				}
			case <-ctx.Done():
				return
			}
		}
	}()
	return out
}

// choose tells what was chosen; while nobody listens, the last few are kept.
func (n *Notices) choose(c model.NoticeChoice) {
	select {
	case n.choices <- c:
	default:
	}
}

// line makes one bounded line of words that others wrote: names and reasons may
// hold line ends and characters that turn the direction of writing.
func line(s string, most int) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r):
			return -1
		}
		return r
	}, s)
	return core.Clip(strings.TrimSpace(s), most)
}

// plain shows a notice where the desktop has no service for them, as far as
// there is another way. A desktop without any is no fault.
func plain(d model.DeskNotice) { _ = beeep.Notify(d.Title, d.Text, "") }
