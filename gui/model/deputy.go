package model

import (
	"time"

	"github.com/stint-pim/stint/core"
)

// DeputyLine says who answers for oneself.
func DeputyLine(say *Text, mine *core.DeputyRow, now time.Time) string {
	switch {
	case mine == nil:
		return say.T("deputy.none")
	case mine.From.After(now):
		return say.T("deputy.mine.later", "who", mine.DeputyName, "from", say.When(mine.From, now), "until", say.When(mine.Until, now))
	}
	return say.T("deputy.mine", "who", mine.DeputyName, "until", say.When(mine.Until, now))
}

// DeputyFor says for whom one answers.
func DeputyFor(say *Text, r core.DeputyRow, now time.Time) string {
	if r.From.After(now) {
		return say.T("deputy.for.later", "who", r.PersonName, "from", say.When(r.From, now), "until", say.When(r.Until, now))
	}
	return say.T("deputy.for", "who", r.PersonName, "until", say.When(r.Until, now))
}

// DeputyDates reads between which days somebody answers; an empty first one is
// at once.
func DeputyDates(from, until string, now time.Time) (start, end time.Time, err error) {
	if from != "" {
		if start, err = ParseMoment(from, now, false); err != nil {
			return start, end, fieldError(err, "from")
		}
	}
	if end, err = ParseMoment(until, now, true); err != nil {
		return start, end, fieldError(err, "until")
	}
	return start, end, nil
}
