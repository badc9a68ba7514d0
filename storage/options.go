package storage

import (
	"context"
	"database/sql"
	"time"

	"github.com/stint-pim/stint/core"
)

// Outbox stores deliveries inside the transaction that made them. What it
// stores is sent after the commit, and never if there is none. It must use tx
// and nothing else of the database, or it waits for itself.
type Outbox func(ctx context.Context, tx *sql.Tx, deliveries []core.Delivery) error

// Engine is what differs between database engines.
type Engine interface {
	// Unique reports whether err says that a unique key is taken.
	Unique(err error) bool
	// Error makes the Error that people see of a driver's error.
	Error(err error) error
	// Fatal reports whether, after err at a commit, nobody knows what the
	// disk holds: then nothing more is written until the store is reopened (F5).
	Fatal(err error) bool
	// Checkpoint moves what is committed to where it stays, as far as no reader
	// is in the way.
	Checkpoint(ctx context.Context, conn *sql.Conn) error
}

// Options of New.
type Options struct {
	Engine Engine
	// Outbox may also be set by SetOutbox, because a job engine wants the
	// writer's handle first.
	Outbox Outbox
	// DropDeliveries forgets deliveries where there is no Outbox. Without it
	// and without an Outbox a delivery is an error and so is its transaction.
	DropDeliveries bool
	// Alone says that no other process writes to the database as long as this
	// one has it open, so that rows may be kept in memory.
	Alone bool
	// Behind is how many entries of the log may wait until it is written how they
	// are found; 0: some hundreds.
	Behind int
	// Now is the clock by which a list says who is locked out; nil: time.Now.
	Now func() time.Time
	// Reserve is room for a full disk; nil: none.
	Reserve Reserve
	// Inspect looks through what is there while the store is open already, until
	// its context ends. What it finds is like a disk that failed; nil: nothing is.
	Inspect func(context.Context) error
	// Noted is told the log's end after each commit that wrote to it; nil: nobody is.
	Noted func(core.Head)
	// Closed runs after the last connection was closed, for example to unlock.
	Closed func() error
}
