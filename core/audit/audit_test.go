package audit_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/audit"
)

var update = flag.Bool("update", false, "rewrite the golden files")

var formats = []core.ExportFormat{core.ExportCSV, core.ExportJSONL}

// hostile holds values that spreadsheets, parsers and terminals trip over.
var hostile = []string{
	"", "=1+1", "+49 30", "-1", "@SUM(A1)", "\tx", "\rx", "\nx", "'quoted'", "''", "'=", "＝1", "＋", "－", "＠",
	`say "hi"`, "a,b", "a;b", "line\nline", "line\r\nline", "ends with cr\r", " lead", "trail ", "\u2028\u2029", "\u200f\u202eabc",
	"Ünïcødé 日本語 🙂", "\x00\x01\x1f\x7f", "bad \xff\xfe utf-8", "\xe2\x80", `\u0041 \n`, `"`, `""`, "{}", "\ufeffbom", "</script>",
}

// chain makes n entries that hang together.
func chain(n int) []core.Entry {
	var head core.Head
	entries := make([]core.Entry, n)
	at := time.Date(2026, 11, 23, 9, 45, 46, 123456789, time.UTC)
	for i := range entries {
		var f [19]string
		for k := range f {
			f[k] = hostile[(i*7+k)%len(hostile)]
		}
		e := &entries[i]
		e.SetFields(f)
		e.Time = at.Add(time.Duration(i) * 1234567 * time.Microsecond)
		head = e.Seal(head)
	}
	return entries
}

