package memory

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/connector"
)

// driver is one connection to a System. It keeps no state of its own.
type driver struct{ sys *System }

// Driver returns a driver for s, as Kind.Open does.
func (s *System) Driver() connector.Driver { return driver{s} }

func (d driver) Close() error { return nil }

func (d driver) Check(ctx context.Context) (version string, err error) {
	err = d.sys.serve(ctx, func() { version = d.sys.title })
	return version, err
}

func (d driver) Read(ctx context.Context, asked []connector.Privilege) ([]connector.Outcome, error) {
	out := make([]connector.Outcome, len(asked))
	err := d.sys.serve(ctx, func() {
		for i, p := range asked {
			out[i].Evidence = d.sys.look(p)
			if !connector.WholeScope(p.Scope) {
				out[i].Err = connector.NoScope(p.Scope)
			}
		}
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (d driver) Apply(ctx context.Context, tasks []connector.Task) ([]connector.Outcome, error) {
	out := make([]connector.Outcome, len(tasks))
	err := d.sys.serve(ctx, func() {
		for i, t := range tasks {
			out[i] = d.sys.apply(t)
		}
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (d driver) Discover(ctx context.Context) (found connector.Found, err error) {
	err = d.sys.serve(ctx, func() { found = d.sys.discover() })
	return found, err
}

// serve runs do under the lock, with whatever failure is set.
func (s *System) serve(ctx context.Context, do func()) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("%w: %w", connector.ErrUnreachable, err)
	}
	s.mu.Lock()
	s.calls++
	failure, delay := Failure(0), s.delay
	if s.failing != 0 {
		failure = s.failure
		if s.failing > 0 {
			s.failing--
		}
	}
	s.mu.Unlock()

	if err := pause(ctx, delay); err != nil {
		return err
	}
	switch failure {
	case Unreachable:
		return fmt.Errorf("%w: set to fail", connector.ErrUnreachable)
	case Refuse:
		return fmt.Errorf("%w: set to fail", connector.ErrRefused)
	case Hang:
		return hang(ctx)
	}
	s.mu.Lock()
	do()
	s.mu.Unlock()
	switch failure {
	case LoseAnswer:
		return fmt.Errorf("%w: the answer was lost", connector.ErrUnreachable)
	case HangThenAnswer:
		return hang(ctx)
	}
	return nil
}

func hang(ctx context.Context) error {
	<-ctx.Done()
	return fmt.Errorf("%w: %w", connector.ErrUnreachable, ctx.Err())
}

func pause(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("%w: %w", connector.ErrUnreachable, ctx.Err())
	}
}

// look reads one privilege back; s.mu is held.
func (s *System) look(p connector.Privilege) core.Evidence {
	e := core.Evidence{
		At: s.now().UTC(), Holds: s.holders[p.Role][p.Account],
		Query:  fmt.Sprintf("memory: role %q, member %q", p.Role, p.Account),
		Answer: "not a member",
	}
	_, role := s.roles[p.Role]
	switch {
	case !role:
		e.Answer = "role does not exist"
	case !s.accounts[p.Account]:
		e.Answer = "account does not exist"
	case e.Holds:
		e.Answer = "member"
	}
	e.Answer += " (" + s.title + ")"
	return e
}

// apply carries out one task and reads it back; s.mu is held.
func (s *System) apply(t connector.Task) connector.Outcome {
	var o connector.Outcome
	_, role := s.roles[t.Role]
	held := s.holders[t.Role][t.Account]
	switch {
	case !connector.WholeScope(t.Scope):
		o.Err = connector.NoScope(t.Scope)
	case t.Grant && (!role || !carries(t.Role)):
		o.Err = connector.NoRole(t.Role)
	case t.Grant && (!s.accounts[t.Account] || !carries(t.Account)):
		o.Err = connector.NoAccount(t.Account)
	case t.Grant:
		o.HeldBefore = held
		s.holders[t.Role][t.Account] = true
	case role:
		delete(s.holders[t.Role], t.Account)
	}
	ended := 0
	if o.Err == nil && held != t.Grant {
		s.applied++
	}
	if o.Err == nil && !t.Grant {
		ended = s.sessions[t.Account]
		delete(s.sessions, t.Account)
	}
	o.Evidence = s.look(t.Privilege)
	o.Evidence.Ended = ended
	return o
}

// carries reports whether this system could have the name at all.
func carries(name string) bool {
	return name != "" && len(name) <= 255 && utf8.ValidString(name) && !strings.ContainsRune(name, 0)
}

// discover lists everything; s.mu is held.
func (s *System) discover() connector.Found {
	f := connector.Found{Version: s.title}
	for name, r := range s.roles {
		r.Holders = make([]string, 0, len(s.holders[name]))
		for account := range s.holders[name] {
			r.Holders = append(r.Holders, account)
		}
		slices.Sort(r.Holders)
		f.Roles = append(f.Roles, r)
	}
	slices.SortFunc(f.Roles, func(a, b core.FoundRole) int { return strings.Compare(a.External, b.External) })
	for name := range s.accounts {
		f.Accounts = append(f.Accounts, name)
	}
	slices.Sort(f.Accounts)
	return f
}
