package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/pressly/goose/v3"
	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/storage"
	"github.com/stint-pim/stint/storage/migrations"
)

const (
	// readers is how many connections read beside the writer.
	readers = 4
	// busyWait is how long a foreign program's lock is waited for. Stint's own
	// connections never wait for each other.
	busyWait = 2 * time.Second
	// writerCache and readerCache are how much of the file a connection keeps, in
	// KiB. The system keeps the rest; twice as much made nothing quicker. A reader
	// forgets what it has whenever something was written.
	writerCache = 4000
	readerCache = 1000
	// checkBelow is the size of file up to which its structure is checked at
	// every start: it takes about 4 ms a MiB, and a start should stay quick. A
	// larger one is checked checkAfter the start, while it is used.
	checkBelow = 16 << 20
	checkAfter = time.Minute
	// applicationID marks a file as Stint's ("Stnt").
	applicationID = 0x53746e74
	// header begins every SQLite file.
	header = "SQLite format 3\x00"
)

// Options of Open.
type Options struct {
	// Outbox and DropDeliveries are those of storage.Options.
	Outbox         storage.Outbox
	DropDeliveries bool
	// Now is the clock for lists; nil: time.Now.
	Now func() time.Time
	// Unsafe doesn't wait for the disk. A power cut may then cost the whole
	// file: only for making sample data.
	Unsafe bool
	// CheckAfter is how long after the start a large file is looked through;
	// 0: a minute.
	CheckAfter time.Duration
	// Behind is that of storage.Options.
	Behind int
}

// Open opens the database at path for this process alone, and makes file and
// folder if there are none. A failure is a *core.Error that says what is wrong
// with the file.
func Open(ctx context.Context, path string, o Options) (*storage.DB, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fail(core.Unavailable, "storage.no_folder", path, err)
	}
	db, err := open(ctx, path, o)
	// On a disk that is full to the last byte not even the files beside the
	// database can be made; but what is overdue must end.
	for errors.Is(err, &core.Error{Code: core.Unavailable, Key: core.KeyFull}) && (reserve{path + reserveSuffix}).Give() {
		db, err = open(ctx, path, o)
	}
	return db, err
}

func open(ctx context.Context, path string, o Options) (db *storage.DB, err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fail(core.Unavailable, "storage.no_folder", filepath.Dir(path), err)
	}
	l, err := take(path)
	if err != nil {
		return nil, err
	}
	opened := false
	defer func() {
		if !opened { // also where storage.New has closed it: twice does no harm
			_ = l.free()
		}
	}()
	if err := writable(path); err != nil {
		return nil, err
	}
	e := engine{path}
	if info, err := os.Stat(path); err == nil && info.Size() > 0 {
		if err := whole(ctx, path); err != nil {
			return nil, err
		}
	}
	sync := "FULL"
	if o.Unsafe {
		sync = "OFF"
	}
	writer, err := handle(path, 1, "_txlock=immediate",
		"busy_timeout("+ms(busyWait)+")", "journal_mode(WAL)", "synchronous("+sync+")", "foreign_keys(1)",
		cache(writerCache), "temp_store(MEMORY)", "journal_size_limit(67108864)", "trusted_schema(0)")
	if err != nil {
		return nil, e.Error(err)
	}
	if err := prepare(ctx, writer, path); err != nil {
		return nil, errors.Join(e.Error(err), writer.Close())
	}
	reader, err := handle(path, readers, "_txlock=deferred",
		"busy_timeout("+ms(busyWait)+")", "query_only(1)", cache(readerCache), "temp_store(MEMORY)", "trusted_schema(0)")
	if err != nil {
		return nil, errors.Join(e.Error(err), writer.Close())
	}
	var inspect func(context.Context) error
	if info, err := os.Stat(path); err == nil && info.Size() > checkBelow {
		inspect = func(ctx context.Context) error { return checkLater(ctx, path, cmp.Or(o.CheckAfter, checkAfter)) }
	}
	var spare storage.Reserve
	closed := l.free
	var noted func(core.Head)
	if !o.Unsafe {
		spare = reserve{path + reserveSuffix}
		n := &note{path: path + headSuffix, now: o.Now}
		if n.now == nil {
			n.now = time.Now
		}
		noted = n.take
		closed = func() error { n.write(); return l.free() }
	}
	db, err = storage.New(ctx, writer, reader, storage.Options{
		Engine: e, Outbox: o.Outbox, DropDeliveries: o.DropDeliveries, Alone: true, Now: o.Now, Closed: closed, Noted: noted, Reserve: spare, Inspect: inspect, Behind: o.Behind,
	})
	opened = err == nil
	return db, err
}

