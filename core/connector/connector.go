// Package connector is the border between Stint and the systems whose
// privileges it hands out. A Driver speaks to one system; it is told what to
// make true and reports what it read back. It decides nothing, keeps no state
// that matters, and never logs or returns a credential.
//
// Read Driver first, then connectortest, which every driver passes.
package connector

import (
	"context"
	"errors"
	"time"

	"github.com/stint-pim/stint/core"
)

// Privilege names one grant in a system's own words.
type Privilege struct {
	Role    string // external name of the role, verbatim
	Scope   string
	Account string // external name of the account, verbatim
	// Object is what the driver called role and account when it last read them
	// (Outcome.Object); empty: not known. Where what it leads to still exists it
	// counts, and not the names: what is taken away is taken away under its new
	// name, and nothing is granted to another one that got the old name.
	Object string
}

// Task is one thing to make true.
type Task struct {
	Privilege
	Grant bool      // true: must hold; false: must not
	Until time.Time // of a grant: when it will end; zero: no end. For native expiry
}

// Outcome is what came of one task or question.
type Outcome struct {
	// Evidence is of a read-back made after the change, in a transaction of
	// its own or later; its At is zero where the system could not be read.
	Evidence core.Evidence
	Err      error // nil: the system holds what the task asked for
	// HeldBefore says that a grant task found the privilege there already,
	// seen right before the change and, where the system allows it, in the
	// same transaction; also where the task could not be done. The reconciler
	// learns from it what was there before us (R28).
	HeldBefore bool
	// Object leads to role and account by what stays when they are renamed. It
	// is opaque outside the driver, at most 200 bytes, and empty where the
	// system has nothing of the kind or one of the two does not exist.
	Object string
	// Now is what role and account are called, where what Object leads to was
	// renamed; else it is zero.
	Now Privilege
}

// Lister is a Driver that tells cheaply who holds roles.
type Lister interface {
	// Holders returns all that hold one of the roles on the system, with their
	// Object; but for Stint's own account. It changes nothing. It returns at
	// most MaxHoldings, and then in an order that is the same each time.
	Holders(ctx context.Context, roles []string) ([]Privilege, error)
}

// MaxHoldings bounds what one reading of a system takes in.
const MaxHoldings = 100_000

// Found is what a system has.
type Found struct {
	Version  string
	Roles    []core.FoundRole // at most 2,000
	Accounts []string         // at most 5,000
}

// Driver speaks to one system. Methods may be called from one goroutine at a
// time, must return soon after ctx ends, and must leave no connection behind
// that Close does not close.
//
// An error that wraps ErrUnreachable says that the whole system could not be
// reached and nothing is known of what was asked; any other method-level error
// also concerns the whole system (a wrong credential: ErrRefused). Errors of a
// single task stand in its Outcome and don't hinder the others.
type Driver interface {
	// Check connects and returns what the system calls itself.
	Check(context.Context) (version string, err error)
	// Read asks whether the system holds each privilege. It changes nothing.
	Read(context.Context, []Privilege) ([]Outcome, error)
	// Apply makes the tasks true, in order, and reads each back. It is
	// idempotent: what holds already, or is gone already, is a success (R4).
	// It touches nothing but the privileges named (R28). Where a batch as a
	// whole fails, it does them one by one, so that one bad name can't hold
	// up the others.
	Apply(context.Context, []Task) ([]Outcome, error)
	// Discover lists roles, accounts and who holds what.
	Discover(context.Context) (Found, error)
	Close() error
}

// Config opens a driver.
type Config struct {
	Name     string
	Settings map[string]string
	Secret   core.Secret
}

// Kind is a connector as a whole: what it is called, which settings it needs,
// and how a driver is opened. Open validates the settings and may not connect.
type Kind interface {
	Info() core.KindInfo
	Open(Config) (Driver, error)
	// Statements returns what an administrator runs on the system to make the
	// account that Stint needs, or "".
	Statements(Config) string
}

// Registry holds the kinds a program was built with.
type Registry map[core.Kind]Kind

// Settings are the names of the settings of each kind, for core.CheckSettings.
func (r Registry) Settings() map[core.Kind][]string {
	out := map[core.Kind][]string{}
	for name, kind := range r {
		out[name] = []string{}
		for _, f := range kind.Info().Fields {
			out[name] = append(out[name], f.Name)
		}
	}
	return out
}

// Errors that a driver's error wraps.
var (
	ErrUnreachable = errors.New("the system can't be reached")
	ErrRefused     = errors.New("the system refused the credential")
	ErrNoRole      = errors.New("the system has no such role")
	ErrNoAccount   = errors.New("the system has no such account")
	ErrNotAllowed  = errors.New("the account of Stint may not do this")
	ErrRenamed     = errors.New("the name stands for another role or account now")
)
