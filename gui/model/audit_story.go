package model

import (
	"time"

	"github.com/stint-pim/stint/core"
)

// StoryStep is one entry of a story: what happened, when, and the proof.
type StoryStep struct {
	Seq    int64
	Title  string
	Time   string
	Detail string
	Tone   Tone
	Here   bool // the entry the story was opened from
	Open   bool // still to come
}

// StoryOf tells the entries of one assignment in their order. here is the
// entry that is shown beside it, or 0; end is its end to come, or zero.
func StoryOf(say *Text, now time.Time, entries []core.Entry, here int64, end time.Time) []StoryStep {
	steps := make([]StoryStep, 0, len(entries)+1)
	for _, e := range entries {
		detail := e.Detail
		if detail == "" {
			detail = place(actorName(say, e), e.Justification)
		}
		steps = append(steps, StoryStep{
			Seq: e.Seq, Title: ActionName(say, e.Action), Time: storyTime(say, now, e.Time),
			Detail: detail, Tone: outcomeTone(e.Outcome), Here: e.Seq == here,
		})
	}
	if end.After(now) {
		steps = append(steps, StoryStep{Title: say.T("pages.audit.story.ends"), Time: say.When(end, now), Tone: TonePlain, Open: true})
	}
	return steps
}

// Around keeps the entries next to one of a long story: at most n before it
// and n after it. Without that entry the story stays whole.
func Around(entries []core.Entry, seq int64, n int) []core.Entry {
	for i, e := range entries {
		if e.Seq == seq {
			return entries[max(0, i-n):min(len(entries), i+n+1)]
		}
	}
	return entries
}

// storyTime has the seconds: the order of grant and proof is told in them.
func storyTime(say *Text, now, at time.Time) string {
	if say.Date(now) == say.Date(at) {
		return say.Second(at)
	}
	return Stamp(say, at)
}
