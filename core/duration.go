package core

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// Duration is a length of time that is written as ISO 8601 ("PT1H30M", "P14D")
// and read as that or as people type it ("1h30m", "90m", "14d"). A day is
// always 24 hours; months and years are refused because they have no length.
type Duration time.Duration

// Std returns d as the standard library's type.
func (d Duration) Std() time.Duration { return time.Duration(d) }

func (d Duration) String() string {
	t := time.Duration(d)
	if t == 0 {
		return "PT0S"
	}
	var b strings.Builder
	if t < 0 {
		b.WriteByte('-')
		t = -t
	}
	b.WriteByte('P')
	part := func(unit time.Duration, letter byte) {
		if n := t / unit; n > 0 {
			b.WriteString(strconv.FormatInt(int64(n), 10))
			b.WriteByte(letter)
			t -= n * unit
		}
	}
	part(24*time.Hour, 'D')
	if t > 0 {
		b.WriteByte('T')
		part(time.Hour, 'H')
		part(time.Minute, 'M')
		part(time.Second, 'S')
	}
	s := strings.TrimSuffix(b.String(), "T")
	if s == "P" || s == "-P" {
		return "PT0S"
	}
	return s
}

// Plain writes d as people type it: "8h", "1h30m", "365d". ParseDuration reads
// it back to the second.
func (d Duration) Plain() string {
	t := d.Std().Truncate(time.Second)
	const day = 24 * time.Hour
	if t >= 2*day && t%day == 0 {
		return strconv.FormatInt(int64(t/day), 10) + "d"
	}
	var b strings.Builder
	for _, u := range []struct {
		unit time.Duration
		name string
	}{{time.Hour, "h"}, {time.Minute, "m"}, {time.Second, "s"}} {
		if n := t / u.unit; n > 0 {
			b.WriteString(strconv.FormatInt(int64(n), 10) + u.name)
			t -= n * u.unit
		}
	}
	if b.Len() == 0 {
		return "0m"
	}
	return b.String()
}

// MarshalText writes ISO 8601, cut to whole seconds.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what ParseDuration reads.
func (d *Duration) UnmarshalText(b []byte) error {
	v, err := ParseDuration(string(b))
	if err != nil {
		return err
	}
	*d = v
	return nil
}

// ParseDuration reads "PT1H30M", "P14D", "1h30m", "90m", "1.5h" or "14d".
// Units stand from the longest to the shortest, each once; a fraction may have
// a point or, as ISO 8601 prefers, a comma. The result is never negative and
// at most ten years; else the error is an Error of code Invalid with the field
// "duration".
func ParseDuration(s string) (Duration, error) {
	bad := func() (Duration, error) {
		return 0, Errorf(Invalid, "duration", "duration.malformed", "value", Clip(s, 40))
	}
	t := strings.ToLower(strings.TrimSpace(s))
	if t == "" || len(t) > 40 {
		return bad()
	}
	const limit = 10 * 365 * 24 * time.Hour
	iso := strings.HasPrefix(t, "p")
	if iso {
		t = t[1:]
	}
	var total float64
	inTime, seen, last := !iso, false, time.Duration(math.MaxInt64)
	for t != "" {
		if t[0] == 't' && iso && !inTime && len(t) > 1 {
			inTime = true
			t = t[1:]
			continue
		}
		if t[0] == ' ' && !iso {
			t = t[1:]
			continue
		}
		i := 0
		for i < len(t) && (t[i] >= '0' && t[i] <= '9' || t[i] == '.' || t[i] == ',') {
			i++
		}
		if i == 0 || i == len(t) {
			return bad()
		}
		n, err := strconv.ParseFloat(strings.ReplaceAll(t[:i], ",", "."), 64)
		if err != nil {
			return bad()
		}
		var unit time.Duration
		switch {
		case t[i] == 'd' && (!iso || !inTime):
			unit = 24 * time.Hour
		case t[i] == 'w' && (!iso || !inTime):
			unit = 7 * 24 * time.Hour
		case t[i] == 'h' && inTime:
			unit = time.Hour
		case t[i] == 'm' && inTime:
			unit = time.Minute
		case t[i] == 's' && inTime:
			unit = time.Second
		default:
			return bad()
		}
		if unit >= last {
			return bad() // twice, or out of order: "1m1h" is more likely a slip than a wish
		}
		last = unit
		total += n * float64(unit)
		if total > float64(limit) {
			return bad()
		}
		seen = true
		t = t[i+1:]
	}
	if !seen {
		return bad()
	}
	return Duration(math.Round(total)), nil
}
