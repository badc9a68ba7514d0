//go:build linux || freebsd || netbsd || openbsd

package desk

import (
	"context"
	"slices"
	"strings"

	"github.com/godbus/dbus/v5"

	"github.com/stint-pim/stint/gui/model"
)

// The Desktop Notifications Specification, version 1.2.
const (
	notify     = "org.freedesktop.Notifications"
	notifyPath = dbus.ObjectPath("/org/freedesktop/Notifications")

	chosenDefault = "default" // the notice itself was chosen; its key is the specification's
	chosenAction  = "action"  // its button was
)

// board is the desktop's service for notices, and what is shown on it.
type board struct {
	n     *Notices
	conn  *dbus.Conn
	owner string // who has the service's name now: what others send is not believed
	can   []string
	shown map[uint32]model.DeskNotice
	heard chan *dbus.Signal
}

// mostShown is of how many notices it is remembered where they lead. Most are
// gone after seconds; a desktop that tells nothing of that fills no memory.
const mostShown = 256

// showNotices connects as soon as there is something to show, and again when the
// bus went.
func showNotices(ctx context.Context, o Options, n *Notices) {
	b := &board{n: n}
	defer b.leave()
	for {
		select {
		case <-ctx.Done():
			return
		case x := <-n.orders:
			if b.conn == nil && x.show != nil {
				b.enter(ctx, o)
			}
			b.order(ctx, x)
		case s, ok := <-b.heard: // nil while there is no bus
			if !ok {
				b.leave()
				continue
			}
			b.hear(s)
		}
	}
}

func (b *board) enter(ctx context.Context, o Options) {
	conn, err := connect(ctx, dbus.ConnectSessionBus, o.Session)
	if err != nil {
		return
	}
	b.conn, b.heard, b.shown = conn, make(chan *dbus.Signal, 64), map[uint32]model.DeskNotice{}
	conn.Signal(b.heard)
	heed(ctx, conn, dbus.WithMatchSender("org.freedesktop.DBus"), dbus.WithMatchInterface("org.freedesktop.DBus"), dbus.WithMatchMember("NameOwnerChanged"), dbus.WithMatchArg(0, notify))
	heed(ctx, conn, dbus.WithMatchSender(notify), dbus.WithMatchInterface(notify))
	b.meet(ctx)
}

func (b *board) leave() {
	if b.conn != nil {
		_ = b.conn.Close()
	}
	b.conn, b.heard, b.owner, b.can, b.shown = nil, nil, "", nil, nil
}

// meet asks who shows notices now, and what he can. Many desktops start him when
// he is asked for the first time.
func (b *board) meet(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, noticeTimeout)
	defer cancel()
	b.can, b.owner = nil, ""
	clear(b.shown)
	if b.conn.Object(notify, notifyPath).CallWithContext(ctx, notify+".GetCapabilities", 0).Store(&b.can) != nil {
		return
	}
	if b.conn.BusObject().CallWithContext(ctx, "org.freedesktop.DBus.GetNameOwner", 0, notify).Store(&b.owner) != nil {
		b.owner = ""
	}
}

func (b *board) order(ctx context.Context, o order) {
	if b.conn == nil || b.owner == "" {
		if b.conn != nil && o.show != nil {
			b.meet(ctx)
		}
		if b.conn == nil || b.owner == "" {
			if o.show != nil {
				plain(*o.show)
			}
			return
		}
	}
	ctx, cancel := context.WithTimeout(ctx, noticeTimeout)
	defer cancel()
	if o.show == nil {
		if id := b.find(o.close); id != 0 {
			delete(b.shown, id)
			b.conn.Object(notify, notifyPath).CallWithContext(ctx, notify+".CloseNotification", dbus.FlagNoAutoStart, id)
		}
		return
	}
	b.show(ctx, *o.show)
}

func (b *board) show(ctx context.Context, d model.DeskNotice) {
	actions := []string{}
	if slices.Contains(b.can, "actions") && d.Open != "" {
		actions = append(actions, chosenDefault, d.Open)
		if d.Action != "" {
			actions = append(actions, chosenAction, d.Action)
		}
	}
	text := d.Text
	if slices.Contains(b.can, "body-markup") {
		text = markup.Replace(text)
	}
	urgency := byte(1)
	if d.Critical {
		urgency = 2
	}
	hints := map[string]dbus.Variant{"urgency": dbus.MakeVariant(urgency), "desktop-entry": dbus.MakeVariant("stint")}
	before := b.find(d.Key)
	var id uint32
	err := b.conn.Object(notify, notifyPath).CallWithContext(ctx, notify+".Notify", 0, "Stint", before, "stint", d.Title, text, actions, hints, int32(-1)).Store(&id)
	if err != nil {
		plain(d)
		return
	}
	delete(b.shown, before)
	if len(b.shown) >= mostShown {
		clear(b.shown)
	}
	b.shown[id] = d
}

// markup keeps words words where a desktop reads the text as markup.
var markup = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&#39;")

// find returns what is shown of a matter; 0: nothing.
func (b *board) find(key string) uint32 {
	for id, d := range b.shown {
		if key != "" && d.Key == key {
			return id
		}
	}
	return 0
}

func (b *board) hear(s *dbus.Signal) {
	switch iface, member, _ := cutMember(s.Name); {
	case member == "NameOwnerChanged" && s.Sender == "org.freedesktop.DBus":
		name, _ := arg[string](s, 0)
		if owner, _ := arg[string](s, 2); name == notify && owner != b.owner {
			b.owner = "" // who comes after him knows nothing of what is shown, and may be able to do other things
			clear(b.shown)
		}
	case iface != notify || s.Sender != b.owner:
	case member == "ActionInvoked":
		id, _ := arg[uint32](s, 0)
		key, _ := arg[string](s, 1)
		if d, ok := b.shown[id]; ok && (key == chosenDefault || key == chosenAction && d.Action != "") {
			b.n.choose(model.NoticeChoice{Notice: d, Action: key == chosenAction})
		}
	case member == "NotificationClosed":
		if id, ok := arg[uint32](s, 0); ok {
			delete(b.shown, id)
		}
	}
}
