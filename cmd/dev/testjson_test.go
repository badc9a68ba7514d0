package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestGoTestIsRetold(t *testing.T) {
	events := strings.Join([]string{
		`not an event`,
		`{"Action":"run","Package":"p","Test":"TestGood"}`,
		`{"Action":"output","Package":"p","Test":"TestGood","Output":"=== RUN   TestGood\n"}`,
		`{"Action":"output","Package":"p","Test":"TestGood","Output":"chatter\n"}`,
		`{"Action":"pass","Package":"p","Test":"TestGood"}`,
		`{"Action":"run","Package":"p","Test":"TestBad"}`,
		`{"Action":"output","Package":"p","Test":"TestBad","Output":"    x_test.go:1: got 1\n"}`,
		`{"Action":"fail","Package":"p","Test":"TestBad"}`,
		`{"Action":"run","Package":"p","Test":"TestLazy"}`,
		`{"Action":"output","Package":"p","Test":"TestLazy","Output":"--- SKIP: TestLazy\n"}`,
		`{"Action":"output","Package":"p","Test":"TestLazy","Output":"    x_test.go:2: not today\n"}`,
		`{"Action":"skip","Package":"p","Test":"TestLazy"}`,
		`{"Action":"run","Package":"p","Test":"TestHangs"}`,
		`{"Action":"output","Package":"p","Test":"TestHangs","Output":"panic: boom\n"}`,
		`{"Action":"output","Package":"p","Output":"FAIL\tp\t0.1s\n"}`,
		`{"Action":"fail","Package":"p"}`,
		`{"Action":"output","Package":"q","Output":"PASS\n"}`,
		`{"Action":"output","Package":"q","Output":"ok  \tq\t0.1s\n"}`,
		`{"Action":"pass","Package":"q"}`,
	}, "\n") // no newline at the end: the last event counts all the same
	var out strings.Builder
	var sum tally
	if err := retell(strings.NewReader(events), &out, &sum); err != nil {
		t.Fatal(err)
	}
	want := "not an event\n    x_test.go:1: got 1\nFAIL\tp\t0.1s\n--- FAIL: TestHangs (did not end)\npanic: boom\nok  \tq\t0.1s\n"
	if d := cmp.Diff(want, out.String()); d != "" {
		t.Errorf("shown (-want +got):\n%s", d)
	}
	if sum.passed != 1 || sum.failed != 2 || !slices.Equal(sum.skips, []string{"p.TestLazy: x_test.go:2: not today"}) {
		t.Errorf("counted %+v", sum)
	}
}
