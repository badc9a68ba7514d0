package core_test

import (
	"testing"
	"time"

	"github.com/stint-pim/stint/core"
)

// The first ones are the examples of ISO 8601-1:2019 (5.5.2) and RFC 3339
// (appendix A), as far as they have a length.
func TestParseDuration(t *testing.T) {
	const h, day = time.Hour, 24 * time.Hour
	for text, want := range map[string]time.Duration{
		"PT36H": 36 * h, "P1DT12H": 36 * h, "P2W": 14 * day, "PT2M10S": 130 * time.Second, "PT1H30M": 90 * time.Minute,
		"PT0S": 0, "P0D": 0, "PT0.5H": 30 * time.Minute, "PT0,5H": 30 * time.Minute, "PT2H30M": 150 * time.Minute,
		"P14D": 14 * day, "pt8h": 8 * h, "P3650D": 3650 * day,
		"1h30m": 90 * time.Minute, "1h 30m": 90 * time.Minute, " 90m ": 90 * time.Minute, "1.5h": 90 * time.Minute, "1,5h": 90 * time.Minute,
		"14d": 14 * day, "2w": 14 * day, "45s": 45 * time.Second, "1.1h": 66 * time.Minute, "0.7s": 700 * time.Millisecond, "8H": 8 * h,
	} {
		got, err := core.ParseDuration(text)
		if err != nil || got.Std() != want {
			t.Errorf("%q: got %v, %v, want %v", text, got.Std(), err, want)
		}
	}
	for _, text := range []string{
		"", " ", "P", "PT", "P1DT", "T1H", "1", "h", "1x", "-1h", "-PT1H", "+1h", "1h-30m", "1h30", "..h", "1..5h", ".", ".h", "1e3h", "0x1h",
		"P1Y", "P3Y6M4DT12H30M5S", "P1M", "P0.5Y", "PT1D", "P1H", "PT1HT1M", "PTT1H", "1h1h", "30m1h", "PT30M1H", "P1D2W", "1 h", "Infinityh", "NaNh", "1٣h",
		"P3651D", "87601h", "99999999999999999999999999999999999999h", "1h\x00", "1h;rm", "००h", "1h30m and then some more text that is too long",
	} {
		got, err := core.ParseDuration(text)
		e, ok := err.(*core.Error)
		if !ok || e.Code != core.Invalid || e.Field != "duration" || got != 0 {
			t.Errorf("%q: got %v, %v", text, got, err)
		}
	}
}

func TestDurationText(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "PT0S", time.Millisecond: "PT0S", -time.Millisecond: "PT0S", 500 * time.Millisecond: "PT0S", time.Second: "PT1S", 90 * time.Minute: "PT1H30M",
		24 * time.Hour: "P1D", 24*time.Hour + time.Millisecond: "P1D", 36 * time.Hour: "P1DT12H", -time.Hour: "-PT1H", 14*24*time.Hour + time.Second: "P14DT1S",
	} {
		if got := core.Duration(d).String(); got != want {
			t.Errorf("%v: got %s, want %s", d, got, want)
		}
	}
}

// What is written is read back, to the second.
func FuzzParseDuration(f *testing.F) {
	for _, s := range []string{"PT1H30M", "P14D", "1h30m", "1.5h", "P2W", "", "P1DT", "0,7s", "1h 1m"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := core.ParseDuration(s)
		if err != nil {
			if core.CodeOf(err) != core.Invalid || d != 0 {
				t.Fatalf("%q: %v, %v", s, d, err)
			}
			return
		}
		if d < 0 || d.Std() > 10*365*24*time.Hour {
			t.Fatalf("%q: %v is out of range", s, d.Std())
		}
		var back core.Duration
		b, _ := d.MarshalText()
		if err := back.UnmarshalText(b); err != nil || back.Std() != d.Std().Truncate(time.Second) {
			t.Fatalf("%q: %s is read back as %v, %v", s, b, back.Std(), err)
		}
	})
}

func TestSpanAndClock(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0 s", -time.Hour: "0 s", 400 * time.Millisecond: "0 s", time.Second: "1 s", 59*time.Second + 600*time.Millisecond: "1 min", 8 * time.Hour: "8 h",
		90 * time.Minute: "1 h 30 min", 14 * 24 * time.Hour: "14 d", 24*time.Hour + 2*time.Hour + 3*time.Minute: "1 d 2 h", 24*time.Hour + 5*time.Minute: "1 d 5 min", 65 * time.Second: "1 min 5 s",
	} {
		if got := core.Span(d); got != want {
			t.Errorf("%v: got %q, want %q", d, got, want)
		}
	}
	equal(t, "zero", core.Clock(time.Time{}), "permanent")
	equal(t, "another zone", core.Clock(time.Date(2026, 11, 23, 1, 30, 59, 0, time.FixedZone("x", 2*3600))), "2026-11-22 23:30 UTC")
	back, err := time.Parse(core.ClockLayout, core.Clock(time.Unix(0, 0)))
	if err != nil || !back.Equal(time.Unix(0, 0)) {
		t.Errorf("read back: %v, %v", back, err)
	}
}

func TestClipAndFill(t *testing.T) {
	equal(t, "short", core.Clip("äöü", 3), "äöü")
	equal(t, "long", core.Clip("äöüß", 3), "äö…")
	equal(t, "fill", core.Fill("{a} and {b}", map[string]string{"a": "{b}", "b": "2"}), "{b} and 2")
}
