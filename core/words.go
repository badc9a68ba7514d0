package core

import (
	"strconv"
	"strings"
	"time"
)

// ClockLayout is how an instant stands in messages; a window may read it back
// and show the time in its own zone and language.
const ClockLayout = "2006-01-02 15:04 UTC"

// Clock writes an instant for a message.
func Clock(t time.Time) string {
	if t.IsZero() {
		return "permanent"
	}
	return t.UTC().Format(ClockLayout)
}

// Span writes a length of time for a message, in units that read the same in
// every language: "8 h", "1 h 30 min", "14 d".
func Span(d time.Duration) string {
	d = d.Round(time.Second)
	var parts []string
	add := func(n time.Duration, unit string) {
		if n > 0 {
			parts = append(parts, strconv.FormatInt(int64(n), 10)+" "+unit)
		}
	}
	const day = 24 * time.Hour
	add(d/day, "d")
	d %= day
	add(d/time.Hour, "h")
	d %= time.Hour
	add(d/time.Minute, "min")
	add(d%time.Minute/time.Second, "s")
	if len(parts) == 0 {
		return "0 s"
	}
	if len(parts) > 2 {
		parts = parts[:2]
	}
	return strings.Join(parts, " ")
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}
