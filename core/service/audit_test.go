package service_test

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/audit"
)

// hangUp is a reader that hangs up after so many bytes.
type hangUp struct {
	after  int
	cancel context.CancelFunc
	io.Writer
}

func (w *hangUp) Write(b []byte) (int, error) {
	if w.after -= len(b); w.after <= 0 {
		w.cancel()
	}
	return w.Writer.Write(b)
}

func TestExportAudit(t *testing.T) {
	h := newHouse(t, nil)
	for range 250 { // a file of several buffers
		h.boss.must(core.ChangeSettings{Settings: core.Settings{Organisation: strings.Repeat("ü", 120)}})
		h.boss.must(core.UpdateRole{Role: core.StintRole(core.SecurityReader), Name: "Security Reader", Description: "Reads everything and exports the audit log.", Privileged: true})
	}
	var file bytes.Buffer
	h.ok(h.boss.ExportAudit(t.Context(), core.EntryFilter{}, core.ExportJSONL, &file, nil))
	rep, err := audit.Verify(t.Context(), bytes.NewReader(file.Bytes()), audit.Options{})
	if err != nil || rep.Break != nil || rep.Count < 100 {
		t.Errorf("the file: %+v, %v", rep, err)
	}
	last := func() (e core.Entry) {
		l, err := h.boss.Entries(t.Context(), core.EntryFilter{}, core.Page{Limit: 1})
		h.ok(err)
		return l.Items[0]
	}
	if e := last(); e.Action != core.AuditExported || !strings.Contains(e.Detail, "everything") || e.Actor != h.boss.id {
		t.Errorf("entry: %+v", e)
	}
	// Who hangs up on the last line has read the others; the log says so.
	ctx, cancel := context.WithCancel(t.Context())
	err = h.boss.ExportAudit(ctx, core.EntryFilter{}, core.ExportCSV, &hangUp{1, cancel, io.Discard}, nil)
	h.key(err, "call.canceled")
	if e := last(); e.Action != core.AuditExported || !strings.Contains(e.Detail, "stopped before the end") {
		t.Errorf("entry: %+v", e)
	}
	err = h.boss.ExportAudit(t.Context(), core.EntryFilter{}, "pdf", io.Discard, nil)
	if core.CodeOf(err) != core.Invalid {
		t.Errorf("format: %v", err)
	}
}

// tampered is a store in which somebody has changed a row of the log.
type tampered struct {
	core.Store
	seq    int64
	change func(*core.Entry)
}

func (s *tampered) EachEntry(ctx context.Context, f core.EntryFilter, each func(*core.Entry) error) error {
	return s.Store.EachEntry(ctx, f, func(e *core.Entry) error {
		c := *e
		if c.Seq == s.seq {
			s.change(&c)
		}
		return each(&c)
	})
}

func TestVerifyAudit(t *testing.T) {
	var bad *tampered
	h := newHouse(t, func(s core.Store) core.Store { bad = &tampered{Store: s}; return bad })
	v, err := h.boss.VerifyAudit(t.Context(), core.Hash{}, nil)
	if err != nil || v.Break != nil || v.Count == 0 || v.Seq != v.Count {
		t.Fatalf("%+v, %v", v, err)
	}
	bad.seq, bad.change = 2, func(e *core.Entry) { e.PrincipalName = "Somebody Else" }
	v, err = h.boss.VerifyAudit(t.Context(), core.Hash{}, nil)
	if err != nil || v.Break == nil || v.Break.Seq != 2 || v.Count != 1 {
		t.Fatalf("%+v, %v", v, err)
	}
	if l, _ := h.boss.Entries(t.Context(), core.EntryFilter{Action: core.AuditVerified}, core.Page{Limit: 1}); l.Items[0].Outcome != core.OutcomeFailed {
		t.Errorf("entry: %+v", l.Items[0])
	}
}
