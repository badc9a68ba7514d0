package engine

import (
	"context"

	"github.com/stint-pim/stint/core"
)

// digestPage is how many entries of the log are counted for a digest between
// two looks at what else is due: a log of a million entries takes a while, and
// nobody's access may end later because administrators get a mail.
const digestPage = 500

// digest is the digest in the making. Nothing rests on it: a process that dies
// counts again.
type digest struct {
	span  core.DigestSpan
	tally *core.Tally // nil: nothing is being counted
	next  string      // the page of the log
}

// count counts a little more for the digest that is due. It returns the command
// that sends it when all is counted, and before that nil. What it reads is not
// of the transaction that writes the mails, and need not be: entries don't
// change, and what there is now is so within a second.
func (e *Engine) count(ctx context.Context) (core.Command, error) {
	var span core.DigestSpan
	var due bool
	err := e.store.Read(ctx, func(v core.View) error {
		span, due = core.DigestDue(v, e.Now(), e.zone)
		return v.Err()
	})
	if err != nil {
		return nil, err
	}
	if !due {
		e.digest = digest{}
		return core.SendDigest{}, nil // which plans it
	}
	g := &e.digest
	if g.tally == nil || !g.span.From.Equal(span.From) || !g.span.To.Equal(span.To) {
		*g = digest{span: span, tally: core.NewTally(span)}
	}
	page, err := e.store.Entries(ctx, g.tally.Filter(), core.Page{After: g.next, Limit: digestPage})
	if err != nil {
		return nil, err
	}
	err = e.store.Read(ctx, func(v core.View) error {
		g.tally.Add(v, page.Items)
		return v.Err()
	})
	if err != nil {
		e.digest = digest{} // some may be counted
		return nil, err
	}
	if g.next = page.Next; g.next != "" {
		return nil, nil
	}
	older, err := e.store.Entries(ctx, core.EntryFilter{To: g.tally.Filter().From}, core.Page{Limit: 1})
	if err != nil {
		return nil, err
	}
	now := e.Now()
	standing, err := e.store.Standing(ctx, now.Add(-core.StuckAfter), now.Add(core.ExtendWindow))
	if err != nil {
		return nil, err
	}
	d := g.tally.Digest(standing, len(older.Items) > 0)
	e.digest = digest{}
	return core.SendDigest{Digest: d}, nil
}
