package core

import (
	"slices"
	"strings"
	"time"
)

// DigestSettings say when administrators get the digest of a week. The zero
// value is Monday at 8 o'clock, by the server's own clock.
//
// One digest goes out for one week: its day has a moment at which it is due
// (DigestMark.Next), and that moves in the same transaction that writes the
// mails. What it tells are whole days, up to the midnight before; what happens
// between midnight and the mail belongs to the next. A server that was off, or
// a clock that was wrong, leads to one digest of all that time, never to
// several.
type DigestSettings struct {
	Off     bool   `json:"off,omitempty"`
	Weekday string `json:"weekday"` // "monday" to "sunday"; empty: monday
	At      string `json:"at"`      // "15:04"; empty: 08:00
	Zone    string `json:"zone"`    // a name of the IANA's list, as "Europe/Berlin"; empty: that of the server
}

// DefaultDigest is when a new store sends it.
func DefaultDigest() DigestSettings { return DigestSettings{Weekday: "monday", At: "08:00"} }

// Weekdays are what DigestSettings.Weekday takes, the first day of the week first.
func Weekdays() []string {
	return []string{"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"}
}

const (
	// digestApart is how long lies between the days of two digests at least,
	// whatever becomes of the settings: nobody gets two in one week.
	digestApart = 6
	// digestReach is how far back a digest goes that is not the first; zero for
	// what was not sent for longer, because it was switched off.
	digestReach = 14
	// maxZone bounds the name of a zone, in characters. The longest has 32.
	maxZone = 64
)

// DigestMark is what is kept of the digest: when the next is due (zero: none
// is planned) and up to which midnight the last one counted (zero: there was none).
type DigestMark struct{ Next, Until time.Time }

// CheckDigest checks settings of the digest.
func CheckDigest(s DigestSettings) error {
	if err := s.check(); err != nil {
		return err
	}
	return nil
}

func (s DigestSettings) check() *Error {
	if s.Weekday != "" && !slices.Contains(Weekdays(), s.Weekday) {
		return Errorf(Invalid, "digest.weekday", "digest.weekday", "days", strings.Join(Weekdays(), ", "))
	}
	if s.At != "" {
		if t, err := time.Parse("15:04", s.At); err != nil || t.Format("15:04") != s.At {
			return Errorf(Invalid, "digest.at", "digest.at")
		}
	}
	if s.Zone != "" {
		// "Local" is another zone on another machine, and a path is a file.
		_, err := time.LoadLocation(s.Zone)
		if err != nil || s.Zone == "Local" || len(s.Zone) > maxZone {
			return Errorf(Invalid, "digest.zone", "digest.zone", "zone", Clip(s.Zone, maxZone))
		}
	}
	return nil
}

// Whole fills in what is not said.
func (s DigestSettings) Whole() DigestSettings {
	def := DefaultDigest()
	if s.Weekday == "" {
		s.Weekday = def.Weekday
	}
	if s.At == "" {
		s.At = def.At
	}
	return s
}

// String is for the log.
func (s DigestSettings) String() string {
	if s.Off {
		return "off"
	}
	s = s.Whole()
	zone := s.Zone
	if zone == "" {
		zone = "the server's time"
	}
	return s.Weekday + " " + s.At + " " + zone
}

// in returns the zone, where here is that of the server (nil: UTC).
func (s DigestSettings) in(here *time.Location) *time.Location {
	if here == nil {
		here = time.UTC
	}
	if s.Zone == "" {
		return here
	}
	zone, err := time.LoadLocation(s.Zone)
	if err != nil {
		return here // it was known when it was set; a digest at another hour is better than none
	}
	return zone
}

// After returns the first moment after t at which a digest is due, where here
// is the zone of the server. In a night in which the clock is set forward past
// it, that is when the clock is set; where it comes twice, the first time.
func (s DigestSettings) After(t time.Time, here *time.Location) time.Time {
	s = s.Whole()
	zone := s.in(here)
	clock, _ := time.Parse("15:04", s.At)
	day := (slices.Index(Weekdays(), s.Weekday) + 1) % 7
	local := t.In(zone)
	for i := 0; ; i++ {
		// The date is counted in UTC, where each day has all its hours.
		date := time.Date(local.Year(), local.Month(), local.Day()+i, clock.Hour(), clock.Minute(), 0, 0, time.UTC)
		if int(date.Weekday()) != day {
			continue
		}
		if at := onWall(date, zone); at.After(t) {
			return instant(at)
		}
	}
}

// onWall returns when a clock on the wall of zone shows the date and time that
// date has in UTC: the first time if twice, and when it is set past it if never.
func onWall(date time.Time, zone *time.Location) time.Time {
	shown := func(t time.Time) time.Time {
		_, offset := t.Zone()
		return t.Add(time.Duration(offset) * time.Second).UTC()
	}
	at := time.Date(date.Year(), date.Month(), date.Day(), date.Hour(), date.Minute(), 0, 0, zone)
	begin, end := at.ZoneBounds()
	switch wall := shown(at); {
	case wall.Before(date): // skipped: at is before the step
		return end
	case wall.After(date):
		return begin
	}
	if !begin.IsZero() {
		before := begin.Add(-1).In(zone)
		_, was := before.Zone()
		_, is := at.Zone()
		if first := at.Add(time.Duration(is-was) * time.Second); first.Before(begin) {
			return first.In(zone)
		}
	}
	return at
}