// OpenReadOnly opens the database at path without changing anything, not even
// its version, and without the lock: for checking a file that nobody serves.
// Its Update always fails.
func OpenReadOnly(ctx context.Context, path string) (*storage.DB, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fail(core.Unavailable, "storage.missing", path, err)
	}
	switch empty, err := look(path); {
	case err != nil:
		return nil, err
	case empty:
		return nil, fail(core.Unavailable, "storage.not_database", path, nil)
	}
	e := engine{path}
	reader, err := readOnly(path)
	if err != nil {
		return nil, e.Error(err)
	}
	if err := same(ctx, reader, path); err != nil {
		return nil, errors.Join(e.Error(err), reader.Close())
	}
	return storage.New(ctx, nil, reader, storage.Options{Engine: e})
}

// readOnly makes a handle that changes nothing and makes no file.
func readOnly(path string) (*sql.DB, error) {
	more := "mode=ro"
	if _, err := os.Stat(path + "-wal"); errors.Is(err, fs.ErrNotExist) {
		more += "&immutable=1" // else SQLite makes files beside it
	}
	return handle(path, readers, more, "busy_timeout("+ms(busyWait)+")", "query_only(1)", "trusted_schema(0)")
}

// handle makes a handle of n connections that are kept for its life.
func handle(path string, n int, more string, pragmas ...string) (*sql.DB, error) {
	slashed := filepath.ToSlash(path)
	if runtime.GOOS == "windows" {
		slashed = "/" + strings.TrimPrefix(slashed, "/") // file:///C:/…
	}
	q := url.Values{"_pragma": pragmas}
	u := url.URL{Scheme: "file", Path: slashed, RawQuery: more + "&" + q.Encode()}
	db, err := sql.Open("sqlite", u.String())
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(n)
	db.SetMaxIdleConns(n)
	return db, nil
}

func cache(kib int) string { return fmt.Sprintf("cache_size(-%d)", kib) }

func ms(d time.Duration) string { return fmt.Sprint(d.Milliseconds()) }

// look reads the file's first bytes. An empty file is a database to be.
func look(path string) (empty bool, err error) {
	f, err := os.Open(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false, fail(core.Unavailable, "storage.missing", path, err)
	case err != nil:
		return false, fail(core.Unavailable, "storage.denied", path, err)
	}
	defer func() { _ = f.Close() }() // was only read
	b := make([]byte, len(header))
	n, err := f.Read(b)
	if n == 0 && err != nil {
		info, statErr := f.Stat()
		if statErr == nil && info.Mode().IsRegular() && info.Size() == 0 {
			return true, nil
		}
		return false, fail(core.Unavailable, "storage.not_database", path, err)
	}
	if string(b[:n]) != header {
		return false, fail(core.Unavailable, "storage.not_database", path, nil)
	}
	return false, nil
}

