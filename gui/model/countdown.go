package model

import (
	"fmt"
	"time"
)

// From these much time is left, an end is shown as near and as very near
// (design/screens.md).
const (
	EndingSoon  = 15 * time.Minute
	LastMinutes = 5 * time.Minute
)

// countsSeconds is from when on a ring shows minutes and seconds.
const countsSeconds = 10 * time.Minute

// arcSteps is in how many steps a ring empties: half a degree each, a third of a
// pixel on a card, less than one where two pixels are drawn for one. To move it
// each second would paint the window anew for what nobody can see.
const arcSteps = 720

// Countdown is what a ring shows of a deadline.
type Countdown struct {
	Share float32 // left, 0 to 1
	Big   string
	Small string
	Tone  Tone
	Dot   bool // nothing runs yet
}

// CountdownTo computes the ring of something that lasts whole and ends at end,
// at the moment now. It is a function of the deadline: it can't drift, and a
// clock that jumps is right again at the next look.
func CountdownTo(say *Text, end time.Time, whole time.Duration, now time.Time) Countdown {
	left := end.Sub(now)
	c := Countdown{Tone: LeftTone(left)}
	if left <= 0 {
		c.Big, c.Small = "0:00", say.T("access.ring.left")
		return c
	}
	if whole > 0 {
		c.Share = min(1, float32(end.Sub(now.Truncate(arcBeat(whole))))/float32(whole))
	}
	up := (left + time.Second - 1).Truncate(time.Second)
	switch {
	case left >= 24*time.Hour:
		days := int(left / (24 * time.Hour))
		c.Big, c.Small = fmt.Sprint(days), say.T("access.ring.days", "n", fmt.Sprint(days))
	case left >= time.Hour:
		c.Big, c.Small = fmt.Sprintf("%d:%02d", int(up/time.Hour), int(up%time.Hour/time.Minute)), say.T("access.ring.hours")
	case left > countsSeconds:
		c.Big, c.Small = fmt.Sprint(int(left/time.Minute)), say.T("access.ring.minutes")
	default:
		c.Big, c.Small = fmt.Sprintf("%d:%02d", int(up/time.Minute), int(up%time.Minute/time.Second)), say.T("access.ring.left")
	}
	return c
}

// arcBeat is how often the ring of something that lasts whole moves: the longest
// of a few within one step. Each divides the next one, so that rings of all
// lengths move together and the window is painted once for them.
func arcBeat(whole time.Duration) time.Duration {
	beat := time.Second
	for _, b := range []time.Duration{5 * time.Second, 15 * time.Second, time.Minute} {
		if b <= whole/arcSteps {
			beat = b
		}
	}
	return beat
}

// LeftTone says how near an end is.
func LeftTone(left time.Duration) Tone {
	switch {
	case left <= LastMinutes:
		return ToneBad
	case left <= EndingSoon:
		return ToneWarn
	}
	return ToneGood
}
