package model

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/stint-pim/stint/core"
)

// Banner is one thing that the frame says above every page for as long as it
// holds: what happened, what it means for access, and where to look.
type Banner struct {
	Tone   Tone
	Title  string
	Text   string
	Action string // the button's word; empty: no button
	Page   string // where the button leads
	Clock  bool   // an administrator can accept the clock
	// Key names the trouble while it lasts, for a person who has read it; empty
	// for one that can't be put away, because access may outlast its end.
	Key string
}

// Banners are what the frame says about troubles, the worst first and the
// oldest of those first. away means that the server can't be reached: then
// nothing else is known for sure.
func Banners(say *Text, now time.Time, troubles []core.Trouble, away bool) []Banner {
	if away {
		return []Banner{{Tone: ToneWarn, Title: say.T("server.away.title"), Text: say.T("server.away")}}
	}
	sorted := slices.Clone(troubles)
	slices.SortStableFunc(sorted, func(a, b core.Trouble) int {
		return cmp.Or(cmp.Compare(rank(b.Severity), rank(a.Severity)), a.Since.Compare(b.Since))
	})
	var out []Banner
	for _, t := range sorted {
		if why := t.Args["why"]; why != "" {
			t.Args = maps.Clone(t.Args)
			t.Args["why"] = say.Known(why)
		}
		b := Banner{
			Tone:  map[core.Severity]Tone{core.SeverityBad: ToneBad, core.SeverityWarn: ToneWarn}[t.Severity],
			Title: say.Note(core.Note{Key: t.Title(), Args: t.Args}),
			Text:  strings.TrimSpace(say.Note(core.Note{Key: t.Text(), Args: t.Args})),
			Page:  troublePages[t.Kind],
			Clock: t.Kind == core.TroubleClockBehind,
		}
		if b.Tone == "" {
			b.Tone = ToneEligible
		}
		if !t.Since.IsZero() {
			b.Title += " · " + say.T("trouble.since", "time", say.When(t.Since, now))
		}
		if t.Severity != core.SeverityBad {
			b.Key = string(t.Kind) + " " + t.Args["system"] + " " + t.Since.String()
		}
		if b.Page != "" {
			b.Action = say.T("trouble.show." + b.Page)
		}
		out = append(out, b)
	}
	return out
}

// troublePages are where one sees more of a trouble.
var troublePages = map[core.TroubleKind]string{
	core.TroubleStuck: "assignments", core.TroubleSystem: "systems", core.TroubleRestored: "systems",
	core.TroubleMail: "settings",
}

func rank(s core.Severity) int {
	return slices.Index([]core.Severity{core.SeverityInfo, core.SeverityWarn, core.SeverityBad}, s)
}
