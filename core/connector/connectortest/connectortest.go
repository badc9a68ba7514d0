// Package connectortest is the suite that every driver passes. A driver's test
// gives it a System, the means to look at and change the real thing behind the
// driver's back, and calls Run; that takes twenty lines. The driver in memory
// is the reference and passes first.
package connectortest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stint-pim/stint/core/connector"
)

// System is the real thing behind a driver, reached by another way than the
// driver's. Its methods fail the test themselves.
type System interface {
	// Open returns a fresh driver on the system. The suite closes it.
	Open(t *testing.T) connector.Driver
	AddRole(t *testing.T, name string)
	AddAccount(t *testing.T, name string)
	DropRole(t *testing.T, name string)    // must not mind that it is gone
	DropAccount(t *testing.T, name string) // must not mind that it is gone
	// Put makes account hold role or not hold it.
	Put(t *testing.T, role, account string, holds bool)
	Holds(t *testing.T, role, account string) bool
}

// Suite says what to test and how.
type Suite struct {
	System System
	// Name makes a name from a short word of letters; nil: the word with "stint_" before it.
	Name func(word string) string
	// Carries says whether the system could have a role or account of that
	// name; nil: every name. What it can't carry must be refused untouched.
	Carries func(name string) bool
	// Break makes the system unreachable until mend is called; nil: it can't be.
	Break func(t *testing.T) (mend func())
	// Secrets must not be found in any evidence, error or version.
	Secrets []string
}

// Run runs the suite.
func Run(t *testing.T, s Suite) {
	if s.Name == nil {
		s.Name = func(word string) string { return "stint_" + word }
	}
	if s.Carries == nil {
		s.Carries = func(string) bool { return true }
	}
	for _, c := range []struct {
		name string
		test func(*story)
	}{
		{"Check", check}, {"RoundTrip", roundTrip}, {"Idempotence", idempotence}, {"HeldBefore", heldBefore},
		{"ReadChangesNothing", readChangesNothing}, {"AbsentRole", absentRole}, {"AbsentAccount", absentAccount},
		{"OneBadEntry", oneBadEntry}, {"ManyAtOnce", manyAtOnce}, {"SameTwice", sameTwice}, {"Neighbours", neighbours},
		{"HostileNames", hostileNames}, {"Scope", scope}, {"Empty", empty}, {"Canceled", canceled}, {"Deadline", deadline},
		{"Unreachable", unreachable}, {"Discover", discover}, {"Holders", holders}, {"ReadMany", readMany},
		{"Renamed", renamed}, {"Impostor", impostor}, {"CloseTwice", closeTwice},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(&story{T: t, Suite: s}) })
	}
}

// story is one test with its driver.
type story struct {
	*testing.T
	Suite
	opened connector.Driver
}

// driver opens the story's driver at first use.
func (s *story) driver() connector.Driver {
	s.Helper()
	if s.opened == nil {
		s.opened = s.System.Open(s.T)
		s.Cleanup(func() {
			if err := s.opened.Close(); err != nil {
				s.Errorf("Close: %v", err)
			}
		})
	}
	return s.opened
}

// ctx ends with the test, and at the latest after 20 s.
func (s *story) ctx() context.Context {
	ctx, cancel := context.WithTimeout(s.Context(), 20*time.Second)
	s.Cleanup(cancel)
	return ctx
}

// role adds a role for this test.
func (s *story) role(name string) string {
	s.Helper()
	s.System.AddRole(s.T, name)
	s.Cleanup(func() { s.System.DropRole(s.T, name) })
	return name
}

// account adds an account for this test.
func (s *story) account(name string) string {
	s.Helper()
	s.System.AddAccount(s.T, name)
	s.Cleanup(func() { s.System.DropAccount(s.T, name) })
	return name
}

// pair adds a role and an account.
func (s *story) pair() (role, account string) {
	s.Helper()
	return s.role(s.Name("role")), s.account(s.Name("alice"))
}

func grant(role, account string) connector.Task {
	return connector.Task{Privilege: connector.Privilege{Role: role, Account: account}, Grant: true}
}

func revoke(role, account string) connector.Task {
	return connector.Task{Privilege: connector.Privilege{Role: role, Account: account}}
}

// apply applies tasks and returns their outcomes; the call as a whole must succeed.
func (s *story) apply(tasks ...connector.Task) []connector.Outcome {
	s.Helper()
	out, err := s.driver().Apply(s.ctx(), tasks)
	if err != nil {
		s.Fatalf("Apply: %v", err)
	}
	if len(out) != len(tasks) {
		s.Fatalf("Apply returned %d outcomes for %d tasks", len(out), len(tasks))
	}
	for i, o := range out {
		s.clean(fmt.Sprint(o.Evidence, o.Err))
		if o.Err == nil {
			s.complete(o, tasks[i].Grant)
		}
	}
	return out
}

// done applies tasks that must all succeed.
func (s *story) done(tasks ...connector.Task) []connector.Outcome {
	s.Helper()
	out := s.apply(tasks...)
	for i, o := range out {
		if o.Err != nil {
			s.Fatalf("task %d %+v: %v", i, tasks[i], o.Err)
		}
	}
	return out
}

// read asks for one privilege.
func (s *story) read(role, account string) connector.Outcome {
	s.Helper()
	out, err := s.driver().Read(s.ctx(), []connector.Privilege{{Role: role, Account: account}})
	if err != nil || len(out) != 1 {
		s.Fatalf("Read: %d outcomes, %v", len(out), err)
	}
	s.clean(fmt.Sprint(out[0].Evidence, out[0].Err))
	return out[0]
}

// holds compares what the system holds with what it should.
func (s *story) holds(role, account string, want bool) {
	s.Helper()
	if got := s.System.Holds(s.T, role, account); got != want {
		s.Errorf("%q holds %q: got %v, want %v", account, role, got, want)
	}
}
