package model

import (
	"strconv"
	"strings"
	"time"

	"github.com/stint-pim/stint/core"
)

// Card is something active on the page "My access".
type Card struct {
	ID        core.AssignmentID
	Title     string // the role
	Place     string // system and kind, scope
	Line      string // when it ends, or what is being done
	Chip      Mark   // empty word: none
	Sooner    string // what on the person's computer ends it before; empty: nothing
	Note      string // what was verified, what may outlive it, what is tried
	NoteTone  Tone
	Ring      Countdown
	Prolong   bool
	Drop      bool
	Cancel    bool // Drop is called Cancel: it has not begun
	Extend    bool // it was assigned, and ends soon
	DropTitle string
	DropText  string
	DropWord  string // on the button, names the effect
}

// Wrong reports whether the card says what is wrong, and what to do: it must be
// read, and is long.
func (c Card) Wrong() bool { return c.NoteTone != TonePlain }

// Standing reports whether an active row asks for nothing: it was assigned for
// good, and it is there. Such rows stand below what runs, in a quiet list.
func Standing(r core.AccessRow, now time.Time) bool {
	return r.Origin != core.Activated && r.Permanent() && r.State == core.InForce && !r.Stuck(now) &&
		(r.Grant == "" || r.GrantState == core.GrantPresent || r.GrantState == core.GrantFound)
}

// Lively reports whether a card of this row may look different a second from
// now: it counts seconds, or waits for its system and may turn out to be stuck.
func Lively(r core.AccessRow, now time.Time) bool {
	if !r.State.Live() || (core.Grant{State: r.GrantState}).Pending() {
		return true
	}
	return !r.Permanent() && r.End.Sub(now) <= countsSeconds+calmMargin
}

// calmMargin lets a card begin to count seconds on time.
const calmMargin = time.Second

// trouble says what has kept a change from a system so far, before it counts as stuck.
func (c *Card) trouble(say *Text, r core.AccessRow) {
	if r.GrantAttempts > 0 && r.GrantError != "" {
		c.Note, c.NoteTone = sentence(say.Known(r.GrantError))+" "+say.T("access.trying"), ToneWarn
	}
}

// CardOf says how an active row looks at the moment now.
func CardOf(say *Text, r core.AccessRow, now time.Time) Card {
	c := Card{ID: r.ID, Title: r.RoleName, Place: PlaceOf(say, r.AssignmentRow), NoteTone: TonePlain}
	own := r.Origin == core.Activated
	left := r.End.Sub(now)
	switch {
	case r.Stuck(now):
		removing := r.GrantState == core.GrantRemoving
		c.Ring = Countdown{Dot: true, Big: "!", Tone: ToneBad}
		c.Chip = Mark{say.T("access.chip.stuck"), ToneBad}
		c.Line = say.T(pick(removing, "access.chip.removing", "access.chip.granting"))
		c.Note = strings.Join([]string{
			say.T(pick(removing, "access.stuck.removing", "access.stuck.granting"), "system", r.SystemName),
			Count(say, "access.stuck.tries", r.GrantAttempts, "since", say.When(r.GrantFailing, now), "problem", sentence(say.Known(r.GrantError))),
			say.T(pick(removing, "access.stuck.do.removing", "access.stuck.do.granting"), "system", r.SystemName),
		}, " ")
		c.NoteTone = ToneBad
		c.Drop = own && !removing && r.State == core.InForce
	case !r.State.Live() || r.GrantState == core.GrantRemoving:
		c.Ring = Countdown{Dot: true, Big: "…", Tone: TonePending}
		c.Chip = Mark{say.T("access.chip.removing"), TonePending}
		c.Line = say.T("access.removing")
		c.Note = say.T("access.removing.note")
		c.trouble(say, r)
	case r.GrantState == core.GrantUnknown || r.GrantState == core.GrantGranting || (r.GrantState == core.GrantAbsent && r.Grant != ""):
		c.Ring = Countdown{Dot: true, Big: "…", Tone: TonePending}
		c.Chip = Mark{say.T("access.chip.granting"), TonePending}
		c.Line = say.T("access.granting")
		c.Note = say.T("access.granting.note")
		c.trouble(say, r)
		c.Drop = own
	case r.Permanent():
		c.Ring = Countdown{Share: 1, Big: "∞", Tone: ToneGood}
		c.Line = say.T("access.permanent")
		c.Note = verified(say, r)
		c.Drop = own
	default:
		c.Ring = CountdownTo(say, r.End, r.Duration.Std(), now)
		c.Line = say.T("access.ends", "time", say.When(r.End, now))
		switch LeftTone(left) {
		case ToneBad:
			c.Chip = Mark{say.T("access.chip.last"), ToneBad}
		case ToneWarn:
			c.Chip = Mark{say.T("access.chip.ending"), ToneWarn}
		}
		c.Note = verified(say, r)
		if r.Residual != "" && left <= EndingSoon {
			c.Note = say.Key(core.TextKey(r.Residual))
		}
		c.Sooner = EndsWhen(say, r.DropOn)
		c.Drop = own
		c.Prolong = own && r.MaxProlong > 0
		c.Extend = r.Extendable(now)
	}
	if !own {
		c.Prolong, c.Drop = false, false
	}
	c.DropTitle = say.T("access.drop.title", "role", r.RoleName, "system", r.SystemName)
	c.DropText = say.T("access.drop.text")
	c.DropWord = say.T("access.drop.action", "role", clip(r.RoleName))
	return c
}

