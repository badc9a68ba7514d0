package gui_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/gui/guitest"
	"github.com/stint-pim/stint/gui/model"
)

// Show implements gui.Notices as a desktop does.
func (p *person) Show(d model.DeskNotice) {
	p.notices = append(p.notices, d.Title)
	p.Close(d.Key)
	p.shown = append(p.shown, d)
}

// Close implements gui.Notices.
func (p *person) Close(key string) {
	p.shown = slices.DeleteFunc(p.shown, func(d model.DeskNotice) bool { return key != "" && d.Key == key })
}

// Chosen implements gui.Notices.
func (p *person) Chosen(context.Context) <-chan model.NoticeChoice { return p.choices }

// chooses clicks on a notice that is shown, or on its button.
func (p *person) chooses(title, button string) {
	p.t.Helper()
	i := slices.IndexFunc(p.shown, func(d model.DeskNotice) bool { return strings.HasPrefix(d.Title, title) })
	if i < 0 {
		p.t.Fatalf("no notice %q is shown, but %q", title, p.titles())
	}
	if button != "" && p.shown[i].Action != button {
		p.t.Fatalf("the button of %q says %q, want %q", title, p.shown[i].Action, button)
	}
	p.choices <- model.NoticeChoice{Notice: p.shown[i], Action: button != ""}
	p.window.Async().Pump()
}

func (p *person) titles() []string {
	var out []string
	for _, d := range p.shown {
		out = append(out, d.Title)
	}
	return out
}

// news is what the server tells.
func (p *person) news(n core.Notice, topics ...core.Topic) {
	p.service.Tell([]core.Notice{n}, topics...)
	p.window.Async().Pump()
}

// The button before an end asks how much longer the activation shall last, and
// prolongs nothing by itself. When that was put off, the notice is taken away.
func TestNoticeLeadsToProlong(t *testing.T) {
	p := sit(t, guitest.Typical, true, nil)
	p.later(time.Second)
	p.clicksFirst("Requests")
	p.chooses("Owner ends in 5 minutes", "Prolong…")
	p.sees("Prolong Owner", "instead of 13:55.")
	if len(p.service.Calls) > 0 {
		t.Errorf("a click on a notice sent %+v", p.service.Calls)
	}
	p.presses(fyne.KeyEscape)
	p.chooses("Owner ends in 5 minutes", "")
	p.sees("Active now")
	p.service.Page.Active[0].End = p.now.Add(2 * time.Hour)
	p.service.Tell(nil, core.TopicAccess)
	p.window.Async().Pump()
	if len(p.shown) > 0 {
		t.Errorf("%q is shown of an end that was put off", p.titles())
	}
}

// Where prolonging waits for others, nobody is told that it ends later already.
func TestProlongingThatWaitsSaysSo(t *testing.T) {
	p := sit(t, guitest.Typical, true, nil)
	p.service.Prolonged = core.PendingApproval
	p.later(time.Second)
	p.chooses("Owner ends in 5 minutes", "Prolong…")
	p.presses(fyne.KeyReturn)
	p.sees("Type all six digits first.")
	p.types(guitest.Code)
	p.sees("Others are asked whether Owner may last until")
	p.seesNot("now.")
}

// The button on a request asks for the answer; the notice itself shows the case.
// When somebody else has answered, it is taken away.
func TestNoticeLeadsToTheRequest(t *testing.T) {
	for _, button := range []string{"Approve…", ""} {
		p := sit(t, guitest.Typical, true, nil)
		c := guitest.Longing(p.now, core.SelfExtend)
		p.service.CaseData = append(p.service.CaseData, c)
		p.service.Waiting = append(p.service.Waiting, c.Request)
		p.news(core.Notice{Kind: core.NoticeApprove, Request: c.Request.ID, Action: core.SelfExtend, Who: "Bob Novak", Role: "db-owner", System: "prod-db", Why: "more"}, core.TopicRequests)
		p.chooses("Bob Novak", button)
		if button != "" {
			p.sees("Extend db-owner for Bob Novak?")
			p.presses(fyne.KeyEscape)
		}
		p.sees("Approvals", "The new billing tables need until spring")
		if len(p.service.Calls) > 0 {
			t.Errorf("button %q: a click on a notice sent %+v", button, p.service.Calls)
		}
		p.service.CaseData[len(p.service.CaseData)-1].Request.Status = core.Denied
		p.service.Tell(nil, core.TopicRequests)
		p.window.Async().Pump()
		if got := p.titles(); slices.ContainsFunc(got, func(s string) bool { return strings.HasPrefix(s, "Bob") }) {
			t.Errorf("%q is shown of what somebody answered", got)
		}
	}
}

// Whoever chooses a notice while the window is locked is asked who he is first.
func TestNoticeWaitsForTheLock(t *testing.T) {
	p := sit(t, guitest.Typical, true, nil)
	p.later(time.Second)
	p.service.Config.IdleLock = core.Duration(time.Minute)
	p.service.Tell(nil, core.TopicSettings)
	p.window.Async().Pump()
	p.later(61 * time.Second)
	p.sees("Unlock")
	p.chooses("Owner ends in", "Prolong…")
	p.seesNot("Prolong Owner")
	p.types(guitest.Password)
	p.presses(fyne.KeyReturn)
	p.sees("Prolong Owner")
}
