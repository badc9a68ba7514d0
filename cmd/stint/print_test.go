package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestHalfBlocks(t *testing.T) {
	square := []string{
		"X.X",
		".XX",
		"X..",
	}
	got := halfBlocks(3, 1, func(x, y int) bool { return square[y][x] == 'X' })
	want := []string{
		" ▄ ▄ ",
		" ▄▀▀ ",
		"     ",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// TestTableOfLongAndWideNames: columns stay straight whatever stands in them,
// what can't be seen shows, and a column that says nothing is left out.
func TestTableOfLongAndWideNames(t *testing.T) {
	var out bytes.Buffer
	a := &app{stdio: stdio{Out: &out, Getenv: func(string) string { return "" }}}
	a.table([]string{"ROLE", "SCOPE", "NOTE", "UNTIL"}, [][]cell{
		{c("db_owner"), c("/"), c(""), c("12:00")},
		{c("管理者 e\u0301"), c("/"), c(""), c("permanent")},
		{c("a\nb\x1b[2J\u202e"), c("/"), c(""), c("—")},
		{c(strings.Repeat("x", 20)), c("/"), c(""), c("1")},
	})
	want := []string{
		"ROLE                  UNTIL",
		"db_owner              12:00",
		"管理者 e\u0301              permanent",
		"a b\ufffd[2J\ufffd              —",
		"xxxxxxxxxxxxxxxxxxxx  1",
		"",
	}
	if d := cmp.Diff(want, strings.Split(out.String(), "\n")); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestNarrow(t *testing.T) {
	for _, row := range []struct {
		widths, want []int
		screen       int
	}{
		{[]int{19, 40, 0, 30}, []int{19, 40, 0, 30}, 95},
		{[]int{19, 40, 0, 30}, []int{19, 20, 0, 21}, 64},
		{[]int{19, 40, 0, 30}, []int{19, 12, 0, 12}, 20}, // too small a screen is left to itself
	} {
		got := append([]int{}, row.widths...)
		narrow(got, rigid([]string{"TIME", "WHO", "", "WHY"}), row.screen)
		if d := cmp.Diff(row.want, got); d != "" {
			t.Errorf("%v in %d (-want +got):\n%s", row.widths, row.screen, d)
		}
	}
}

func TestFit(t *testing.T) {
	for _, row := range []struct {
		s    string
		n    int
		want string
	}{{"abc", 3, "abc"}, {"abcd", 3, "ab…"}, {"管理者", 6, "管理者"}, {"管理者", 5, "管理…"}, {"管理者", 4, "管…"}} {
		if got := fit(row.s, row.n); got != row.want {
			t.Errorf("fit(%q, %d) = %q, want %q", row.s, row.n, got, row.want)
		}
	}
}
