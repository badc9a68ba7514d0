package core

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// What a digest shows of each at most.
const (
	digestMade    = 5  // names of those who were given something for good
	digestSystems = 10 // systems, if there are several
	DigestTop     = 5  // roles
	digestDays    = 14 // days with a number of their own
)

// Digest is what administrators read of a week, as it was when it was written.
type Digest struct {
	From  time.Time `json:"from"`
	To    time.Time `json:"to"`    // excluded
	First string    `json:"first"` // the first day of it, "2006-01-02" in the zone of the settings
	Last  string    `json:"last"`

	Week   Week       `json:"week"`
	Before *Week      `json:"before,omitempty"` // the week before; nil: the log doesn't say, or it was no plain week
	Days   []DayCount `json:"days,omitempty"`   // activations by day; none where it are too many
	Made   []Made     `json:"made,omitempty"`   // what was given for good, newest first, the first of them

	Standing
	Systems []SystemCount `json:"systems,omitempty"` // those with the most, if there are several
	More    int           `json:"more,omitempty"`    // how many other systems there are
}

// Week is what the log says of some days.
type Week struct {
	People       int `json:"people"`        // different ones who activated something
	Activations  int `json:"activations"`   // that were in force
	Approved     int `json:"approved"`      // requests to which all agreed
	Denied       int `json:"denied"`        // requests
	Unanswered   int `json:"unanswered"`    // requests that nobody answered in time
	MadeEligible int `json:"made_eligible"` // for good
	MadeActive   int `json:"made_active"`   // for good
	Ended        int `json:"ended"`         // assignments that reached their end or were removed
	Refused      int `json:"refused"`       // commands
}

// Quiet reports whether there is nothing to tell.
func (w Week) Quiet() bool { return w == Week{} }

// DayCount is how often somebody activated something on a day.
type DayCount struct {
	Date string `json:"date"` // "2006-01-02"
	N    int    `json:"n"`
}

// Made is an assignment without end.
type Made struct {
	Who    string         `json:"who"`
	Role   string         `json:"role"`
	System string         `json:"system"`
	Kind   AssignmentKind `json:"kind"`
}

// Standing is what there is at a moment. Assignments are those of people; of
// what a group was given, those of its members.
type Standing struct {
	Permanent int           `json:"permanent"` // active without end
	Active    int           `json:"active"`    // active for some time, not activated
	Eligible  int           `json:"eligible"`
	Running   int           `json:"running"` // activations
	Ending    int           `json:"ending"`  // assignments that end before a time that was asked for
	Waiting   int           `json:"waiting"` // requests for approval
	Stuck     int           `json:"stuck"`   // of grants that could not be made or removed for StuckAfter
	Outside   int           `json:"outside"` // what systems hold otherwise than Stint left it, and nobody has accepted
	Top       []RoleCount   `json:"top,omitempty"`
	By        []SystemCount `json:"-"` // all that are not removed, by name
}

// RoleCount is a role and how many could use it, or do: those with the most
// that is for good, active without end and eligible, are named in a digest,
// because they are what an attacker would look for.
type RoleCount struct {
	Role        RoleID `json:"role"`
	Name        string `json:"name"`
	System      string `json:"system"`
	Permanent   int    `json:"permanent"`
	Eligible    int    `json:"eligible"`
	Activations int    `json:"activations"` // in the week
}

// SystemCount is a system with its numbers.
type SystemCount struct {
	System      SystemID `json:"system"`
	Name        string   `json:"name"`
	Activations int      `json:"activations"` // in the week
	Permanent   int      `json:"permanent"`
	Active      int      `json:"active,omitempty"`
	Eligible    int      `json:"eligible"`
	Running     int      `json:"running,omitempty"`
	Ending      int      `json:"ending,omitempty"`
	Stuck       int      `json:"stuck,omitempty"`
	Outside     int      `json:"outside,omitempty"`
}

// Calm reports whether nothing waits for an administrator.
func (s Standing) Calm() bool { return s.Ending+s.Waiting+s.Stuck+s.Outside == 0 }

// Tally counts entries of the log for a digest, newest first, a few at a time:
// a log may be long, and nobody shall wait for it.
type Tally struct {
	span     DigestSpan
	days     []time.Time // when each begins
	counts   []int       // of activations, by day
	week     Week
	before   Week
	people   [2]map[PersonID]bool
	approved map[RequestID]bool
	roles    map[RoleID]int // activations of the week
	systems  map[SystemID]int
	made     []Made
}

// NewTally begins to count.
func NewTally(span DigestSpan) *Tally {
	t := &Tally{span: span, approved: map[RequestID]bool{}, roles: map[RoleID]int{}, systems: map[SystemID]int{}}
	t.people = [2]map[PersonID]bool{{}, {}}
	for day := span.From; day.Before(span.To); day = daysLater(day, 1, span.Zone) {
		t.days = append(t.days, day)
		if len(t.days) > digestDays {
			t.days = nil
			break
		}
	}
	t.counts = make([]int, len(t.days))
	return t
}

// Filter chooses the entries that Add wants, all of them.
func (t *Tally) Filter() EntryFilter {
	f := EntryFilter{From: t.span.From, To: t.span.To}
	if !t.span.Before.IsZero() {
		f.From = t.span.Before
	}
	return f
}

