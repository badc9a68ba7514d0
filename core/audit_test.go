package core_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stint-pim/stint/core"
)

// chain makes n sealed entries whose fields all differ.
func chain(n int) []core.Entry {
	var out []core.Entry
	var head core.Head
	for i := range n {
		var f [19]string
		for j := range f {
			f[j] = fmt.Sprintf("%s %d", core.FieldNames()[j], i)
		}
		e := core.Entry{Time: time.Date(2026, 11, 23, 12, 0, i, 999, time.FixedZone("x", 3600))}
		e.SetFields(f)
		head = e.Seal(head)
		out = append(out, e)
	}
	return out
}

func verify(es []core.Entry) *core.Break {
	var v core.Verifier
	for i := range es {
		if b := v.Check(&es[i]); b != nil {
			return b
		}
	}
	return nil
}

// Whatever is done to a chain from outside is found at the entry it was done to.
func TestChainShowsEveryChange(t *testing.T) {
	good := chain(5)
	if b := verify(good); b != nil {
		t.Fatal(b)
	}
	type change struct {
		name string
		seq  int64
		do   func([]core.Entry) []core.Entry
	}
	one := func(f func(*core.Entry)) func([]core.Entry) []core.Entry {
		return func(es []core.Entry) []core.Entry { f(&es[2]); return es }
	}
	changes := []change{
		{"number", 3, one(func(e *core.Entry) { e.Seq = 30 })},
		{"time", 3, one(func(e *core.Entry) { e.Time = e.Time.Add(time.Microsecond) })},
		{"link", 3, one(func(e *core.Entry) { e.Prev[31] ^= 1 })},
		{"hash", 3, one(func(e *core.Entry) { e.Hash[0] ^= 128 })},
		{"swap", 3, func(es []core.Entry) []core.Entry { es[2], es[3] = es[3], es[2]; return es }},
		{"deletion", 3, func(es []core.Entry) []core.Entry { return slices.Delete(es, 2, 3) }},
		{"deletion of the first", 1, func(es []core.Entry) []core.Entry { return es[1:] }},
		{"insertion", 3, func(es []core.Entry) []core.Entry { return slices.Insert(es, 2, es[1]) }},
		{"a field moved to the next", 3, one(func(e *core.Entry) { e.Justification, e.TicketSystem = e.Justification+e.TicketSystem, "" })},
		{"an end moved to the next", 3, one(func(e *core.Entry) {
			e.RoleName, e.Scope = e.RoleName[:len(e.RoleName)-1], e.RoleName[len(e.RoleName)-1:]+e.Scope
		})},
		// Sealed anew, as somebody would who knows how: the one after gives it away.
		{"sealed anew", 4, one(func(e *core.Entry) { e.Detail = "x"; e.Hash = e.Sum() })},
		{"deletion, numbered and sealed anew", 2, func(es []core.Entry) []core.Entry {
			es = slices.Delete(es, 1, 2)
			es[1].Seq = 2
			es[1].Hash = es[1].Sum()
			return es
		}},
	}
	for j, name := range core.FieldNames() {
		changes = append(changes, change{name, 3, one(func(e *core.Entry) {
			f := e.Fields()
			f[j] += " "
			e.SetFields(f)
		})}, change{name + " emptied", 3, one(func(e *core.Entry) {
			f := e.Fields()
			f[j] = ""
			e.SetFields(f)
		})})
	}
	for _, c := range changes {
		b := verify(c.do(slices.Clone(good)))
		if b == nil || b.Seq != c.seq || b.Reason == "" {
			t.Errorf("%s: got %+v, want a break at %d", c.name, b, c.seq)
		}
	}
	// Cutting off the end is what checkpoints elsewhere are for: the chain
	// itself can't show it.
	if b := verify(good[:3]); b != nil {
		t.Error(b)
	}
	var v core.Verifier
	v.Head = core.Head{Seq: 2, Hash: good[1].Hash}
	if b := v.Check(&good[2]); b != nil || v.Count != 1 || v.Head.Seq != 3 {
		t.Errorf("from a trusted head: %+v, %+v", b, v)
	}
}

