package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/stint-pim/stint/core"
)

const (
	// headSuffix is what the name of the note has behind the database's.
	headSuffix = ".head"
	// noteEvery is how often it is written at most: what was written within that
	// time of a crash may be cut off unseen.
	noteEvery = time.Second
)

// note says beside the database how far its log has come. A write-ahead log that
// was cut off is for SQLite one that ends there, and yesterday's copy of a file
// is a database like any other: by the note a start sees that the end is gone.
// It is written after a commit and not waited for, so that it is never ahead of
// the disk. Whoever can write the files can write the note, too: it guards
// against damage, not against people.
type note struct {
	path string
	now  func() time.Time
	last core.Head // of the log
	at   time.Time // when it was last written
	done core.Head // what was last written
}

// take is called with the log's end after each commit, by one at a time.
func (n *note) take(h core.Head) {
	n.last = h
	if at := n.now(); n.at.IsZero() || at.Sub(n.at) >= noteEvery || at.Before(n.at) {
		n.at = at
		n.write()
	}
}

// write writes in place, which takes no room. A note that can't be written is
// one that is older.
func (n *note) write() {
	if n.last == n.done {
		return
	}
	f, err := os.OpenFile(n.path, os.O_WRONLY|os.O_CREATE, 0o600)
	if err != nil {
		return
	}
	_, err = f.WriteAt(fmt.Appendf(nil, "%020d %s\n", n.last.Seq, n.last.Hash), 0)
	if err = errors.Join(err, f.Close()); err == nil {
		n.done = n.last
	}
}

// noted reads the note beside a database. One that can't be read is none.
func noted(path string) (seq int64, hash core.Hash, ok bool) {
	b, err := os.ReadFile(path + headSuffix)
	if err != nil || len(b) > 200 {
		return 0, hash, false
	}
	var text string
	if n, err := fmt.Sscanf(string(b), "%d %s\n", &seq, &text); n != 2 || err != nil || hash.UnmarshalText([]byte(text)) != nil {
		return 0, hash, false
	}
	return seq, hash, seq > 0
}

// whole sees that the log still has the entry that is noted.
func whole(ctx context.Context, path string) (err error) {
	seq, hash, ok := noted(path)
	if !ok {
		return nil
	}
	// Closing a connection that may write moves what the write-ahead log holds
	// into the file; where something is missing nothing is to be changed.
	db, err := readOnly(path)
	if err != nil {
		return engine{path}.Error(err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	var logs int // none, where nothing at all came from the write-ahead log into the file
	if err := db.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'audit'").Scan(&logs); err != nil {
		return engine{path}.Error(err)
	}
	var b []byte
	err = sql.ErrNoRows
	if logs > 0 {
		err = db.QueryRowContext(ctx, "SELECT hash FROM audit WHERE seq = $1", seq).Scan(&b)
	}
	switch {
	case errors.Is(err, sql.ErrNoRows), err == nil && string(b) != string(hash[:]):
		e := core.Errorf(core.Unavailable, "", "storage.end_missing", "path", path, "seq", fmt.Sprint(seq))
		e.Err = fmt.Errorf("entry %d of the log is not the one that was noted", seq)
		return e
	case err != nil:
		return engine{path}.Error(err)
	}
	return nil
}