// midnight is when the day of t begins in a zone.
func midnight(t time.Time, zone *time.Location) time.Time {
	l := t.In(zone)
	return onWall(time.Date(l.Year(), l.Month(), l.Day(), 0, 0, 0, 0, time.UTC), zone)
}

// daysLater is the beginning of the day n days after that of t.
func daysLater(t time.Time, n int, zone *time.Location) time.Time {
	l := t.In(zone)
	return onWall(time.Date(l.Year(), l.Month(), l.Day()+n, 0, 0, 0, 0, time.UTC), zone)
}

// digests reports whether digests go out at all. Without mail there are none,
// and none are saved up for the day on which it is set up.
func (s Settings) digests() bool { return !s.Digest.Off && s.Mail.Configured() }

// planDigest says when the next digest is due by the settings s.
func (d *decider) planDigest(s Settings) DigestMark {
	m := DigestMark{Until: d.Digest().Until}
	if !s.digests() {
		return m
	}
	zone := s.Digest.in(d.env.Zone)
	if m.Until.After(daysLater(d.env.Now, 7, zone)) {
		m.Until = time.Time{} // of a clock that was far ahead
	}
	m.Next = s.Digest.After(d.env.Now, d.env.Zone)
	if m.Until.IsZero() {
		return m
	}
	for midnight(m.Next, zone).Before(daysLater(m.Until, digestApart, zone)) {
		m.Next = s.Digest.After(m.Next, d.env.Zone)
	}
	if m.Until.Before(daysLater(m.Next, -digestReach, zone)) {
		m.Until = time.Time{}
	}
	return m
}

// replan adds to changes the plan of the digest, where it becomes another.
func (d *decider) replan(changes []Change, s Settings) []Change {
	was, old := d.Digest(), d.Settings()
	if s.digests() == old.digests() && s.Digest == old.Digest && !was.Next.IsZero() == s.digests() {
		return changes
	}
	if m := d.planDigest(s); m != was {
		changes = append(changes, m)
	}
	return changes
}

// DigestSpan is what a digest that is due counts.
type DigestSpan struct {
	From, To time.Time // To is excluded
	// Before is where the week before begins; zero: there is nothing to compare
	// with, because this is no plain week.
	Before time.Time
	Zone   *time.Location
}

// DigestDue returns what the digest counts that is due now. It is not due where
// ok is false.
func DigestDue(v View, now time.Time, here *time.Location) (span DigestSpan, ok bool) {
	s, m := v.Settings(), v.Digest()
	if !s.digests() || m.Next.IsZero() || now.Before(m.Next) {
		return span, false
	}
	zone := s.Digest.in(here)
	at := m.Next // the last of the moments that have come
	if late := daysLater(now, -8, zone); at.Before(late) {
		at = s.Digest.After(late, here)
	}
	for next := s.Digest.After(at, here); !next.After(now); next = s.Digest.After(at, here) {
		at = next
	}
	span = DigestSpan{From: m.Until, To: instant(midnight(at, zone)), Zone: zone}
	if span.From.IsZero() { // the first: of the week before it was due, however late it is
		span.From = instant(daysLater(midnight(m.Next, zone), -7, zone))
	}
	if !span.From.Before(span.To) {
		span.From = instant(daysLater(span.To, -7, zone))
	}
	if span.From.Equal(daysLater(span.To, -7, zone)) {
		span.Before = instant(daysLater(span.From, -7, zone))
	}
	return span, true
}

// sendDigest plans the digest where that was not done yet, or writes the mails
// of the one that is due.
func (d *decider) sendDigest(c SendDigest) *Error {
	s, m := d.Settings(), d.Digest()
	if m.Next.IsZero() || !s.digests() {
		if plan := d.planDigest(s); plan != m {
			d.change(plan)
		}
		return nil
	}
	span, due := DigestDue(d, d.env.Now, d.env.Zone)
	if !due || c.Digest == nil || !c.Digest.To.Equal(span.To) || !c.Digest.From.Equal(span.From) {
		return nil // it was sent, or settings became others while it was counted
	}
	e := d.entry(DigestSent)
	list := d.digestNotices(*c.Digest)
	e.Detail = c.Digest.First + " to " + c.Digest.Last + ", to " + plural(len(list), "administrator", "administrators")
	d.record(e, DigestMark{Next: s.Digest.After(d.env.Now, d.env.Zone), Until: span.To}).Notices = list
	return nil
}

// DigestRoles are the roles of Stint whose holders get the digest.
func DigestRoles() []RoleID {
	return []RoleID{StintRole(GlobalAdministrator), StintRole(PrivilegedRoleAdministrator), StintRole(SecurityAdministrator)}
}

// digestNotices are the mails: to all administrators who have an address and
// want it.
func (d *decider) digestNotices(g Digest) []Notice {
	var out []Notice
	for _, p := range d.inForce(DigestRoles()...) {
		if p.Mail != "" && !p.NoDigest {
			out = append(out, to(Notice{Kind: NoticeDigest, Who: "Stint", By: "Stint", Where: "stint", At: d.env.Now, Digest: &g}, p))
		}
	}
	return out
}

// ChooseDigest is the command by which somebody says whether he wants the digest.
func ChooseDigest(me Person, on bool) UpdatePerson {
	off := !on
	return UpdatePerson{Person: me.ID, FullName: me.Name, Login: me.Login, Mail: me.Mail, Language: me.Language, NoDigest: &off}
}

// wanted says for the log whether somebody wants the digest.
func wanted(p Person) string {
	if p.NoDigest {
		return "off"
	}
	return "on"
}