// writable makes the file, or sees that it can be written, and keeps others
// from it: a backup that was copied back may be open to all, and what SQLite
// makes beside it would be, too.
func writable(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err == nil {
		err = f.Close()
	}
	if err != nil {
		// Not readable either, or no file at all: look says so.
		if _, lookErr := look(path); lookErr != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(lookErr, fs.ErrNotExist) {
			return lookErr
		}
		return fail(core.Unavailable, "storage.read_only", path, err)
	}
	empty, err := look(path)
	if err != nil {
		return err
	}
	// The reserve is made last: where there is one, there was a database.
	if empty && (reserve{path + reserveSuffix}).Left() {
		return fail(core.Unavailable, "storage.damaged", path, errors.New("the file is empty"))
	}
	if info, err := os.Stat(path); err == nil && info.Mode().Perm()&0o077 != 0 {
		for _, name := range []string{path, path + "-wal", path + "-shm"} {
			_ = os.Chmod(name, 0o600) // it may not be ours to close, or not be there
		}
	}
	return nil
}

// prepare checks the file and brings its schema up to date.
func prepare(ctx context.Context, db *sql.DB, path string) error {
	var id, tables int64
	if err := db.QueryRowContext(ctx, "PRAGMA application_id").Scan(&id); err != nil {
		return err
	}
	if err := db.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_master").Scan(&tables); err != nil {
		return err
	}
	if id != applicationID && tables > 0 {
		return fail(core.Unavailable, "storage.not_database", path, nil)
	}
	if err := check(ctx, db, path); err != nil {
		return err
	}
	if id == 0 {
		if _, err := db.ExecContext(ctx, fmt.Sprintf("PRAGMA application_id = %d", applicationID)); err != nil {
			return err
		}
	}
	p, err := provider(db)
	if err != nil {
		return err
	}
	have, want, err := p.GetVersions(ctx)
	if err != nil {
		return fmt.Errorf("read the schema's version: %w", err)
	}
	if have > want {
		return fail(core.Unavailable, "storage.newer", path, nil)
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("bring the schema up to date: %w", err)
	}
	return nil
}

func provider(db *sql.DB) (*goose.Provider, error) {
	p, err := goose.NewProvider(goose.DialectSQLite3, db, migrations.For(migrations.SQLite), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return nil, fmt.Errorf("read the schema's steps: %w", err)
	}
	return p, nil
}

// same sees that the schema is the one this program knows.
func same(ctx context.Context, db *sql.DB, path string) error {
	var id int64
	if err := db.QueryRowContext(ctx, "PRAGMA application_id").Scan(&id); err != nil {
		return err
	}
	if id != applicationID {
		return fail(core.Unavailable, "storage.not_database", path, nil)
	}
	p, err := provider(db)
	if err != nil {
		return err
	}
	var have int64
	if err := db.QueryRowContext(ctx, "SELECT max(version_id) FROM goose_db_version WHERE is_applied").Scan(&have); err != nil {
		return err
	}
	steps := p.ListSources()
	switch want := steps[len(steps)-1].Version; {
	case have > want:
		return fail(core.Unavailable, "storage.newer", path, nil)
	case have < want:
		return fail(core.Unavailable, "storage.older", path, nil)
	}
	return check(ctx, db, path)
}

// check looks through the structure of a file that is not too big for it.
// Changes within a row are for the audit chain to find.
func check(ctx context.Context, db *sql.DB, path string) error {
	info, err := os.Stat(path)
	if err != nil || info.Size() == 0 || info.Size() > checkBelow {
		return err
	}
	return quickCheck(ctx, db, path)
}

func quickCheck(ctx context.Context, db *sql.DB, path string) error {
	var answer string
	if err := db.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&answer); err != nil {
		return err
	}
	if answer != "ok" {
		return fail(core.Unavailable, "storage.damaged", path, errors.New(answer))
	}
	return nil
}

// checkLater is check for a large file that is in use, over a connection of its
// own, so that nobody waits for it.
func checkLater(ctx context.Context, path string, after time.Duration) (err error) {
	select {
	case <-time.After(after):
	case <-ctx.Done():
		return nil
	}
	db, err := handle(path, 1, "_txlock=deferred", "busy_timeout("+ms(busyWait)+")", "query_only(1)", "cache_size(-500)", "trusted_schema(0)")
	if err != nil {
		return engine{path}.Error(err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := quickCheck(ctx, db, path); err != nil {
		return engine{path}.Error(err)
	}
	return nil
}
