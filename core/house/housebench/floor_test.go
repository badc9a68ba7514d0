package housebench

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/auth/mfa"
)

// The floor is the least that does the same: a request over HTTP, a code
// checked, intent and audit entry durable, GRANT committed, outcome and audit
// entry durable, answer; and for what is due, REVOKE in batches and its outcome.
// It has no policy, looks at nothing before and reads nothing back, and one bad
// name would bring it down.

// row is one write: a statement with its arguments.
type row struct {
	sql  string
	args []any
}

const (
	addRow   = "INSERT INTO activation(id,usr,until,state) VALUES(?,?,?,?)"
	setState = "UPDATE activation SET state=? WHERE id=?"
	addAudit = "INSERT INTO audit(at,actor,action,detail,hash) VALUES(?,?,?,?,?)"
)

// floor is the store and the one connection to the server.
type floor struct {
	db    *sql.DB
	pg    *pgx.Conn
	stmts map[string]*sql.Stmt
	prev  [32]byte
	work  chan write
	asks  chan ask
}

type write struct {
	rows []row
	done chan error
}

type ask struct {
	sql  string
	done chan error
}

// openFloor opens the floor's file and connects to the server.
func openFloor(file string, connect func(context.Context) (*pgx.Conn, error)) (*floor, error) {
	db, err := sql.Open("sqlite", "file:"+file+"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_txlock=immediate")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	for _, q := range []string{
		"CREATE TABLE IF NOT EXISTS activation(id INTEGER PRIMARY KEY, usr TEXT, until INT, state TEXT)",
		"CREATE INDEX IF NOT EXISTS due ON activation(until) WHERE state IN ('intent','active')",
		"CREATE TABLE IF NOT EXISTS audit(seq INTEGER PRIMARY KEY, at INT, actor TEXT, action TEXT, detail TEXT, hash BLOB)",
	} {
		if _, err := db.Exec(q); err != nil {
			return nil, err
		}
	}
	f := &floor{db: db, stmts: map[string]*sql.Stmt{}, work: make(chan write, 1024), asks: make(chan ask, 1024)}
	for _, q := range []string{addRow, setState, addAudit} {
		if f.stmts[q], err = db.Prepare(q); err != nil {
			return nil, err
		}
	}
	if f.pg, err = connect(context.Background()); err != nil {
		return nil, err
	}
	go f.commits()
	go f.grants()
	return f, nil
}

func (f *floor) close() error {
	close(f.work)
	close(f.asks)
	_ = f.pg.Close(context.Background())
	return f.db.Close()
}

// take returns first and what waits behind it, at most n.
func take[T any](first T, more chan T, n int) []T {
	all := []T{first}
	for len(all) < n {
		select {
		case t, ok := <-more:
			if !ok {
				return all
			}
			all = append(all, t)
		default:
			return all
		}
	}
	return all
}

// commits is the one writer: what waits goes into one durable transaction.
func (f *floor) commits() {
	for first := range f.work {
		batch := take(first, f.work, 256)
		err := f.commit(batch)
		for _, w := range batch {
			w.done <- err
		}
	}
}

func (f *floor) commit(batch []write) error {
	tx, err := f.db.Begin()
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // nothing, after the commit
	for _, w := range batch {
		for _, r := range w.rows {
			if r.sql == addAudit {
				h := sha256.New()
				h.Write(f.prev[:])
				fmt.Fprint(h, r.args...)
				h.Sum(f.prev[:0])
				r.args = append(r.args, append([]byte(nil), f.prev[:]...))
			}
			if _, err := tx.Stmt(f.stmts[r.sql]).Exec(r.args...); err != nil {
				return err
			}
		}
	}
	return tx.Commit()
}

func (f *floor) write(rows ...row) error {
	w := write{rows, make(chan error, 1)}
	f.work <- w
	return <-w.done
}

// grants is the one worker of the server: what waits goes there as one
// transaction, which several statements in one message are.
func (f *floor) grants() {
	for first := range f.asks {
		batch := take(first, f.asks, 500)
		var all strings.Builder
		for _, a := range batch {
			all.WriteString(a.sql + ";")
		}
		_, err := f.pg.Exec(context.Background(), all.String(), pgx.QueryExecModeSimpleProtocol)
		for _, a := range batch {
			a.done <- err
		}
	}
}

func (f *floor) ask(sql string) error {
	a := ask{sql, make(chan error, 1)}
	f.asks <- a
	return <-a.done
}

// handler answers activations.
func (f *floor) handler(secret core.Secret) http.Handler {
	var id atomic.Int64
	id.Store(1 << 40) // apart from those that a cohort has
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var in struct{ Account, Reason, Code string }
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		if _, ok := mfa.Match(secret, core.NewSecret(in.Code), time.Now()); !ok {
			http.Error(w, "code", http.StatusUnauthorized)
			return
		}
		i, now := id.Add(1), time.Now()
		until := now.Add(time.Hour)
		err := f.write(row{addRow, []any{i, in.Account, until.UnixNano(), "intent"}}, row{addAudit, []any{now.UnixNano(), in.Account, "activate", in.Reason}})
		if err == nil {
			err = f.ask("GRANT jitfloor TO " + in.Account)
		}
		if err == nil {
			err = f.write(row{setState, []any{"active", i}}, row{addAudit, []any{time.Now().UnixNano(), "system", "granted", in.Account}})
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]any{"id": i, "until": until})
	})
}

// revokeDue revokes what is due at now, in batches, and notes what came of it.
func (f *floor) revokeDue(role string, now time.Time) error {
	for {
		rows, err := f.db.Query("SELECT id,usr FROM activation WHERE state IN ('intent','active') AND until<=? ORDER BY until LIMIT 500", now.UnixNano())
		if err != nil {
			return err
		}
		var ids []int64
		var users []string
		for rows.Next() {
			var id int64
			var user string
			if err := rows.Scan(&id, &user); err != nil {
				return err
			}
			ids, users = append(ids, id), append(users, user)
		}
		if err := rows.Close(); err != nil || len(ids) == 0 {
			return err
		}
		if err := f.ask("REVOKE " + role + " FROM " + strings.Join(users, ",")); err != nil {
			return err
		}
		var out []row
		for i, id := range ids {
			out = append(out, row{setState, []any{"revoked", id}}, row{addAudit, []any{time.Now().UnixNano(), "system", "expire", users[i]}})
		}
		if err := f.write(out...); err != nil {
			return err
		}
	}
}

// floor opens the floor until stop.
func (w *world) floor() *floor {
	w.Helper()
	f, err := openFloor(w.floorFile(), func(ctx context.Context) (*pgx.Conn, error) { return w.pg.Connect(ctx, w.pg.User, w.pg.Password) })
	w.ok(err)
	w.serving = append(w.serving, func() { w.ok(f.close()) })
	return f
}

// serveFloor serves the floor on loopback until stop.
func (w *world) serveFloor(f *floor) string {
	w.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	w.ok(err)
	s := &http.Server{Handler: f.handler(w.secret), ReadHeaderTimeout: time.Minute}
	go func() { _ = s.Serve(l) }()
	w.serving = append(w.serving, func() { w.ok(s.Close()) })
	return "http://" + l.Addr().String()
}

var _ testing.TB = (*world)(nil)
