package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// noisy is how far the floor may move between the runs of one row before its
// figures say more about the machine than about Stint.
const noisy = 0.30

// goalRun is one run of a goal's benchmark.
type goalRun struct {
	unit           string // of product and floor
	product, floor float64
	ratio, goal    float64
	atLeast        bool               // the ratio must reach the goal, not stay below it
	more           map[string]float64 // other figures, by their unit
}

// readGoals collects the runs of each goal from what `go test -bench` printed.
// A goal reports product-<unit>, floor-<unit>, ratio, and goal-max or goal-min.
func readGoals(text string) map[string][]goalRun {
	rows := map[string][]goalRun{}
	for line := range strings.Lines(text) {
		f := strings.Fields(line)
		if len(f) < 4 || !strings.HasPrefix(f[0], "BenchmarkB") {
			continue
		}
		r := goalRun{more: map[string]float64{}}
		seen := 0
		for i := 2; i+1 < len(f); i += 2 {
			v, err := strconv.ParseFloat(f[i], 64)
			if err != nil {
				break
			}
			switch unit := f[i+1]; {
			case strings.HasPrefix(unit, "product-"):
				r.unit, r.product = strings.TrimPrefix(unit, "product-"), v
				seen++
			case strings.HasPrefix(unit, "floor-"):
				r.floor = v
			case unit == "ratio":
				r.ratio = v
				seen++
			case unit == "goal-max":
				r.goal = v
				seen++
			case unit == "goal-min":
				r.goal, r.atLeast = v, true
				seen++
			case unit != "ns/op" && unit != "B/op" && unit != "allocs/op":
				r.more[unit] = v
			}
		}
		if seen == 3 {
			name := strings.TrimPrefix(f[0], "Benchmark")
			if i := strings.LastIndex(name, "-"); i > 0 { // GOMAXPROCS
				name = name[:i]
			}
			rows[name] = append(rows[name], r)
		}
	}
	return rows
}

// goalTable shows the middle run of each goal, and how much the floor moved
// between the runs.
func goalTable(rows map[string][]goalRun) string {
	lines := [][]string{{"goal", "product", "floor", "ratio", "wanted", "noise", "", "also"}}
	for _, name := range slices.Sorted(maps.Keys(rows)) {
		runs := slices.Clone(rows[name])
		slices.SortFunc(runs, func(a, b goalRun) int { return cmp.Compare(a.ratio, b.ratio) })
		r := runs[len(runs)/2]
		sign, reached := "<= ", r.ratio <= r.goal
		if r.atLeast {
			sign, reached = ">= ", r.ratio >= r.goal
		}
		noise := spread(runs)
		verdict := "reached"
		switch {
		case !reached:
			verdict = "MISSED"
		case noise > noisy:
			verdict = "reached, on a noisy machine"
		}
		var more []string
		for _, unit := range slices.Sorted(maps.Keys(r.more)) {
			more = append(more, figure(r.more[unit])+" "+unit)
		}
		lines = append(lines, []string{name, figure(r.product) + " " + r.unit, figure(r.floor), figure(r.ratio), sign + figure(r.goal),
			fmt.Sprintf("%.0f %%", 100*noise), verdict, strings.Join(more, ", ")})
	}
	return columns(lines)
}

// spread is how far the floors of some runs lie apart, as a part of the lowest.
func spread(runs []goalRun) float64 {
	low, high := runs[0].floor, runs[0].floor
	for _, r := range runs {
		low, high = min(low, r.floor), max(high, r.floor)
	}
	if low <= 0 {
		return 0
	}
	return high/low - 1
}

// figure writes a number with three digits that count.
func figure(v float64) string {
	switch {
	case v >= 100:
		return strconv.FormatFloat(v, 'f', 0, 64)
	case v >= 10:
		return strconv.FormatFloat(v, 'f', 1, 64)
	}
	return strconv.FormatFloat(v, 'f', 2, 64)
}

func columns(lines [][]string) string {
	widths := make([]int, len(lines[0]))
	for _, l := range lines {
		for i, cell := range l {
			widths[i] = max(widths[i], len(cell))
		}
	}
	var b strings.Builder
	for _, l := range lines {
		var row strings.Builder
		for i, cell := range l {
			fmt.Fprintf(&row, "%-*s  ", widths[i], cell)
		}
		b.WriteString(strings.TrimRight(row.String(), " ") + "\n")
	}
	return b.String()
}