// Add counts entries, newest first. The view shows what became of them.
func (t *Tally) Add(v View, entries []Entry) {
	for i := range entries {
		e := &entries[i]
		w, people, now := &t.week, t.people[0], true
		if e.Time.Before(t.span.From) {
			w, people, now = &t.before, t.people[1], false
		}
		switch e.Action {
		case ActivationActive:
			w.Activations++
			people[e.Principal] = true
			if now {
				t.roles[e.Role]++
				t.systems[e.System]++
				if i := t.day(e.Time); i >= 0 {
					t.counts[i]++
				}
			}
		case RequestApproved:
			// Several may have to agree: the last one counts, if there was a last one.
			if r, ok := v.Request(e.Request); ok && !t.approved[r.ID] && agreed(r) {
				t.approved[r.ID] = true
				w.Approved++
			}
		case RequestDenied:
			w.Denied++
		case RequestTimedOut:
			w.Unanswered++
		case AssignmentExpired, AssignmentRemoved:
			w.Ended++
		case CommandRefused:
			w.Refused++
		case RoleAssigned, AssignmentUpdated, AssignmentExtended, AssignmentRenewed:
			t.addMade(v, e, w, now)
		}
	}
	t.week.People, t.before.People = len(t.people[0]), len(t.people[1])
}

func agreed(r Request) bool {
	switch r.Status {
	case PendingApproval, Denied, TimedOut, Failed:
		return false
	}
	return true
}

// addMade counts what was given without end.
func (t *Tally) addMade(v View, e *Entry, w *Week, now bool) {
	if !forGood(e) {
		return
	}
	kind := Active
	switch a, _ := v.Assignment(e.Assignment); {
	case strings.HasPrefix(e.Detail, string(Eligible)+" "):
		kind = Eligible
	case !strings.HasPrefix(e.Detail, string(Active)+" "):
		kind = a.Kind
	}
	if kind == Eligible {
		w.MadeEligible++
	} else {
		w.MadeActive++
	}
	if now && len(t.made) < digestMade {
		t.made = append(t.made, Made{Who: e.PrincipalName, Role: e.RoleName, System: e.SystemName, Kind: kind})
	}
}

// forGood reports whether an entry says that an assignment got no end. The
// sentences are those of assign.go and extend.go.
func forGood(e *Entry) bool {
	never := Clock(time.Time{})
	switch e.Action {
	case RoleAssigned:
		return strings.HasSuffix(e.Detail, " until "+never)
	case AssignmentUpdated:
		return strings.HasSuffix(e.Detail, " – "+never) && !strings.Contains(e.Detail, " – "+never+" to ")
	case AssignmentExtended:
		return strings.HasPrefix(e.Detail, "until "+never+", ") || strings.Contains(e.Detail, " until "+never+"; it was ")
	case AssignmentRenewed:
		return strings.Contains(e.Detail, " until "+never+"; it had expired ")
	}
	return false
}

func (t *Tally) day(at time.Time) int {
	i, found := slices.BinarySearchFunc(t.days, at, time.Time.Compare)
	if !found {
		i--
	}
	return i
}

// Digest is what was counted, with what there is now. Older says whether the
// log begins before the week that is compared with.
func (t *Tally) Digest(now Standing, older bool) *Digest {
	date := func(at time.Time) string { return at.In(t.span.Zone).Format(time.DateOnly) }
	g := &Digest{From: t.span.From, To: t.span.To, First: date(t.span.From), Last: date(t.span.To.Add(-1)), Week: t.week, Made: t.made, Standing: now}
	if older && !t.span.Before.IsZero() {
		g.Before = &t.before
	}
	for i, day := range t.days {
		g.Days = append(g.Days, DayCount{date(day), t.counts[i]})
	}
	g.Top = slices.Clone(now.Top)
	for i := range g.Top {
		g.Top[i].Activations = t.roles[g.Top[i].Role]
	}
	if len(now.By) > 1 {
		g.Systems = slices.Clone(now.By)
		for i := range g.Systems {
			g.Systems[i].Activations = t.systems[g.Systems[i].System]
		}
		slices.SortStableFunc(g.Systems, func(a, b SystemCount) int {
			return cmp.Or(cmp.Compare(b.Stuck+b.Outside, a.Stuck+a.Outside), cmp.Compare(b.Activations, a.Activations),
				cmp.Compare(b.Permanent, a.Permanent), cmp.Compare(b.Eligible, a.Eligible))
		})
		if more := len(g.Systems) - digestSystems; more > 0 {
			g.Systems, g.More = g.Systems[:digestSystems], more
		}
	}
	return g
}

// Sum adds up what systems have; it is for stores.
func (s *Standing) Sum() {
	for _, c := range s.By {
		s.Permanent, s.Active, s.Eligible, s.Running = s.Permanent+c.Permanent, s.Active+c.Active, s.Eligible+c.Eligible, s.Running+c.Running
		s.Ending, s.Stuck, s.Outside = s.Ending+c.Ending, s.Stuck+c.Stuck, s.Outside+c.Outside
	}
}
