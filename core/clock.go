package core

import (
	"strconv"
	"strings"
	"time"
)

// ClockSlack is how far the machine's clock may step, or be behind Stint's
// time, before anybody is told. A time server's corrections are slower than
// this (500 parts in a million as a rule, a tenth at most, over a second), and
// a machine that dozed for a moment is no news; a code of the second factor
// bears as much, and an access is at least a hundred times as long.
const ClockSlack = 3 * time.Second

// clockShown is how long a step forward is shown: what it ended is over, and
// who comes back to his laptop wants to know why.
const clockShown = time.Hour

// ClockMark is what is kept of the last step of the machine's clock.
type ClockMark struct {
	Step Duration  // forward is positive; 0: nothing is to be told
	At   time.Time // when it was noticed, in Stint's time
}

// ClockSet sets the time that Stint has come to back to Now. It also shortens
// what was to wait for a time that now is far off: locks end LockFor after Now
// at the latest, grants and systems are looked at at once, and sessions that
// were used later than Now end.
type ClockSet struct{ Now time.Time }

// ClockState says how Stint's time and the machine's clock stand to each other.
type ClockState struct {
	Now   time.Time `json:"now"`  // Stint's time, by which access ends
	Wall  time.Time `json:"wall"` // the machine's clock, as a person would read it
	Ahead Duration  `json:"ahead,omitempty"`
	// Step and Stepped are of the last step that still matters: while Stint's
	// time is ahead, and for an hour after a step forward.
	Step    Duration  `json:"step,omitempty"`
	Back    bool      `json:"back,omitempty"` // the step was back; a duration in JSON has no sign
	Stepped time.Time `json:"stepped,omitzero"`
}

// ClockStateOf is the state at a moment. Ahead is 0 where it is not worth telling.
func ClockStateOf(now, wall time.Time, m ClockMark) ClockState {
	s := ClockState{Now: now, Wall: wall}
	if d := now.Sub(wall); d >= ClockSlack {
		s.Ahead = Duration(d.Round(time.Second))
	}
	if m.Step != 0 && (s.Ahead > 0 || m.Step > 0 && now.Sub(m.At) < clockShown) {
		s.Step, s.Back, s.Stepped = Duration(m.Step.Std().Abs().Round(time.Second)), m.Step < 0, m.At
	}
	return s
}

// Trouble is what people are told of it, or nil.
func (s ClockState) Trouble() *Trouble {
	switch {
	case s.Ahead > 0:
		return &Trouble{Kind: TroubleClockBehind, Severity: SeverityWarn, Since: s.Stepped, Args: map[string]string{"ahead": Span(s.Ahead.Std())}}
	case s.Step > 0 && !s.Back:
		return &Trouble{Kind: TroubleClock, Severity: SeverityInfo, Since: s.Stepped, Args: map[string]string{"step": Span(s.Step.Std())}}
	}
	return nil
}

// NoteClock writes what the engine noticed of the machine's clock.
type NoteClock struct {
	Step  time.Duration // all steps since it was last told, together
	Count int           // how many they were; 0: none
	// Gone is by how much Stint's own time was moved forward by them.
	Gone  time.Duration
	Ahead time.Duration // by how much Stint's time is ahead of the clock now
	Start bool          // found at the start: the clock is behind the time seen last
	Tell  bool          // administrators are told
	Mail  bool          // by mail, too
}

func (d *decider) noteClock(c NoteClock) *Error {
	e := d.entry(ClockStepped)
	m := ClockMark{Step: Duration(c.Step), At: d.env.Now}
	ahead := "; Stint goes on counting the time that really passes, and is ahead of the clock by " + Span(c.Ahead)
	switch {
	case c.Count == 0 && !c.Start && c.Ahead < ClockSlack && d.Clock() == (ClockMark{}):
		return nil // a corrected clock was accepted, which has its entry
	case c.Count == 0 && !c.Start && c.Ahead < ClockSlack:
		e.Action, e.Detail = ClockRight, "the machine's clock has caught up with Stint's time"
		d.record(e, ClockMark{})
		return nil
	case c.Start:
		e.Action, e.Outcome = ClockBehind, OutcomeFailed
		e.Detail = "at the start the machine's clock is behind the time that Stint has seen last, by " + Span(c.Ahead) + "; time goes on from there"
		m.Step = Duration(-c.Ahead)
	case c.Count > 1:
		e.Outcome = OutcomeFailed
		e.Detail = "the machine's clock was moved " + strconv.Itoa(c.Count) + " times, together " + direction(c.Step)
	case c.Step > 0:
		e.Detail = "the machine slept, or its clock was set forward, by " + Span(c.Step)
	default:
		e.Outcome = OutcomeFailed
		e.Detail = "the machine's clock was set " + direction(c.Step)
	}
	switch {
	case c.Start:
	case c.Ahead >= ClockSlack:
		e.Detail += ahead
		m.Step = min(m.Step, -1) // it is behind, whatever the last step was
	case c.Gone > 0:
		e.Detail += "; what was due by then ends now"
	}
	ev := d.record(e, m)
	if c.Tell {
		ev.Notices = d.clockNotices(e.Detail, c.Mail)
	}
	return nil
}