// The hash is fixed for ever: files and checkpoints out there hang on it. The
// number was computed apart from this program, from what Sum's comment says.
const sumOfFirst = "db5e7855ab69f8845a3d5d2075cb53f8876346fc822d0f0af4320028df01c71d"

func TestSumIsFixed(t *testing.T) {
	e := core.Entry{Time: time.UnixMicro(1_000_000).UTC(), Actor: "pe_1", Action: "x.y", Detail: "é"}
	e.Seal(core.Head{})
	equal(t, "hash", e.Hash.String(), sumOfFirst)
	equal(t, "time", e.Time, time.Unix(1, 0).UTC())
}

func TestFieldsRoundTrip(t *testing.T) {
	e := chain(1)[0]
	var f core.Entry
	f.SetFields(e.Fields())
	f.Seq, f.Time, f.Prev, f.Hash = e.Seq, e.Time, e.Prev, e.Hash
	equal(t, "entry", f, e)
	b, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	var back core.Entry
	if err := json.Unmarshal(b, &back); err != nil {
		t.Fatal(err)
	}
	equal(t, "through JSON", back, e)
	for _, n := range core.FieldNames() {
		if !strings.Contains(string(b), `"`+n+`":`) {
			t.Errorf("%s is called otherwise in JSON: %s", n, b)
		}
	}
}

func TestHashText(t *testing.T) {
	h := chain(1)[0].Hash
	var back core.Hash
	if err := back.UnmarshalText([]byte(h.String())); err != nil || back != h {
		t.Fatalf("%v, %v", back, err)
	}
	for _, bad := range []string{"", "00", h.String()[:63], h.String() + "0", h.String() + "00", "g" + h.String()[1:], strings.Repeat("é", 32)} {
		if err := back.UnmarshalText([]byte(bad)); core.CodeOf(err) != core.Invalid {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// What a system answers may be any bytes; the log, and every store, can hold it.
func TestAnswersOfSystems(t *testing.T) {
	s := newStage(t)
	s.Must(s.ann, activate(s.annDBA))
	var g core.Grant
	s.View(func(v core.View) {
		g, _ = v.GrantFor(core.GrantKey{System: s.db, Role: s.dba, Scope: "/", Account: "ann"})
	})
	dirty := "a\x00b\xff" + strings.Repeat("x", 2000)
	_, err := s.Engine.Do(t.Context(), engineJob(core.RecordOutcome{Grant: g.ID, Cycle: g.Cycle, Evidence: core.Evidence{At: s.now(), Holds: true, Query: dirty, Answer: dirty}}))
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Engine.Do(t.Context(), engineJob(core.RecordHealth{System: s.db, Problem: dirty}))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range s.Entries(0) {
		for _, f := range e.Fields() {
			if strings.ContainsAny(f, "\x00") || strings.ToValidUTF8(f, "") != f || len(f) > 2500 {
				t.Errorf("entry %d holds %q", e.Seq, f)
			}
		}
	}
	s.View(func(v core.View) {
		g, _ := v.Grant(g.ID)
		equal(t, "answer", g.Evidence.Answer, core.Clip("a�b�"+strings.Repeat("x", 2000), 500))
	})
	s.Verify()
}

// A long problem is one problem, however often it comes: the log gets it once.
func TestSameProblemOnce(t *testing.T) {
	s := newStage(t)
	s.Must(s.ann, activate(s.annDBA))
	var g core.Grant
	s.View(func(v core.View) {
		g, _ = v.GrantFor(core.GrantKey{System: s.db, Role: s.dba, Scope: "/", Account: "ann"})
	})
	head := s.Head().Seq
	for range 5 {
		_, err := s.Engine.Do(t.Context(), engineJob(core.RecordOutcome{Grant: g.ID, Cycle: g.Cycle, Problem: strings.Repeat("no route. ", 100)}))
		if err != nil {
			t.Fatal(err)
		}
	}
	equal(t, "entries", s.Actions(head), "grant.failed")
}