// Scheduled says how an activation that is still to come looks.
func Scheduled(say *Text, r core.AccessRow, now time.Time) Card {
	c := Card{ID: r.ID, Title: r.RoleName, Place: PlaceOf(say, r.AssignmentRow), Cancel: true, Drop: true,
		Ring: Countdown{Dot: true, Big: say.Clock(r.Start), Small: "", Tone: ToneEligible},
		Chip: Mark{say.T("access.chip.scheduled"), ToneEligible},
		Line: say.T("access.scheduled", "from", say.When(r.Start, now), "time", say.Duration(r.End.Sub(r.Start)))}
	c.DropTitle = say.T("access.cancel.title", "role", r.RoleName, "system", r.SystemName)
	c.DropText = say.T("access.cancel.text", "from", say.When(r.Start, now))
	c.DropWord = say.T("access.cancel.action")
	return c
}

// EndsWhen says what on the person's own computer ends an activation at once;
// empty: nothing does.
func EndsWhen(say *Text, on []core.DropReason) string {
	if len(on) == 0 {
		return ""
	}
	words := make([]string, len(on))
	for i, r := range on {
		words[i] = say.T("access.sooner." + string(r))
	}
	what := words[len(words)-1]
	if len(words) > 1 {
		what = say.T("access.sooner.or", "first", strings.Join(words[:len(words)-1], ", "), "last", what)
	}
	return say.T("access.sooner", "what", what)
}

func verified(say *Text, r core.AccessRow) string {
	switch {
	case r.GrantEvidence.At.IsZero():
		return ""
	case r.GrantState == core.GrantFound:
		return say.T("access.found", "system", r.SystemName)
	}
	return say.T("access.verified", "system", r.SystemName, "time", say.Second(r.GrantEvidence.At))
}

// PlaceOf names where a role applies: "prod-db · PostgreSQL · /billing".
func PlaceOf(say *Text, r core.AssignmentRow) string {
	parts := []string{r.SystemName}
	if k := say.KindBeside(r.SystemName, r.SystemKind, r.SystemAs); k != "" {
		parts = append(parts, k)
	}
	if r.Scope != "" && r.Scope != "/" {
		parts = append(parts, r.Scope)
	}
	return strings.Join(parts, " · ")
}

// EligibleLine is a row of the table of what may be activated.
type EligibleLine struct {
	ID       core.AssignmentID
	Role     string
	System   string
	Kind     string
	Scope    string
	Until    string
	Soon     bool // Until is a warning
	Rules    string
	Running  Mark   // it is active or scheduled already
	Blocked  string // why it can't be activated now
	Favour   core.FavouriteID
	Starred  bool
	MayStart bool
}

