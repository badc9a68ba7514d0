package connectortest

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/stint-pim/stint/core/connector"
)

// prompt is how soon a call must return once its context has ended. It is wide
// because test machines are slow; a driver that waits for the network itself
// would take far longer.
const prompt = 3 * time.Second

// canceled calls with a context that has ended.
func canceled(s *story) {
	role, account := s.pair()
	s.done(revoke(role, account)) // so that the driver may be connected already
	ctx, cancel := context.WithCancel(s.ctx())
	cancel()
	s.fails(ctx, role, account)
	s.holds(role, account, false)
	s.done(grant(role, account)) // and it works on
}

// deadline calls with one whose time is over.
func deadline(s *story) {
	role, account := s.pair()
	ctx, cancel := context.WithDeadline(s.ctx(), time.Now().Add(-time.Second))
	defer cancel()
	s.fails(ctx, role, account)
	s.holds(role, account, false)
	s.done(grant(role, account))
}

// fails checks that every method returns soon and with an error.
func (s *story) fails(ctx context.Context, role, account string) {
	s.Helper()
	d := s.driver()
	for name, call := range map[string]func() error{
		"Check":    func() error { _, err := d.Check(ctx); return err },
		"Discover": func() error { _, err := d.Discover(ctx); return err },
		"Read": func() error {
			_, err := d.Read(ctx, []connector.Privilege{{Role: role, Account: account}})
			return err
		},
		"Apply": func() error {
			_, err := d.Apply(ctx, []connector.Task{grant(role, account)})
			return err
		},
	} {
		began := time.Now()
		err := call()
		if took := time.Since(began); took > prompt {
			s.Errorf("%s took %v after its context ended", name, took)
		}
		if err == nil {
			s.Errorf("%s succeeded though its context had ended", name)
			continue
		}
		s.clean(err.Error())
	}
}

// unreachable takes the system away and gives it back: nothing is claimed
// meanwhile, and the same driver works on afterwards.
func unreachable(s *story) {
	if s.Break == nil {
		s.Log("this system is a part of the machine and can't be unreachable")
		return
	}
	role, account := s.pair()
	s.done(grant(role, account))
	mend := s.Break(s.T)
	broken := true
	defer func() {
		if broken {
			mend()
		}
	}()
	d := s.driver()
	for range 2 { // the first may find a dead connection, the second no server
		out, err := d.Apply(s.ctx(), []connector.Task{revoke(role, account)})
		if !errors.Is(err, connector.ErrUnreachable) {
			s.Errorf("Apply: %v, %v; want ErrUnreachable", out, err)
		}
	}
	_, err := d.Check(s.ctx())
	if !errors.Is(err, connector.ErrUnreachable) {
		s.Errorf("Check: %v; want ErrUnreachable", err)
	}
	s.clean(connector.Problem(err))
	mend()
	broken = false
	s.holds(role, account, true)
	s.done(revoke(role, account))
	s.holds(role, account, false)
}

func discover(s *story) {
	role, alice := s.pair()
	bob := s.account(s.Name("bob"))
	s.System.Put(s.T, role, bob, true)
	found, err := s.driver().Discover(s.ctx())
	if err != nil {
		s.Fatalf("Discover: %v", err)
	}
	if found.Version == "" || !slices.Contains(found.Accounts, alice) || !slices.Contains(found.Accounts, bob) {
		s.Errorf("Discover found version %q and accounts %q; want %q and %q among them", found.Version, found.Accounts, alice, bob)
	}
	for _, r := range found.Roles {
		if r.External == role {
			if !slices.Equal(r.Holders, []string{bob}) {
				s.Errorf("holders of %q: %q, want %q alone", role, r.Holders, bob)
			}
			return
		}
	}
	s.Errorf("Discover did not find %q", role)
}

func closeTwice(s *story) {
	d := s.System.Open(s.T)
	if _, err := d.Check(s.ctx()); err != nil {
		s.Errorf("Check: %v", err)
	}
	for range 2 {
		if err := d.Close(); err != nil {
			s.Errorf("Close: %v", err)
		}
	}
	if err := s.System.Open(s.T).Close(); err != nil {
		s.Errorf("Close of a driver never used: %v", err)
	}
}
