package postgres

import (
	"context"
	"errors"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/stint-pim/stint/core/connector"
)

// What a batch usually needs fits into one message, and costs one round trip:
// the look before, the change, its commit, and behind it the proof. The server
// runs the statements one after another and stops at the first that fails, so
// that the proof is never older than the commit.

// proof is what the server said after a commit.
type proof struct {
	rows []row
	open map[string][]live // sessions of those who were to lose something; nil: not asked
}

// looksBlind reports whether a GRANT may be sent before the answer is known
// whether it is there already. Up to version 15 a second one changes nothing;
// from 16 on it would stand beside the first, and outlive it.
func (s *session) looksBlind() bool {
	before, _, _ := strings.Cut(s.version, ".")
	return len(before) == 2 && before < "16" && !s.settings.nativeExpiry
}

// atOnce carries out work in one message and proves part. Where that can't be
// done, or the server refuses, it returns nil and has changed nothing.
func (s *session) atOnce(ctx context.Context, work, part []*item) (*proof, error) {
	grants := false
	for _, it := range work {
		grants = grants || it.Grant
	}
	if grants && !s.looksBlind() {
		return nil, nil
	}
	b := &pgx.Batch{}
	b.Queue("begin")
	if grants {
		b.Queue(lookName, s.question(privileges(work))...)
	}
	guard := s.guard(work)
	if guard != nil {
		b.Queue(guardName, guard...)
	}
	s.queue(b, work, nil)
	b.Queue("commit")
	change := b.Len()
	ending := s.ask(b, part)
	if grants {
		s.changing() // from here on a repeat could take our own grant for one that was there before
	}
	results := s.SendBatch(ctx, b)
	var before []row
	var err error
	for i := 0; i < change && err == nil; i++ {
		if i == 1 && grants {
			before, err = looked(results, len(work))
		} else {
			_, err = results.Exec()
		}
	}
	var p *proof
	if err == nil {
		p, err = answered(results, len(part), ending)
	}
	if e := results.Close(); err == nil {
		err = e
	}
	if err != nil {
		if !s.refused(ctx, err) {
			return nil, err
		}
		return nil, s.settle(ctx)
	}
	for i, r := range before {
		if work[i].Grant {
			work[i].out.HeldBefore = r.holds()
		}
	}
	return p, nil
}

// ask adds the questions that prove part to b, and reports whether open
// sessions are asked for.
func (s *session) ask(b *pgx.Batch, part []*item) (ending bool) {
	b.Queue(lookName, s.question(privileges(part))...)
	var lose []string
	for _, it := range part {
		if !it.Grant && (it.err == nil || errors.Is(it.err, connector.ErrNoRole)) {
			lose = append(lose, known(it.account))
		}
	}
	if ending = s.settings.endSessions && len(lose) > 0; ending {
		b.Queue(openName, lose)
	}
	return ending
}

// answered collects the answers to ask.
func answered(results pgx.BatchResults, n int, ending bool) (*proof, error) {
	rows, err := looked(results, n)
	if err != nil || !ending {
		return &proof{rows: rows}, err
	}
	open, err := sessions(results)
	return &proof{rows, open}, err
}

// looked collects the answers to lookSQL.
func looked(results pgx.BatchResults, n int) ([]row, error) {
	rows, err := results.Query()
	if err != nil {
		return nil, err
	}
	return answers(rows, n)
}

func privileges(items []*item) []connector.Privilege {
	ps := make([]connector.Privilege, len(items))
	for i, it := range items {
		ps[i] = it.Privilege
	}
	return ps
}