// EligibleLineOf says how an eligible row looks. favourites tells which have a star.
func EligibleLineOf(say *Text, r core.EligibleRow, favourites []core.Favourite, now time.Time) EligibleLine {
	l := EligibleLine{ID: r.ID, Role: r.RoleName, System: r.SystemName, Kind: say.KindBeside(r.SystemName, r.SystemKind, r.SystemAs), Scope: r.Scope}
	switch left := r.End.Sub(now); {
	case r.Permanent():
		l.Until = say.T("access.until.permanent")
	case left <= core.ExtendWindow:
		l.Until, l.Soon = EndsIn(say, r.End, now), true
	default:
		l.Until = say.T("access.until.date", "date", say.Date(r.End))
	}
	rules := []string{say.T("access.rule.max", "time", say.Duration(r.Policy.MaxDuration.Std()))}
	if r.Policy.RequireTicket {
		rules = append(rules, say.T("access.rule.ticket"))
	}
	if r.Via != "" {
		rules = append(rules, say.T("group.through_short", "group", r.GroupName))
	}
	l.Rules = strings.Join(rules, ", ")
	if r.Now != "" {
		l.Running = Mark{say.T("access.running"), ToneGood}
	}
	if r.Blocked != nil {
		l.Blocked = say.Error(r.Blocked)
	}
	l.MayStart = l.Running.Word == "" && l.Blocked == ""
	for _, f := range favourites {
		if len(f.Items) == 1 && f.Items[0].Assignment == r.ID {
			l.Favour, l.Starred = f.ID, true
		}
	}
	return l
}

// FavouriteLine is a favourite's button.
type FavouriteLine struct {
	ID    core.FavouriteID
	Name  string
	Sub   string // "3 roles · 2 h"
	Ready bool   // at least one of its roles can be activated now
	Why   string // if not
}

// FavouriteLineOf says how a favourite looks.
func FavouriteLineOf(say *Text, f core.Favourite, eligible []core.EligibleRow) FavouriteLine {
	l := FavouriteLine{ID: f.ID, Name: f.Name, Sub: say.Duration(f.Duration.Std())}
	if n := len(f.Items); n > 1 {
		l.Sub = say.T("access.roles", "n", strconv.Itoa(n)) + " · " + l.Sub
	}
	rows := RowsOf(f, eligible)
	if len(rows) == 0 {
		l.Why = say.T("access.favourite.gone")
		return l
	}
	for _, r := range rows {
		if r.Ready() {
			l.Ready = true
		}
	}
	if !l.Ready {
		l.Why = say.T("access.favourite.running")
	}
	// A system that is away stops it, or what of it is there: that is said where
	// one would press, not after the code was typed.
	for _, r := range rows {
		if r.Blocked != nil {
			l.Why = say.Error(r.Blocked)
			break
		}
	}
	return l
}

// FavouriteAway names the system of a favourite that does not answer now, if any:
// what is activated there waits until it does.
func FavouriteAway(say *Text, f core.Favourite, eligible []core.EligibleRow, now []core.Trouble) string {
	for _, r := range RowsOf(f, eligible) {
		for _, t := range now {
			if t.Kind == core.TroubleSystem && t.Args["system"] == r.SystemName {
				return say.T("access.favourite.away", "system", r.SystemName)
			}
		}
	}
	return ""
}

// RowsOf returns the eligible rows of a favourite, in its order.
func RowsOf(f core.Favourite, eligible []core.EligibleRow) []core.EligibleRow {
	var out []core.EligibleRow
	for _, it := range f.Items {
		for _, r := range eligible {
			if r.ID == it.Assignment {
				out = append(out, r)
			}
		}
	}
	return out
}

// MatchEligible reports whether a filter finds a row.
func MatchEligible(r core.EligibleRow, text string) bool {
	text = strings.ToLower(strings.TrimSpace(text))
	if text == "" {
		return true
	}
	for _, s := range []string{r.RoleName, r.SystemName, string(r.SystemKind), r.Scope} {
		if strings.Contains(strings.ToLower(s), text) {
			return true
		}
	}
	return false
}

// sentence ends what a system said with a full stop.
func sentence(s string) string {
	s = strings.TrimSpace(s)
	if s == "" || strings.ContainsAny(s[len(s)-1:], ".!?…") {
		return s
	}
	return s + "."
}

func pick(b bool, yes, no string) string {
	if b {
		return yes
	}
	return no
}

// clip shortens a name on a button.
func clip(s string) string { return core.Clip(s, 28) }
