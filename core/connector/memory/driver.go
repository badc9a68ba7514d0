package memory

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
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
			out[i] = d.sys.find(p)
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

// object is what this system calls a role and an account, or "".
func (s *System) object(role, account string) string {
	r, a := s.ids["role/"+role], s.ids["account/"+account]
	if r == 0 || a == 0 {
		return ""
	}
	return fmt.Sprint(r, "/", a)
}

// name returns what the role or account with an identifier is called, or
// otherwise; s.mu is held.
func (s *System) name(kind string, id int, otherwise string) string {
	if n, ok := strings.CutPrefix(s.names[id], kind+"/"); ok {
		return n
	}
	return otherwise
}

// find reads one privilege back, by its object where that is known and still
// exists; s.mu is held.
func (s *System) find(p connector.Privilege) (o connector.Outcome) {
	now := p
	if r, a, ok := strings.Cut(p.Object, "/"); ok {
		role, _ := strconv.Atoi(r)
		account, _ := strconv.Atoi(a)
		now.Role, now.Account = s.name("role", role, p.Role), s.name("account", account, p.Account)
	}
	if now != p {
		o.Now = now
	}
	o.Object = s.object(now.Role, now.Account)
	e := core.Evidence{
		At: s.now().UTC(), Holds: s.holders[now.Role][now.Account],
		Query:  fmt.Sprintf("memory: role %q, member %q", now.Role, now.Account),
		Answer: "not a member",
	}
	_, role := s.roles[now.Role]
	switch {
	case !role:
		e.Answer = "role does not exist"
	case !s.accounts[now.Account]:
		e.Answer = "account does not exist"
	case e.Holds:
		e.Answer = "member"
	}
	e.Answer += " (" + s.title + ")"
	o.Evidence = e
	return o
}

// apply carries out one task and reads it back; s.mu is held.
func (s *System) apply(t connector.Task) connector.Outcome {
	o := s.find(t.Privilege)
	p, renamed := t.Privilege, o.Now != connector.Privilege{}
	if renamed {
		p = o.Now
	}
	_, role := s.roles[p.Role]
	held := s.holders[p.Role][p.Account]
	o.HeldBefore = t.Grant && held
	switch {
	case !connector.WholeScope(t.Scope):
		o.Err = connector.NoScope(t.Scope)
	case t.Grant && renamed:
		o.Err = connector.Renamed(t.Privilege, p)
	case t.Grant && (!role || !carries(t.Role)):
		o.Err = connector.NoRole(t.Role)
	case t.Grant && (!s.accounts[t.Account] || !carries(t.Account)):
		o.Err = connector.NoAccount(t.Account)
	case t.Grant:
		s.holders[t.Role][t.Account] = true
	case role:
		delete(s.holders[p.Role], p.Account)
	}
	ended := 0
	if o.Err == nil && held != t.Grant {
		s.applied++
	}
	if o.Err == nil && !t.Grant {
		ended = s.sessions[p.Account]
		delete(s.sessions, p.Account)
	}
	o.Evidence = s.find(t.Privilege).Evidence
	o.Evidence.Ended = ended
	return o
}

// Holders see connector.Lister.
func (d driver) Holders(ctx context.Context, roles []string) (held []connector.Privilege, err error) {
	err = d.sys.serve(ctx, func() {
		for _, role := range roles {
			for account := range d.sys.holders[role] {
				held = append(held, connector.Privilege{Role: role, Account: account, Object: d.sys.object(role, account)})
			}
		}
	})
	slices.SortFunc(held, func(a, b connector.Privilege) int {
		return cmp.Or(strings.Compare(a.Role, b.Role), strings.Compare(a.Account, b.Account))
	})
	return held, err
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
