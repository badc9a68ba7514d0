package service

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"strings"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/audit"
)

// ExportAudit see core.Service. Who may not export the whole log gets his own
// entries.
func (s *Service) ExportAudit(ctx context.Context, f core.EntryFilter, format core.ExportFormat, w io.Writer, tell core.Progress) error {
	who, err := s.allowed(ctx, anyone)
	if err != nil {
		return err
	}
	if !who.rights.Export {
		f.Person = who.person.ID
	}
	total, err := s.store.CountEntries(ctx, f)
	if err != nil {
		return plain(err)
	}
	pace := audit.Pace(tell)
	sum := sha256.New()
	out, err := audit.NewWriter(io.MultiWriter(w, sum), format)
	if err != nil {
		return err
	}
	var done int64
	err = s.store.EachEntry(ctx, f, func(e *core.Entry) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		done++
		pace(done, max(total, done))
		return out.Write(e)
	})
	if err == nil {
		err = out.Flush()
	}
	note := core.NoteExport{Format: string(format), Filter: filterText(f), Count: done, Hash: hex.EncodeToString(sum.Sum(nil))}
	if err != nil {
		// What has left has left: hanging up on the last line hides nothing.
		note.Filter += ", stopped before the end"
	}
	if _, noted := s.do(context.WithoutCancel(ctx), note, core.Secret{}, ""); noted != nil && err == nil {
		err = noted
	}
	if err != nil && ctx.Err() != nil {
		return core.Wrap(core.Canceled, "call.canceled", ctx.Err())
	}
	return plain(err)
}

// filterText writes a filter for the log.
func filterText(f core.EntryFilter) string {
	var parts []string
	add := func(name, v string) {
		if v != "" {
			parts = append(parts, name+" "+core.Clip(v, 80))
		}
	}
	if !f.From.IsZero() {
		add("from", core.Clock(f.From))
	}
	if !f.To.IsZero() {
		add("to", core.Clock(f.To))
	}
	add("person", string(f.Person))
	add("role", string(f.Role))
	add("system", string(f.System))
	add("action", string(f.Action))
	add("outcome", string(f.Outcome))
	add("text", f.Text)
	if len(parts) == 0 {
		return "everything"
	}
	return strings.Join(parts, ", ")
}

// VerifyAudit see core.Service.
func (s *Service) VerifyAudit(ctx context.Context, kept core.Hash, tell core.Progress) (core.Verification, error) {
	if _, err := s.allowed(ctx, reading); err != nil {
		return core.Verification{}, err
	}
	v, err := Verify(ctx, s.store, kept, tell)
	if err != nil {
		return v, err
	}
	_, err = s.do(ctx, core.NoteVerify{Count: v.Count, Break: v.Break}, core.Secret{}, "")
	return v, err
}

// stopped ends the reading at the first break.
type stopped struct{}

func (stopped) Error() string { return "chain broken" }

// Verify checks the whole chain of a store, which may be open for reading only,
// and that the entry whose hash is kept is there still; zero: none is looked for.
func Verify(ctx context.Context, q core.Query, kept core.Hash, tell core.Progress) (core.Verification, error) {
	total, err := q.CountEntries(ctx, core.EntryFilter{})
	if err != nil {
		return core.Verification{}, plain(err)
	}
	pace := audit.Pace(tell)
	var ver core.Verifier
	var res core.Verification
	there := kept == core.Hash{}
	err = q.EachEntry(ctx, core.EntryFilter{}, func(e *core.Entry) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		if res.Break = ver.Check(e); res.Break != nil {
			return stopped{}
		}
		there = there || e.Hash == kept
		pace(ver.Count, max(total, ver.Count))
		return nil
	})
	res.Count, res.Head, res.Seq = ver.Count, ver.Head.Hash, ver.Head.Seq
	switch {
	case res.Break != nil:
		return res, nil
	case ctx.Err() != nil:
		return res, core.Wrap(core.Canceled, "call.canceled", ctx.Err())
	case err == nil && !there:
		res.Break = &core.Break{Seq: res.Seq + 1, Reason: "the entry whose hash was noted elsewhere is not there: entries were cut off the end"}
	}
	return res, plain(err)
}
