package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"github.com/stint-pim/stint/core"
)

// Snapshot is what a database holds at one moment. It is valid within the call
// of Copy that made it.
type Snapshot struct {
	Schema  int64     // version of the schema
	Size    int64     // of the copy, in bytes
	First   core.Hash // of the first entry of the log, which names the store; zero: there is none
	Head    core.Head // the last entry
	High    time.Time // the highest time seen
	People  int64
	Systems int64 // besides Stint itself, without those removed
	Live    int64 // assignments that are scheduled or in force
	Grants  int64 // that systems should hold

	ctx   context.Context
	conn  *sql.Conn
	page  int64
	pages int64
	path  string
}

// Copy calls f with a snapshot of the database at path, beside the process that
// has it open, which may be this one.
//
// It reads pages in one read transaction on a connection of its own. So the
// writer is never held up (in WAL readers and writer don't wait for each
// other), the copy is of one moment however long it takes, and no second file
// in clear is made, as VACUUM INTO or SQLite's backup interface would. The price: the
// WAL can't be wound back meanwhile and grows by what is written.
func Copy(ctx context.Context, path string, f func(*Snapshot) error) (err error) {
	path, err = filepath.Abs(path)
	if err != nil {
		return fail(core.Unavailable, "storage.missing", path, err)
	}
	if _, err := look(path); err != nil {
		return err
	}
	e := engine{path}
	db, err := handle(path, 1, "mode=ro&_txlock=deferred", "busy_timeout("+ms(busyWait)+")", "query_only(1)", "cache_size(-2000)", "trusted_schema(0)")
	if err != nil {
		return e.Error(err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	conn, err := db.Conn(ctx)
	if err != nil {
		return e.Error(err)
	}
	defer func() { _ = conn.Close() }() // only hands the connection back
	// Not BeginTx: a transaction of database/sql is rolled back behind our back
	// when ctx ends, and what is read after that would be of another moment.
	if _, err := conn.ExecContext(ctx, "BEGIN"); err != nil {
		return e.Error(err)
	}
	defer func() { _, _ = conn.ExecContext(context.WithoutCancel(ctx), "ROLLBACK") }() // nothing was written
	s := &Snapshot{ctx: ctx, conn: conn, path: path}
	if err := s.measure(); err != nil {
		return e.Error(err)
	}
	return f(s)
}

// measure reads what a snapshot says of itself.
func (s *Snapshot) measure() error {
	var id int64
	for _, q := range []struct {
		query string
		into  *int64
	}{
		{"PRAGMA application_id", &id},
		{"SELECT max(version_id) FROM goose_db_version WHERE is_applied", &s.Schema},
		{"PRAGMA page_size", &s.page},
		{"PRAGMA page_count", &s.pages},
		{"SELECT count(*) FROM people", &s.People},
		{"SELECT count(*) FROM systems WHERE state <> 'removed' AND id <> '" + string(core.StintSystem) + "'", &s.Systems},
		{"SELECT count(*) FROM assignments WHERE live", &s.Live},
		{"SELECT count(*) FROM grants WHERE wanted", &s.Grants},
	} {
		if err := s.conn.QueryRowContext(s.ctx, q.query).Scan(q.into); err != nil {
			return fmt.Errorf("%s: %w", q.query, err)
		}
	}
	if id != applicationID {
		return fail(core.Unavailable, "storage.not_database", s.path, nil)
	}
	s.Size = s.page * s.pages
	var noted, high int64
	err := s.conn.QueryRowContext(s.ctx, "SELECT value FROM marks WHERE name = 'time'").Scan(&noted)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	if _, err := s.entry("ASC", &s.First, &high); err != nil {
		return err
	}
	if s.Head.Seq, err = s.entry("DESC", &s.Head.Hash, &high); err != nil {
		return err
	}
	if high = max(high, noted); high > 0 {
		s.High = time.UnixMicro(high).UTC()
	}
	return nil
}

// entry reads one end of the log.
func (s *Snapshot) entry(order string, hash *core.Hash, high *int64) (seq int64, err error) {
	var b []byte
	err = s.conn.QueryRowContext(s.ctx, "SELECT seq, hash, high_at FROM audit ORDER BY seq "+order+" LIMIT 1").Scan(&seq, &b, high)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return 0, nil
	case err != nil:
		return 0, err
	case len(b) != len(hash):
		return 0, fail(core.Unavailable, "storage.damaged", s.path, errors.New("a hash of the log is cut off"))
	}
	*hash = core.Hash(b)
	return seq, nil
}

// WriteTo writes the database file of the snapshot, exactly Size bytes. It
// ends when the context of Copy does.
func (s *Snapshot) WriteTo(w io.Writer) (n int64, err error) {
	e := engine{s.path}
	rows, err := s.conn.QueryContext(s.ctx, "SELECT pgno, data FROM sqlite_dbpage ORDER BY pgno")
	if err != nil {
		return 0, e.Error(err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for s.ctx.Err() == nil && rows.Next() {
		var number int64
		var data sql.RawBytes
		if err := rows.Scan(&number, &data); err != nil {
			return n, e.Error(err)
		}
		if number != n/s.page+1 || int64(len(data)) != s.page {
			return n, fail(core.Unavailable, "storage.damaged", s.path, fmt.Errorf("page %d has %d bytes", number, len(data)))
		}
		m, err := w.Write(data)
		n += int64(m)
		if err != nil {
			return n, err
		}
	}
	if s.ctx.Err() != nil {
		return n, core.Wrap(core.Canceled, "storage.canceled", s.ctx.Err())
	}
	if err := rows.Err(); err != nil {
		return n, e.Error(err)
	}
	if n != s.Size {
		return n, fail(core.Unavailable, "storage.damaged", s.path, fmt.Errorf("%d bytes of %d", n, s.Size))
	}
	return n, nil
}
