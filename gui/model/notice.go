package model

import (
	"time"

	"github.com/stint-pim/stint/core"
)

// DeskNotice is a notice as the desktop shows it. Whoever chooses it, or its
// action, is led to a place in the window; nothing is ever decided by that alone.
type DeskNotice struct {
	Key         string // of the matter: a later notice of the same takes its place; empty: stands for itself
	Title, Text string
	Open        string // the word for opening the window at its place
	Action      string // the word on its button; empty: it has none
	Critical    bool   // somebody has to act
	To          NoticePlace
}

// NoticePlace is where a notice leads. What its button leads to besides the
// page is named by the first of the fields that is set.
type NoticePlace struct {
	Page    string
	Request core.RequestID    // of the page: the case shown; the button asks for the answer
	Prolong core.AssignmentID // how much longer it shall last is asked
	Extend  core.AssignmentID // until when it shall go on is asked
}

// NoticeChoice is what a person chose: a notice, or the button on it.
type NoticeChoice struct {
	Notice DeskNotice
	Action bool
}

// noticeKey names the matter that a notice is about.
func noticeKey(n core.Notice) string {
	switch {
	case n.Request != "" && (n.Kind == core.NoticeApprove || n.Kind == core.NoticeDecided):
		return RequestKey(n.Request)
	case n.Assignment != "" && !n.Kind.OfSignIn():
		return AccessKey(n.Assignment)
	}
	return ""
}

// RequestKey names the matter of a request, AccessKey that of an assignment.
func RequestKey(id core.RequestID) string { return "request " + string(id) }

// AccessKey see RequestKey.
func AccessKey(id core.AssignmentID) string { return "access " + string(id) }

// NoticeOf is a notice of the server for the desktop; false: it isn't shown there.
func NoticeOf(say *Text, n core.Notice, now time.Time) (DeskNotice, bool) {
	title, text := NoticeText(say, n, now)
	if title == "" {
		return DeskNotice{}, false
	}
	d := DeskNotice{Key: noticeKey(n), Title: title, Text: text, Open: say.T("notice.action.open"), Critical: n.Kind.Critical() && n.Kind != core.NoticeApprove, To: NoticePlace{Page: "access"}}
	switch {
	case n.Kind == core.NoticeApprove:
		d.To = NoticePlace{Page: "approvals", Request: n.Request}
		d.Action = say.T("notice.action.approve")
	case n.Kind == core.NoticeDecided && n.Status == core.Provisioned: // it stands among what is active
	case n.Kind == core.NoticeDecided:
		d.To = NoticePlace{Page: "requests", Request: n.Request}
	case n.Kind == core.NoticeExpiring && n.Own && n.Through == "":
		d.To.Extend = n.Assignment
		d.Action = say.T("notice.action.extend")
	case n.Kind.OfSignIn():
		d.To.Page = "settings"
	case n.Kind == core.NoticeDeadlock:
		d.To.Page = "roles"
	case !n.Own:
		d.To.Page = "assignments"
	}
	return d, true
}

// NoticeOfEnd is what the desktop shows of an end that came near.
func NoticeOfEnd(say *Text, x Warning) DeskNotice {
	d := DeskNotice{Key: AccessKey(x.Row.ID), Title: x.Title, Text: x.Text, Open: say.T("notice.action.open"), To: NoticePlace{Page: "access"}}
	if x.Row.MaxProlong > 0 {
		d.To.Prolong = x.Row.ID
		d.Action = say.T("notice.action.prolong")
	}
	return d
}
