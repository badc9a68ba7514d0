package gui

import (
	"fmt"
	"strings"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/gui/model"
)

// access shows My access as it is on a working day.
func (x *walk) access() {
	x.open("access")
	s := screenOf[*access](x)
	x.until("what is active", func() bool { return len(s.data.Active) > 1 })
	x.both("access")
	x.tick(s)
	x.do(func() { s.scroll.Bottom() })
	x.both("access-chosen")
	x.do(func() {
		s.scroll.Top()
		s.table.Untick()
		s.ticked()
	})

	r := find(x, s.data.Active, "a role to prolong", func(r core.AccessRow) bool { return r.MaxProlong > 0 && s.cards[r.ID] != nil })
	x.check()
	x.do(func() { showProlong(s.kit, r) })
	x.both("access-prolong")
	x.dismiss()
	ending, _ := model.Ending(s.data, s.kit.Now())
	soon := find(x, ending, "a role that ends soon", func(r core.EligibleRow) bool { return true })
	x.check()
	x.do(func() { s.scroll.Bottom() })
	x.both("access-ends")
	x.do(func() { s.extend(soon) })
	x.both("access-extend")
	x.dismiss()
	x.do(func() { s.scroll.Top(); s.cards[r.ID].ask() })
	x.light("access-drop")
	x.dismiss()
	x.do(x.w.palette)
	x.write("db")
	x.both("palette")
	x.dismiss()
}

// tick chooses up to three roles that can be activated.
func (x *walk) tick(s *access) {
	x.do(func() {
		n := 0
		for _, r := range s.data.Eligible {
			if n < 3 && r.Ready() && r.SystemKind != core.KindStint && r.SystemName != awaySystem {
				s.table.Tick(string(r.ID), true)
				n++
			}
		}
		if n < 2 { // of the second request, the first has left as few
			x.fail("roles to activate: %w", errNothing)
		}
		s.ticked()
	})
}

// awaySystem is the one that the sample has made unreachable.
const awaySystem = "build-07"

// activation goes through the wizard with three roles, and then starts a
// favourite.
func (x *walk) activation() {
	x.open("access")
	home := screenOf[*access](x)
	x.steps(home, func(n int, key string) { x.both(fmt.Sprintf("activate-%d-%s", n, key)) })
	a := screenOf[*activation](x)
	x.do(func() { a.wizard.Forward() })
	x.until("the systems' answers", func() bool {
		return a.over && a.lines != nil && len(a.lines.Objects) > 0 && x.answered(a)
	})
	x.both("activate-6-results")
	x.do(x.w.frame.Pop)

	x.do(func() {
		for _, f := range home.data.Favourites {
			if model.FavouriteLineOf(home.kit.Text, f, home.data.Eligible).Ready {
				startFavourite(home.kit, f, home.data.Eligible)
				return
			}
		}
		x.fail("a favourite: %w", errNothing)
	})
	x.write("314")
	x.both("activate-favourite")
	x.do(x.w.frame.Pop)
}

// answered reports whether every role of a request was read back. Render
// goroutine only.
func (x *walk) answered(a *activation) bool {
	f := x.w.frame
	if f.access == nil {
		return false
	}
	ready := 0
	for _, row := range a.a.Rows {
		for _, r := range f.access.Active {
			if r.Role == row.Role && r.GrantState == core.GrantPresent {
				ready++
				break
			}
		}
	}
	return ready == len(a.a.Rows)
}

// steps walks through the activation wizard up to its review, telling each
// page.
func (x *walk) steps(home *access, show func(n int, key string)) {
	x.tick(home)
	x.do(func() { home.activate(home.table.Ticked()) })
	a := screenOf[*activation](x)
	for n := 1; n < 8; n++ {
		key := a.wizard.At()
		switch key {
		case "why":
			x.write("INC-7731: replication lag since the release")
			x.do(func() {
				if a.a.NeedsTicket() {
					a.a.Ticket = core.Ticket{System: "Jira", Number: "CHG-20418"}
					a.ticket.SetValue(a.a.Ticket.Number)
					a.tickSys.SetValue(a.a.Ticket.System)
				}
			})
		case "prove":
			code := x.sampleCode()
			x.write(code[:len(code)/2])
			show(n, key)
			x.write(code[len(code)/2:])
			x.until("the review", func() bool { return a.wizard.At() == "review" })
			continue
		}
		show(n, key)
		if key == "review" {
			return
		}
		x.do(a.wizard.Forward)
		if a.wizard.At() == key {
			x.fail("the wizard doesn't go on from %q: %s", key, strings.TrimSpace(a.why.Problem()+" "+a.ticket.Problem()))
			x.check()
		}
	}
}

// sampleCode is what the authenticator of the sample's person shows.
func (x *walk) sampleCode() string { return x.w.deps.SampleCode() }

// german shows some pages in the other language.
func (x *walk) german() {
	x.open("access")
	x.do(func() { x.w.frame.SetLanguage("de") })
	home := screenOf[*access](x)
	x.until("what is active", func() bool { return len(home.data.Active) > 1 })
	x.both("access-de")
	x.steps(home, func(_ int, key string) {
		if key == "review" {
			x.light("activate-review-de")
		}
	})
	x.do(x.w.frame.Pop)
	x.do(func() { home.table.Untick(); home.ticked() })
	for _, page := range []string{"assignments", "settings"} {
		x.open(page)
		x.light(page + "-de")
	}
	x.do(func() { x.w.frame.SetLanguage("en") })
}

// small shows some pages in the smallest window that they promise to fit.
func (x *walk) small() {
	x.size(900, 600)
	for _, page := range []string{"access", "assignments", "audit", "settings"} {
		x.open(page)
		if page == "access" {
			home := screenOf[*access](x)
			x.until("what is active", func() bool { return len(home.data.Active) > 1 })
		}
		x.light(page + "-small")
	}
	x.open("access")
	x.steps(screenOf[*access](x), func(_ int, key string) {
		if key == "when" || key == "review" {
			x.light("activate-" + key + "-small")
		}
	})
	x.do(x.w.frame.Pop)
	x.size(1180, 760)
}

// trouble shows somebody without any role, a server that goes away, and one
// that doesn't answer from the start.
func (x *walk) trouble() {
	svc, err := x.Newcomer(x.ctx)
	if err != nil {
		x.fail("somebody new: %w", err)
	}
	x.check()
	x.enter(svc)
	x.light("access-nothing")
	svc, stop, err := x.Distant(x.ctx)
	if err != nil {
		x.fail("a server elsewhere: %w", err)
	}
	x.check()
	x.enter(svc)
	home := screenOf[*access](x)
	x.until("what is active", func() bool { return len(home.data.Active) > 1 })
	stop()
	x.until("the news that the server is away", func() bool { return !x.w.frame.online })
	x.light("server-away")
	x.do(func() { x.w.frame.stop(); x.w.gate = x.Closed; x.w.begin() })
	x.both("server-unreachable")
}

// enter goes in as somebody else.
func (x *walk) enter(svc core.Service) {
	me, err := svc.Me(x.ctx)
	if err != nil {
		x.fail("who am I: %w", err)
	}
	x.check()
	x.do(func() {
		if x.w.frame != nil {
			x.w.frame.stop()
		}
		x.w.enter(svc, me)
	})
}