func write(t testing.TB, format core.ExportFormat, entries []core.Entry) string {
	t.Helper()
	var b bytes.Buffer
	w, err := audit.NewWriter(&b, format)
	if err != nil {
		t.Fatal(err)
	}
	for i := range entries {
		if err := w.Write(&entries[i]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func read(format core.ExportFormat, text string) ([]core.Entry, error) {
	r, err := audit.NewReader(strings.NewReader(text), format)
	if err != nil {
		return nil, err
	}
	var all []core.Entry
	for {
		var e core.Entry
		switch err := r.Read(&e); {
		case errors.Is(err, io.EOF):
			return all, nil
		case err != nil:
			return all, err
		}
		all = append(all, e)
	}
}

func verify(t testing.TB, text string, o audit.Options) audit.Report {
	t.Helper()
	r, err := audit.Verify(context.Background(), strings.NewReader(text), o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestRoundTrip(t *testing.T) {
	want := chain(3 * len(hostile))
	for _, format := range formats {
		got, err := read("", write(t, format, want)) // the format is found out
		if err != nil {
			t.Fatalf("%s: %v", format, err)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s: (-want +got)\n%s", format, d)
		}
	}
}

func TestGolden(t *testing.T) {
	for _, format := range formats {
		path := filepath.Join("testdata", "export."+string(format))
		got := write(t, format, chain(8))
		if *update {
			if err := os.MkdirAll("testdata", 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(string(want), got); d != "" {
			t.Errorf("%s (-want +got)\n%s", path, d)
		}
	}
}

func TestNoFormulaInCSV(t *testing.T) {
	for _, value := range hostile {
		e := core.Entry{Detail: value}
		e.Seal(core.Head{})
		text := write(t, core.ExportCSV, []core.Entry{e})
		_, record, _ := strings.Cut(text, "\r\n")
		cells := strings.Split(record, ",")
		cell := strings.Trim(strings.Join(cells[20:len(cells)-2], ","), `"`)
		if cell != "" && strings.ContainsAny(cell[:1], "=+-@\t\r\n") {
			t.Errorf("%q is written as %q, which a spreadsheet runs", value, cell)
		}
	}
}

// Where lists are parted by semicolons a cell begins behind each.
func TestNoFormulaBehindSemicolon(t *testing.T) {
	for in, want := range map[string]string{
		"why;=1+1": "why;'=1+1", ";;@x": ";;'@x", "=a;-b": "'=a;'-b", "it;'s": "it;''s", "';=x": "'';'=x", "a; b;": "a; b;", "x;＝y": "x;'＝y",
	} {
		e := core.Entry{Justification: in}
		e.Seal(core.Head{})
		text := write(t, core.ExportCSV, []core.Entry{e})
		if !strings.Contains(text, ","+want+",") {
			t.Errorf("%q: not written as %q in\n%s", in, want, text)
		}
		if r := verify(t, text, audit.Options{}); r.Break != nil {
			t.Errorf("%q: %+v", in, r.Break)
		}
	}
}

func TestSpreadsheetLineEnds(t *testing.T) {
	var e core.Entry
	e.Detail = "plain"
	e.Seal(core.Head{})
	text := write(t, core.ExportCSV, []core.Entry{e})
	for name, changed := range map[string]string{
		"LF":          strings.ReplaceAll(text, "\r\n", "\n"),
		"no last end": strings.TrimRight(text, "\r\n"),
		"BOM":         "\ufeff" + text,
	} {
		if r := verify(t, changed, audit.Options{}); !r.Complete() || r.Count != 1 {
			t.Errorf("%s: %+v", name, r)
		}
	}
}

func TestVerifyWhole(t *testing.T) {
	entries := chain(40)
	for _, format := range formats {
		text := write(t, format, entries)
		want := audit.Report{Count: 40, First: 1, Last: 40, Head: entries[39].Hash}
		if d := cmp.Diff(want, verify(t, text, audit.Options{Head: entries[39].Hash})); d != "" {
			t.Errorf("%s (-want +got)\n%s", format, d)
		}
		short := write(t, format, entries[:39])
		if r := verify(t, short, audit.Options{Head: entries[39].Hash}); r.Break == nil || r.Break.Seq != 40 {
			t.Errorf("%s: an end cut off is not found: %+v", format, r)
		}
	}
}

// Every change of a single field of any entry is found at that entry.
func TestVerifyFindsEveryChange(t *testing.T) {
	const at = 5 // index of the entry that is changed
	entries := chain(9)
	type change struct {
		name string
		edit func(*core.Entry)
		// seq that is named; 0: that of the entry
		seq int64
	}
	changes := []change{
		{"seq", func(e *core.Entry) { e.Seq = 600 }, at + 1},
		{"time", func(e *core.Entry) { e.Time = e.Time.Add(time.Microsecond) }, 0},
		{"prev", func(e *core.Entry) { e.Prev[31] ^= 1 }, 0},
		{"hash", func(e *core.Entry) { e.Hash[0] ^= 0x80 }, 0},
	}
	for i, name := range core.FieldNames() {
		changes = append(changes, change{name, func(e *core.Entry) {
			f := e.Fields()
			f[i] += "x"
			e.SetFields(f)
		}, 0})
	}
	names := core.FieldNames()
	for i, name := range names[:18] {
		changes = append(changes, change{name + " moved on", func(e *core.Entry) {
			f := e.Fields()
			f[i], f[i+1] = f[i]+"x", "y"+f[i+1]
			e.SetFields(f)
		}, 0})
	}
	for _, format := range formats {
		for _, c := range changes {
			forged := append([]core.Entry(nil), entries...)
			c.edit(&forged[at])
			want := c.seq
			if want == 0 {
				want = forged[at].Seq
			}
			r := verify(t, write(t, format, forged), audit.Options{})
			if r.Break == nil || r.Break.Seq != want || r.Count != at {
				t.Errorf("%s, %s changed: got %+v, want entry %d named", format, c.name, r, want)
			}
		}
		// Somebody who also computes the hash anew is found at the next entry.
		forged := append([]core.Entry(nil), entries...)
		forged[at].Detail = "nothing happened"
		forged[at].Hash = forged[at].Sum()
		if r := verify(t, write(t, format, forged), audit.Options{}); r.Break == nil || r.Break.Seq != at+2 {
			t.Errorf("%s: a new hash hides a change: %+v", format, r)
		}
	}
}

func TestVerifyFindsDeletionSwapAndDouble(t *testing.T) {
	entries := chain(9)
	for _, format := range formats {
		for i := range entries[:8] {
			gone := append(append([]core.Entry(nil), entries[:i]...), entries[i+1:]...)
			if r := verify(t, write(t, format, gone), audit.Options{}); r.Break == nil || r.Break.Seq != int64(i+1) {
				t.Errorf("%s: entry %d deleted: %+v", format, i+1, r)
			}
			swapped := append([]core.Entry(nil), entries...)
			swapped[i], swapped[i+1] = swapped[i+1], swapped[i]
			for _, filtered := range []bool{false, true} {
				if r := verify(t, write(t, format, swapped), audit.Options{Filtered: filtered}); r.Break == nil || r.Break.Seq != int64(i+1) {
					t.Errorf("%s: entries %d and %d swapped (filtered %v): %+v", format, i+1, i+2, filtered, r)
				}
			}
			double := append(append([]core.Entry(nil), entries[:i+1]...), entries[i:]...)
			if r := verify(t, write(t, format, double), audit.Options{Filtered: true}); r.Break == nil || r.Break.Seq != int64(i+1) {
				t.Errorf("%s: entry %d twice: %+v", format, i+1, r)
			}
		}
	}
}

func TestVerifyFiltered(t *testing.T) {
	entries := chain(20)
	filtered := []core.Entry{entries[2], entries[3], entries[7], entries[8], entries[15]}
	for _, format := range formats {
		text := write(t, format, filtered)
		want := audit.Report{Count: 5, First: 3, Last: 16, Head: entries[15].Hash, Gaps: 2}
		got := verify(t, text, audit.Options{Filtered: true})
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s (-want +got)\n%s", format, d)
		}
		if got.Complete() || !strings.Contains(got.Describe(), "can't be checked") {
			t.Errorf("%s: a report of gaps must say so: %s", format, got.Describe())
		}
		if r := verify(t, text, audit.Options{}); r.Break == nil || r.Break.Seq != 1 {
			t.Errorf("%s: gaps pass as whole: %+v", format, r)
		}
		forged := append([]core.Entry(nil), filtered...)
		forged[3].Justification += "."
		if r := verify(t, write(t, format, forged), audit.Options{Filtered: true}); r.Break == nil || r.Break.Seq != 9 {
			t.Errorf("%s: a change in a filtered file: %+v", format, r)
		}
	}
}

func TestMalformed(t *testing.T) {
	csv := write(t, core.ExportCSV, chain(2))
	header, _, _ := strings.Cut(csv, "\r\n")
	var e core.Entry
	e.Detail = "d"
	e.Seal(core.Head{})
	line := strings.TrimSpace(write(t, core.ExportJSONL, []core.Entry{e}))
	for name, c := range map[string]struct {
		text string
		key  core.TextKey
	}{
		"empty":               {"", "audit.no_header"},
		"another csv":         {"a,b,c\r\n1,2,3\r\n", "audit.no_header"},
		"header changed":      {strings.Replace(csv, "outcome", "Outcome", 1), "audit.no_header"},
		"open quote":          {header + "\r\n1,\"2026", "audit.malformed"},
		"after quote":         {header + "\r\n\"1\"x,2\r\n", "audit.malformed"},
		"quote inside":        {header + "\r\n1\"2,3\r\n", "audit.malformed"},
		"few columns":         {header + "\r\n1,2\r\n", "audit.columns"},
		"many columns":        {header + "\r\n" + strings.Repeat("1,", 30) + "\r\n", "audit.columns"},
		"seq":                 {header + "\r\n01" + strings.Repeat(",", 22) + "\r\n", "audit.field"},
		"long line":           {header + "\r\n" + strings.Repeat("x", 2<<20), "audit.line_too_long"},
		"long quoted lines":   {header + "\r\n\"" + strings.Repeat("x\r\n", 1<<20), "audit.line_too_long"},
		"json cut":            {line[:len(line)-3], "audit.malformed"},
		"json twice":          {strings.Replace(line, `"detail":"d"`, `"detail":"d","detail":"d"`, 1), "audit.malformed"},
		"json other case":     {strings.Replace(line, `"detail":"d"`, `"detail":"d","Detail":"e"`, 1), "audit.malformed"},
		"json nested":         {strings.Replace(line, `"detail":"d"`, `"detail":{"a":"d"}`, 1), "audit.malformed"},
		"json unknown":        {strings.Replace(line, `"detail":"d"`, `"detail":"d","note":"e"`, 1), "audit.malformed"},
		"json base64 of text": {strings.Replace(line, `"detail":"d"`, `"detail_base64":"ZA=="`, 1), "audit.malformed"},
		"json time":           {strings.Replace(line, `"time":"0001`, `"time":"1`, 1), "audit.field"},
		"json seq":            {strings.Replace(line, `"seq":1`, `"seq":1e0`, 1), "audit.malformed"},
		"json hash":           {strings.Replace(line, `"hash":"`, `"hash":"z`, 1), "audit.field"},
	} {
		_, err := audit.Verify(context.Background(), strings.NewReader(c.text), audit.Options{})
		if !errors.Is(err, &core.Error{Code: core.Invalid, Key: c.key}) {
			t.Errorf("%s: got %v, want %s", name, err, c.key)
		}
	}
}

func TestVerifyCanceled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := audit.Verify(ctx, strings.NewReader(write(t, core.ExportCSV, chain(3))), audit.Options{})
	if core.CodeOf(err) != core.Canceled {
		t.Errorf("got %v, want Canceled", err)
	}
}

func TestUnknownFormat(t *testing.T) {
	if _, err := audit.NewWriter(io.Discard, "xml"); core.CodeOf(err) != core.Invalid {
		t.Errorf("writer: %v", err)
	}
	if _, err := audit.NewReader(strings.NewReader(""), "xml"); core.CodeOf(err) != core.Invalid {
		t.Errorf("reader: %v", err)
	}
}

type broken struct{ after int }

func (b *broken) Write(p []byte) (int, error) {
	if b.after--; b.after < 0 {
		return 0, io.ErrClosedPipe
	}
	return len(p), nil
}

func TestWriteErrorStays(t *testing.T) {
	for _, format := range formats {
		w, _ := audit.NewWriter(&broken{after: 1}, format)
		entries := chain(9)
		var err error
		for i := 0; i < 10_000 && err == nil; i++ {
			err = w.Write(&entries[i%9])
		}
		if !errors.Is(err, io.ErrClosedPipe) || !errors.Is(w.Flush(), io.ErrClosedPipe) {
			t.Errorf("%s: a full disk goes unnoticed: %v", format, err)
		}
	}
}

func TestPace(t *testing.T) {
	var calls int
	var last int64
	pace := audit.Pace(func(done, _ int64) { calls++; last = done })
	for i := int64(1); i <= 100_000; i++ {
		pace(i, 100_000)
	}
	if calls > 20 || last != 100_000 {
		t.Errorf("told %d times, last of %d", calls, last)
	}
}

func FuzzReaders(f *testing.F) {
	for _, format := range formats {
		f.Add(write(f, format, chain(3)))
	}
	f.Add("{\"seq\":1}\n")
	f.Fuzz(func(t *testing.T, text string) {
		for _, format := range formats {
			entries, err := read(format, text)
			if err != nil {
				if core.CodeOf(err) != core.Invalid {
					t.Fatalf("%s: %v", format, err)
				}
				continue
			}
			// What was read is written again and read alike.
			again, err := read(format, write(t, format, entries))
			if err != nil {
				t.Fatalf("%s: own writing is refused: %v", format, err)
			}
			if d := cmp.Diff(entries, again); d != "" {
				t.Fatalf("%s: %s", format, d)
			}
		}
	})
}

func FuzzFields(f *testing.F) {
	for _, h := range hostile {
		f.Add(h, h)
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		if len(a)+len(b) > 100_000 {
			return
		}
		e := core.Entry{Justification: a, Detail: b}
		e.Seal(core.Head{})
		for _, format := range formats {
			if r := verify(t, write(t, format, []core.Entry{e}), audit.Options{}); !r.Complete() {
				t.Fatalf("%s: %q %q: %+v", format, a, b, r)
			}
		}
	})
}

func BenchmarkWrite(b *testing.B) {
	e := typical()
	for _, format := range formats {
		b.Run(string(format), func(b *testing.B) {
			b.ReportAllocs()
			w, _ := audit.NewWriter(io.Discard, format)
			for b.Loop() {
				if err := w.Write(&e); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkVerify(b *testing.B) {
	for _, format := range formats {
		b.Run(string(format), func(b *testing.B) {
			e := typical()
			entries := make([]core.Entry, 10_000)
			var head core.Head
			for i := range entries {
				entries[i] = e
				head = entries[i].Seal(head)
			}
			text := write(b, format, entries)
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				if r := verify(b, text, audit.Options{}); !r.Complete() {
					b.Fatal(r)
				}
			}
		})
	}
}

func typical() core.Entry {
	return core.Entry{
		Time: time.Date(2026, 11, 23, 9, 45, 46, 123456000, time.UTC), Actor: "pe_0000000000000000000000001", ActorName: "Alice Adler",
		Strength: core.StrengthFresh, From: "window", Action: core.RoleActivated, Outcome: core.OutcomeDone, System: "sy_0000000000000000000000001",
		SystemName: "prod-db", Role: "ro_0000000000000000000000001", RoleName: "db_owner", Scope: "/", Principal: "pe_0000000000000000000000001",
		PrincipalName: "Alice Adler", Assignment: "as_0000000000000000000000001", Request: "re_0000000000000000000000001",
		Justification: "restore the customer table after the failed migration", TicketSystem: "jira", TicketNumber: "OPS-1234",
	}
}

func ExampleVerify() {
	e := core.Entry{ActorName: "Alice", Action: core.RoleActivated, Detail: "=cmd()"}
	e.Seal(core.Head{})
	var file bytes.Buffer
	w, _ := audit.NewWriter(&file, core.ExportCSV)
	_ = w.Write(&e)
	_ = w.Flush()
	forged := strings.Replace(file.String(), "Alice", "Mallory", 1)

	good, _ := audit.Verify(context.Background(), &file, audit.Options{})
	bad, _ := audit.Verify(context.Background(), strings.NewReader(forged), audit.Options{})
	fmt.Println(good.Describe())
	fmt.Println(bad.Describe())
	// Output:
	// All 1 entries are as they were written, from the first to number 1.
	// Entry 1 is bad: the entry was changed after it was written.
}
