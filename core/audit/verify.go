package audit

import (
	"context"
	"errors"
	"io"
	"strconv"
	"time"

	"github.com/stint-pim/stint/core"
)

// Options of Verify.
type Options struct {
	// Format of the file; empty: found out from its first byte.
	Format core.ExportFormat
	// Filtered allows gaps in the numbers, as in an export that was filtered.
	// Each entry is then still proven by its own hash, and each link between
	// neighbours, but not that nothing was taken out of a gap.
	Filtered bool
	// Head, if not zero, is the hash that the last entry must have. Without it
	// nobody can tell that entries were cut off the end.
	Head core.Hash
	// Tell, if not nil, is called at most ten times a second; the total is not known.
	Tell core.Progress
}

// Report is what Verify found. Where Break is nil the file holds what was
// written, within what Gaps and First say.
type Report struct {
	Count int64       `json:"count"` // entries that were right
	First int64       `json:"first"` // number of the first entry in the file
	Last  int64       `json:"last"`  // of the last one that was right
	Head  core.Hash   `json:"head"`  // its hash
	Gaps  int64       `json:"gaps"`  // places where numbers are missing; links across them can't be checked
	Line  int64       `json:"line,omitempty"`
	Break *core.Break `json:"break,omitempty"`
}

// Complete reports whether the file is the chain from its beginning without a
// gap, so that nothing but entries at its end can be missing.
func (r Report) Complete() bool { return r.Break == nil && r.First == 1 && r.Gaps == 0 }

// Verify reads a whole export and names the first entry that is not as it was
// written. A file that can't be read as an export gives an error; a file that
// can be read and lies gives a Break.
func Verify(ctx context.Context, r io.Reader, o Options) (Report, error) {
	in, err := NewReader(r, o.Format)
	if err != nil {
		return Report{}, err
	}
	var rep Report
	var e core.Entry
	pace := Pace(o.Tell)
	for {
		if rep.Count%1024 == 0 && ctx.Err() != nil {
			return rep, core.Wrap(core.Canceled, "audit.canceled", context.Cause(ctx))
		}
		err := in.Read(&e)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return rep, err
		}
		if reason, seq := rep.check(&e, o.Filtered); reason != "" {
			rep.Line, rep.Break = in.Line(), &core.Break{Seq: seq, Reason: reason}
			return rep, nil
		}
		pace(rep.Count, 0)
	}
	if o.Head != (core.Hash{}) && rep.Head != o.Head {
		rep.Break = &core.Break{Seq: rep.Last + 1, Reason: "the file does not end with the entry expected: entries are missing at its end"}
	}
	return rep, nil
}

// Missing is the reason of a Break where an entry is not in the file. A
// filtered export has such places, too, which Options.Filtered allows.
const Missing = "the entry is missing"

// check takes the next entry, and says what is wrong with it and which number
// is concerned.
func (r *Report) check(e *core.Entry, filtered bool) (string, int64) {
	next := r.Last + 1
	switch {
	case r.Count > 0 && e.Seq <= r.Last:
		return "the entry is out of order or there twice", e.Seq
	case e.Seq != next && !filtered:
		return Missing, next
	case e.Seq == next && e.Prev != r.Head:
		return "the link to the entry before does not fit: that entry or this link was changed", e.Seq
	case e.Sum() != e.Hash:
		return "the entry was changed after it was written", e.Seq
	}
	if e.Seq != next && r.Count > 0 {
		r.Gaps++
	}
	if r.Count == 0 {
		r.First = e.Seq
	}
	r.Count++
	r.Last, r.Head = e.Seq, e.Hash
	return "", 0
}

// Pace wraps a Progress so that it is called at most ten times a second, and
// at once when done reaches a known total. The result is never nil and not
// safe for concurrent use.
func Pace(tell core.Progress) core.Progress {
	if tell == nil {
		return func(int64, int64) {}
	}
	var last time.Time
	var calls uint32
	return func(done, total int64) {
		calls++
		ended := total > 0 && done >= total
		// Asking the clock costs more than an entry; every 256th is enough.
		if !ended && calls%256 != 1 {
			return
		}
		if now := time.Now(); ended || now.Sub(last) >= 100*time.Millisecond {
			last = now
			tell(done, total)
		}
	}
}

// Describe says in one English sentence what a report means.
func (r Report) Describe() string {
	n := strconv.FormatInt(r.Count, 10)
	switch {
	case r.Break != nil:
		return "Entry " + strconv.FormatInt(r.Break.Seq, 10) + " is bad: " + r.Break.Reason + "."
	case r.Count == 0:
		return "The file holds no entry."
	case r.Complete():
		return "All " + n + " entries are as they were written, from the first to number " + strconv.FormatInt(r.Last, 10) + "."
	}
	return "Each of the " + n + " entries is as it was written. Numbers are missing, as in a filtered export: " +
		"the links across these gaps can't be checked, so nobody can tell from this file whether an entry was taken out there."
}
