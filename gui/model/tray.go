package model

import (
	"slices"
	"strconv"
	"time"

	"github.com/stint-pim/stint/core"
)

// TrayLines says how much time is left, a line per role, in whole minutes.
func TrayLines(say *Text, a core.Access, now time.Time) []string {
	var out []string
	for _, r := range a.Active {
		left := r.End.Sub(now)
		switch {
		case r.Stuck(now):
			out = append(out, say.T("tray.stuck", "role", r.RoleName, "system", r.SystemName))
		case !r.State.Live():
			out = append(out, say.T("tray.removing", "role", r.RoleName, "system", r.SystemName))
		case r.Permanent() || left <= 0:
		default:
			minutes := (left + time.Minute - 1).Truncate(time.Minute)
			out = append(out, say.T("tray.left", "role", r.RoleName, "system", r.SystemName, "time", say.Duration(minutes)))
		}
	}
	return out
}

// TrayState names the tray's icon: idle, active, ending or attention.
func TrayState(a core.Access, now time.Time) string {
	state := "idle"
	for _, r := range a.Active {
		switch {
		case r.Stuck(now):
			return "attention"
		case r.Permanent() || r.Origin != core.Activated:
		case r.End.Sub(now) <= EndingSoon:
			state = "ending"
		case state == "idle":
			state = "active"
		}
	}
	return state
}

// Droppable returns the running activations of one's own.
func Droppable(a core.Access) []core.AssignmentID {
	var out []core.AssignmentID
	for _, r := range a.Active {
		if r.Origin == core.Activated && r.State == core.InForce {
			out = append(out, r.ID)
		}
	}
	return out
}

// Warning says that an activation ends soon.
type Warning struct {
	Title, Text string
	Row         core.AccessRow
}

// warnAt are the minutes before an end at which the desktop warns
// (rules.md section 9), nearest last.
func warnAt() []int { return []int{15, 5, 1} }

// Warnings knows what ends when, and which warnings were given. The zero value
// knows nothing.
type Warnings struct {
	rows  []core.AccessRow
	given map[core.AssignmentID]given
}

type given struct {
	end   time.Time
	stage int // how many of warnAt are over
}

// Know takes what is active now.
func (w *Warnings) Know(a core.Access) {
	w.rows = slices.Clone(a.Active)
	if w.given == nil {
		w.given = map[core.AssignmentID]given{}
	}
}

// Due returns the warnings that are due at now: one per activation at most,
// the nearest; those that were slept through are left out. A later end, after
// prolonging, begins anew.
func (w *Warnings) Due(say *Text, now time.Time) []Warning {
	var out []Warning
	for _, r := range w.rows {
		if r.Permanent() || r.State != core.InForce || r.Origin != core.Activated {
			continue
		}
		left := r.End.Sub(now)
		stage := 0
		for _, m := range warnAt() {
			if left <= time.Duration(m)*time.Minute {
				stage++
			}
		}
		g, known := w.given[r.ID]
		if !known || !g.end.Equal(r.End) {
			// What was near already when it was first seen, such as an activation of
			// five minutes, is no news.
			whole := r.Duration.Std()
			g = given{end: r.End}
			for i, m := range warnAt() {
				if whole <= time.Duration(m)*time.Minute {
					g.stage = i + 1
				}
			}
		}
		if stage > g.stage && left > 0 {
			minutes := int((left + time.Minute - 1) / time.Minute)
			text := "notice.ending.text"
			if r.MaxProlong <= 0 {
				text = "notice.ending.text.no"
			}
			out = append(out, Warning{Title: say.T("notice.ending.title", "role", r.RoleName, "n", strconv.Itoa(minutes)),
				Text: say.T(text, "system", r.SystemName, "time", say.Clock(r.End)), Row: r})
		}
		g.stage = max(g.stage, stage)
		w.given[r.ID] = g
	}
	return out
}

// NoticeText says a notice of the server for the desktop; an empty title means
// that the desktop doesn't show it.
func NoticeText(say *Text, n core.Notice, now time.Time) (title, text string) {
	if !n.Own && n.Kind != core.NoticeStuck && n.Kind != core.NoticeLost && n.Kind != core.NoticeApprove && n.Kind != core.NoticeExpiring && n.Kind != core.NoticeExpired && n.Kind != core.NoticeClock && n.Kind != core.NoticeDeadlock {
		return "", "" // about somebody else: administrators get mail
	}
	args := []string{"role", n.Role, "system", n.System, "by", n.By, "who", n.Who}
	if n.Until.IsZero() {
		args = append(args, "time", say.T("notice.permanent"))
	} else {
		args = append(args, "time", say.When(n.Until, now))
	}
	key := ""
	if n.Kind.OfSignIn() {
		return say.T("notice."+string(n.Kind)+".title", args...), say.T("notice."+string(n.Kind)+".text", args...)
	}
	switch n.Kind {
	case core.NoticeAssigned:
		key = "notice.assigned." + string(n.Setting)
	case core.NoticeClock:
		key = "notice.clock"
		if n.By != "Stint" {
			key = "notice.clock.accepted"
		}
	case core.NoticeDeadlock:
		key = "notice.deadlock"
		if n.Who == "" {
			key = "notice.deadlock.all"
		}
	case core.NoticeUnassigned, core.NoticeActivated, core.NoticeEnded, core.NoticeStuck, core.NoticeLost:
		key = "notice." + string(n.Kind)
	case core.NoticeExtended:
		key = "notice." + pick(n.Action == core.AdminRenew, "renewed", "extended")
	case core.NoticeExpiring, core.NoticeExpired:
		key = "notice." + string(n.Kind) + pick(n.Own, pick(n.Through != "", ".group", ""), ".other")
	case core.NoticeApprove:
		if n.Action.OfAssignment() {
			key, args = "notice.approve."+string(n.Action), append(args, "why", n.Why)
			break
		}
		key, args = "notice.approve", append(args, "lasts", say.Duration(n.Lasts.Std()), "why", n.Why)
	case core.NoticeDecided:
		key = "notice.decided." + decided(n.Status)
	default:
		return "", ""
	}
	return say.T(key+".title", args...), say.T(key+".text", args...)
}

// decided names in one word what became of a request.
func decided(s core.Status) string {
	switch s {
	case core.Granted, core.PendingProvisioning, core.Provisioned:
		return "approved"
	case core.Denied:
		return "denied"
	case core.CanceledRequest:
		return "canceled"
	case core.TimedOut:
		return "timed_out"
	}
	return "failed"
}
