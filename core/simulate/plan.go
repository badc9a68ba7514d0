package simulate

import (
	"bufio"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Step is one thing that happens: when, after the founding, in time really
// lived; what; and numbers that choose who, which and how. Who is chosen from
// those that are there at that time, so that a step still means something
// when others before it are left out.
type Step struct {
	At   time.Duration
	Kind string
	N    [4]int
}

func (s Step) String() string {
	return fmt.Sprintf("%v %s %d %d %d %d", s.At, s.Kind, s.N[0], s.N[1], s.N[2], s.N[3])
}

// Plan is a life before it is lived.
type Plan struct {
	Seed   uint64 // of the company, and of the steps where they were drawn
	Days   int
	SQLite bool // else the reference store
	Steps  []Step
}

const day = 24 * time.Hour

// rates are how often a step happens on a day in a company of a dozen people.
var rates = []struct {
	kind   string
	perDay float64
	night  bool // at any hour; else mostly by day
}{
	{"activate", 6, false}, {"drop", 1.5, false}, {"prolong", 1, false}, {"crowd", 0.4, false},
	{"repeat", 0.7, false}, {"preview", 0.4, false},
	{"assign", 0.7, false}, {"update", 0.35, false}, {"remove", 0.25, false},
	{"disable", 0.12, false}, {"enable", 0.2, false}, {"account", 0.15, false}, {"proof", 0.1, false}, {"sessions", 0.08, false},
	{"approval", 0.2, false}, {"decide", 2, false}, {"cancel", 0.2, false}, {"deputy", 0.1, false}, {"go-on", 0.4, false}, {"encore", 0.4, false},
	{"gather", 0.15, false}, {"scatter", 0.12, false}, {"team", 0.25, false}, {"disband", 0.03, false},
	{"policy", 0.3, false}, {"protect", 0.05, false},
	{"system-add", 0.06, false}, {"system-update", 0.08, false}, {"system-remove", 0.03, false}, {"system-move", 0.02, true}, {"outside", 0.12, false},

	{"fault", 0.6, true}, {"bad-task", 0.12, true}, {"role-dropped", 0.05, true}, {"account-dropped", 0.05, true},
	{"renamed", 0.03, true}, {"by-hand", 0.2, true}, {"mended", 0.2, true},
	{"kill", 0.4, true}, {"wall", 0.08, true}, {"sleep", 0.12, true}, {"disk", 0.12, true},
}

// Draw draws the steps of so many days.
func Draw(seed uint64, days int, sqlite bool) Plan {
	d := drawer{Rand: rand.New(rand.NewPCG(seed, 1)), p: Plan{Seed: seed, Days: days, SQLite: sqlite}}
	calm := d.between(2*day, 5*day)
	for i := range days {
		d.day(time.Duration(i) * day)
		if at := time.Duration(i+1) * day; at >= calm {
			d.add(calm, "calm")
			calm += d.between(2*day, 9*day)
		}
	}
	d.add(time.Duration(days)*day, "calm")
	slices.SortStableFunc(d.p.Steps, func(a, b Step) int { return int(min(max(a.At-b.At, -1), 1)) })
	return d.p
}

type drawer struct {
	*rand.Rand
	p Plan
}

func (d *drawer) between(a, b time.Duration) time.Duration {
	return a + time.Duration(d.Int64N(int64(b-a)))
}

func (d *drawer) add(at time.Duration, kind string) {
	d.p.Steps = append(d.p.Steps, Step{at.Truncate(time.Millisecond), kind, [4]int{d.IntN(1 << 16), d.IntN(1 << 16), d.IntN(1 << 16), d.IntN(1 << 16)}})
}

func (d *drawer) day(from time.Duration) {
	for _, r := range rates {
		for range d.poisson(r.perDay) {
			at := from + d.between(0, day)
			if !r.night && d.IntN(5) > 0 {
				at = from + d.between(7*time.Hour, 19*time.Hour)
			}
			d.add(at, r.kind)
			if s := d.p.Steps[len(d.p.Steps)-1]; r.kind == "activate" && d.IntN(8) == 0 {
				d.flurry(s.At+length(s.N[2]), 3) // just when it may end
			}
		}
	}
	if d.IntN(5) < 2 {
		d.flurry(from+d.between(0, day), 4+d.IntN(10))
	}
}

// flurry puts several steps into the same moment, some into the same instant.
func (d *drawer) flurry(at time.Duration, steps int) {
	total := 0.0
	for _, r := range rates {
		total += math.Sqrt(r.perDay) // rare things are less rare here
	}
	for range steps {
		x := d.Float64() * total
		for _, r := range rates {
			if x -= math.Sqrt(r.perDay); x <= 0 {
				gap := time.Duration(0)
				if d.IntN(3) > 0 {
					gap = d.between(0, []time.Duration{20 * time.Millisecond, 300 * time.Millisecond, 10 * time.Second}[d.IntN(3)])
				}
				d.add(at+gap, r.kind)
				break
			}
		}
	}
}

func (d *drawer) poisson(mean float64) int {
	n, p, limit := 0, d.Float64(), math.Exp(-mean)
	for p > limit {
		n++
		p *= d.Float64()
	}
	return n
}

// lengths are what people ask for: some too short or too long.
var lengths = []time.Duration{5 * time.Minute, 15 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour, 4 * time.Hour, 8 * time.Hour, 3 * time.Minute, 24 * time.Hour, 30 * time.Hour}

func length(n int) time.Duration { return lengths[n%len(lengths)] }

// String writes a plan as ParsePlan reads it.
func (p Plan) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "seed %d\ndays %d\n", p.Seed, p.Days)
	if p.SQLite {
		b.WriteString("sqlite\n")
	}
	for _, s := range p.Steps {
		fmt.Fprintln(&b, s)
	}
	return b.String()
}

// ParsePlan reads a plan. Empty lines and those that begin with # are passed over.
func ParsePlan(text string) (p Plan, err error) {
	in := bufio.NewScanner(strings.NewReader(text))
	for n := 1; in.Scan(); n++ {
		f := strings.Fields(in.Text())
		switch {
		case len(f) == 0 || strings.HasPrefix(f[0], "#"):
		case f[0] == "sqlite" && len(f) == 1:
			p.SQLite = true
		case f[0] == "seed" && len(f) == 2:
			p.Seed, err = strconv.ParseUint(f[1], 10, 64)
		case f[0] == "days" && len(f) == 2:
			p.Days, err = strconv.Atoi(f[1])
		case len(f) == 6:
			s := Step{Kind: f[1]}
			s.At, err = time.ParseDuration(f[0])
			for i := range s.N {
				if err == nil {
					s.N[i], err = strconv.Atoi(f[2+i])
				}
			}
			if actions()[s.Kind] == nil {
				return p, fmt.Errorf("line %d: there is no step %q", n, s.Kind)
			}
			p.Steps = append(p.Steps, s)
		default:
			return p, fmt.Errorf("line %d is no line of a plan: %q", n, in.Text())
		}
		if err != nil {
			return p, fmt.Errorf("line %d: %w", n, err)
		}
	}
	return p, in.Err()
}
