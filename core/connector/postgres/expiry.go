package postgres

import (
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
)

// expirySlack is how long after our own end the server's comes: Stint must
// have the time to take the privilege away in order.
const expirySlack = 2 * time.Minute

// validSQL reads until when accounts may sign in with a password. No limit at
// all and the limit "infinity" are two things: the latter is what a grant
// without an end sets, and keeps later ones from shortening it.
const validSQL = `select rolname::text, rolvaliduntil from pg_catalog.pg_roles where rolname = any($1::text[]::name[]) and rolvaliduntil is not null`

// forever stands for the limit "infinity".
var forever = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

// validity collects the rows of validSQL. The map has no entry for accounts
// without a limit.
func validity(results pgx.BatchResults) (map[string]*time.Time, error) {
	rows, err := results.Query()
	if err != nil {
		return nil, err
	}
	limits := map[string]*time.Time{}
	var name string
	var until pgtype.Timestamptz
	_, err = pgx.ForEachRow(rows, []any{&name, &until}, func() error {
		at := until.Time
		if until.InfinityModifier == pgtype.Infinity {
			at = forever
		}
		limits[name] = &at
		return nil
	})
	return limits, err
}

// queueValidity adds the statement that lets the server end password sign-ins
// of a grant's account a little after the grant. It lengthens a limit and sets
// one where there was none, and never shortens one: several grants of an
// account share it, and the latest counts. Nothing lifts it when access ends
// early; it only makes the account wait for its next activation.
func queueValidity(b *pgx.Batch, it *item, limits map[string]*time.Time) {
	present := limits[it.Account]
	want := forever
	if !it.Until.IsZero() {
		want = it.Until.UTC().Add(expirySlack).Truncate(time.Second)
	}
	if present != nil && !present.Before(want) {
		return
	}
	limits[it.Account] = &want
	text := "infinity"
	if want.Before(forever) {
		text = want.Format("2006-01-02 15:04:05Z07:00")
	}
	b.Queue("alter role " + quoted(it.Account) + " valid until '" + text + "'")
}