func direction(d time.Duration) string {
	switch {
	case d < 0:
		return "back by " + Span(-d)
	case d > 0:
		return "forward by " + Span(d)
	}
	return "by nothing"
}

// clockNotices tells the administrators.
func (d *decider) clockNotices(detail string, mail bool) []Notice {
	var out []Notice
	for _, p := range d.administrators() {
		n := to(Notice{Kind: NoticeClock, Who: "Stint", By: d.byName(), Where: d.actor.From, At: d.env.Now, Evidence: detail}, p)
		if !mail {
			n.Address = ""
		}
		out = append(out, n)
	}
	return out
}

// AcceptClock makes Stint's time that of the machine's clock again, after it
// was ahead. Time goes back by that, so all activations end first.
type AcceptClock struct {
	Justification string `json:"justification"`
}

// maxAccepted bounds what one AcceptClock ends, in one transaction.
const maxAccepted = 20_000

func (d *decider) acceptClock(c AcceptClock) *Error {
	if err := d.may(); err != nil {
		return err
	}
	now, wall := d.env.Now, instant(d.env.Wall)
	if now.Sub(wall) < ClockSlack {
		return Errorf(Conflict, "", "clock.right")
	}
	if err := justification(c.Justification, !d.env.Preview); err != nil {
		return err
	}
	running := d.Activations(maxAccepted + 1)
	if len(running) > maxAccepted {
		return Errorf(Refused, "", "clock.many", "max", strconv.Itoa(maxAccepted))
	}
	if err := d.prove(); err != nil {
		return err
	}
	// From here on it is the corrected time: what ends has ended then, and no
	// later entry is older than these.
	d.env.Now = wall
	why, ended, canceled := strings.TrimSpace(c.Justification), 0, 0
	for _, a := range running {
		detail := endedClock
		if a.State == Scheduled {
			// Asked for a time on the clock, which stands. It is judged again now,
			// and once more when it starts.
			basis, _ := d.Assignment(a.Basis)
			err := d.eligibleNow(basis)
			if err == nil && a.Start.Sub(wall) <= MaxActivateAhead {
				continue
			}
			canceled++
			d.finish(a, Removed, ActivationCanceled, detail, why)
		} else {
			ended++
			d.finish(a, Removed, ActivationEnded, detail, why)
			if a.System == StintSystem {
				d.events[len(d.events)-1].Notices = d.noticesOf(NoticeEnded, a)
			}
		}
		d.result.Items = append(d.result.Items, ItemResult{Principal: a.Principal, Role: a.Role, Scope: a.Scope, Request: a.Request, Assignment: a.ID, Start: a.Start, End: wall})
	}
	// What was asked for in the wrong time would wait for an answer until a limit
	// of that time. It is asked for anew.
	for _, r := range d.RequestsDue(now.Add(MaxApprovalTimeout), maxAccepted) {
		if r, _ = d.Request(r.ID); r.Status == PendingApproval && r.Approval != nil && r.Approval.Opened.After(wall) {
			d.cancelPending([]Request{r}, "a corrected clock was accepted")
		}
	}
	if s, ok := d.Session(d.actor.Session); ok {
		// His own session goes on, or nobody could see what came of it.
		s.LastSeen = wall
		if s.Created.After(wall) {
			s.Created = wall
		}
		if last := wall.Add(SessionLife); s.Expires.After(last) {
			s.Expires = last
		}
		d.change(s)
	}
	e := d.entry(ClockAccepted)
	e.Justification = why
	e.Detail = "Stint's time went back by " + Span(now.Sub(wall)) + ", from " + Clock(now) + " to " + Clock(wall) + "; " +
		plural(ended, "activation", "activations") + " ended first, " + strconv.Itoa(canceled) + " scheduled canceled"
	changes := []Change{ClockMark{}, ClockSet{Now: wall}}
	if m := d.Digest(); m.Next.After(wall) {
		if plan := d.planDigest(d.Settings()); plan != m {
			changes = append(changes, plan)
		}
	}
	d.record(e, changes...).Notices = d.clockNotices(e.Detail, true)
	return nil
}
