package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/stint-pim/stint/core/connector"
)

// driver speaks to one server over one connection, which it opens at first use
// and again whenever it has broken.
type driver struct {
	settings settings
	config   *pgx.ConnConfig
	conn     *pgx.Conn // nil: none
	broken   *pgx.Conn // the last one that broke: Close waits for its end
	// ids are the object identifiers of roles and accounts that something was
	// granted of or to, by the name they had then. A name that is gone may
	// have become another one (rename.go). Lost with the driver; then a name
	// that is gone is simply gone.
	ids map[string]uint32
}

// session is a live connection with what is known of its server.
type session struct {
	*pgx.Conn
	settings settings
	version  string // as the server says, such as “15.8 (Debian 15.8-0+deb12u1)”
	// began is set once a grant may have been sent: from then on the work
	// must not be repeated unseen, because it would look as if the privilege
	// had been there before (Outcome.HeldBefore).
	began *bool
	ids   map[string]uint32 // the driver's
}

func (s *session) changing() { *s.began = true }

// Check connects and returns the server's name and version.
func (d *driver) Check(ctx context.Context) (version string, err error) {
	err = d.with(ctx, func(s *session) error {
		var standby bool
		if err := s.QueryRow(ctx, "select pg_is_in_recovery()").Scan(&standby); err != nil {
			return err
		}
		if standby {
			return errStandby()
		}
		version = "PostgreSQL " + s.version
		return nil
	})
	return version, err
}

// Close ends the connection. It may be called twice.
func (d *driver) Close() error {
	conn := d.conn
	d.conn = nil
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	if conn != nil {
		_ = conn.Close(ctx) // a server that doesn't take the farewell is no failure
		d.await(ctx, conn)
	}
	if d.broken != nil {
		d.await(ctx, d.broken)
		d.broken = nil
	}
	return nil
}

// await waits until conn's socket is closed: pgx closes one whose context
// ended in the background, because the server is told to cancel first.
func (d *driver) await(ctx context.Context, conn *pgx.Conn) {
	select {
	case <-conn.PgConn().CleanupDone():
	case <-ctx.Done():
	}
}

// with runs do on the connection. If an old connection turns out to be dead
// (the server was restarted), it connects anew and does it once more; what do
// does must therefore be harmless to repeat. Errors come out explained.
func (d *driver) with(ctx context.Context, do func(*session) error) error {
	fresh, began := d.conn == nil, false
	err := d.attempt(ctx, &began, do)
	if err != nil && !fresh && !began && d.conn == nil && ctx.Err() == nil {
		err = d.attempt(ctx, &began, do)
	}
	return d.settings.explain(ctx, err)
}

// durableSQL makes a server that was told to acknowledge what isn't on its disk
// yet wait for it in our session: a REVOKE that was proven must survive a crash.
const durableSQL = `select set_config('synchronous_commit', 'on', false) where current_setting('synchronous_commit') = 'off'`

// attempt runs do once, connecting first if need be, and forgets a connection
// that has broken.
func (d *driver) attempt(ctx context.Context, began *bool, do func(*session) error) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("%w: %w", connector.ErrUnreachable, err)
	}
	if d.conn == nil {
		conn, err := pgx.ConnectConfig(ctx, d.config.Copy())
		if err != nil {
			return err
		}
		d.conn = conn
		if _, err := conn.Exec(ctx, durableSQL); err != nil {
			_ = conn.Close(ctx)
			d.broken, d.conn = conn, nil
			return err
		}
	}
	version := d.conn.PgConn().ParameterStatus("server_version")
	err := do(&session{Conn: d.conn, settings: d.settings, version: version, began: began, ids: d.ids})
	if d.conn.PgConn().TxStatus() != 'I' && !d.conn.IsClosed() {
		// do left a transaction open because something in it failed.
		if _, back := d.conn.Exec(ctx, "rollback"); back != nil {
			err = errors.Join(err, back)
			_ = d.conn.Close(ctx)
		}
	}
	if d.conn.IsClosed() {
		d.broken, d.conn = d.conn, nil
		if err == nil {
			err = connector.ErrUnreachable
		}
	}
	return err
}
