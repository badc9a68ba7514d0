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
	cluster  string    // the server's own identifier, as last connected to
	// stale are the server's processes of connections that broke.
	stale []uint32
	// told are the sessions that were told to end, by the account that loses a
	// privilege, until an outcome has said so. A call that breaks in between
	// leaves them to the next one, which finds them gone.
	told map[string]map[int32]bool
}

// session is a live connection with what is known of its server.
type session struct {
	*pgx.Conn
	settings settings
	version  string // as the server says, such as “15.8 (Debian 15.8-0+deb12u1)”
	// began is set once a grant may have been sent: from then on the work
	// must not be repeated unseen, because it would look as if the privilege
	// had been there before (Outcome.HeldBefore).
	began   *bool
	cluster string // the server's own identifier
	told    map[string]map[int32]bool
	said    map[string]bool // accounts whose ended sessions stand in an outcome
}

func (s *session) changing() { *s.began = true }

// Check connects and returns the server's name and version.
func (d *driver) Check(ctx context.Context) (version string, err error) {
	err = d.with(ctx, func(s *session) error {
		version = "PostgreSQL " + s.version
		return s.Ping(ctx)
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

// sessionSQL sets up our session. A server that was told to acknowledge what
// isn't on its disk yet shall wait for it: a REVOKE that was proven must survive
// a crash. Look-ups go by index, whatever the statistics say. A connection that
// is dead on our side must not live on at the server, and what waits there for
// a lock gives up long before we do (lockWait in lock.go).
//
// The first column tells one cluster from another (object.go), the second
// whether it is a standby: what that says may be old, and would let a privilege
// seem to be taken away that is there (F22).
const sessionSQL = `
select (select system_identifier::text from pg_catalog.pg_control_system()), pg_is_in_recovery(), set_config('enable_seqscan', 'off', false),
       set_config('tcp_keepalives_idle', '30', false), set_config('tcp_keepalives_interval', '10', false), set_config('tcp_keepalives_count', '3', false),
       set_config('lock_timeout', '300ms', false), set_config('statement_timeout', '10s', false),
       case when current_setting('synchronous_commit') = 'off' then set_config('synchronous_commit', 'on', false) end,
       case when current_setting('server_version_num')::int >= 120000 then set_config('plan_cache_mode', 'force_generic_plan', false) end`

// Names of the prepared statements: planning them each time took longer than
// everything else. The server would go on doing so, because a plan made for the
// very lists it is given seems cheaper to it: hence plan_cache_mode above.
const (
	lookName  = "stint_look"
	openName  = "stint_open"
	guardName = "stint_guard"
)

// staleSQL ends what the server still runs of a connection that broke on our
// side. A GRANT that was on its way there could otherwise be carried out later,
// after a REVOKE on this connection had been proven.
const staleSQL = `
select pg_terminate_backend(pid) from pg_catalog.pg_stat_activity
where pid = any($1::int[]) and usename = session_user and application_name = 'stint' and pid <> pg_backend_pid()`

// connect opens the connection and prepares it.
func (d *driver) connect(ctx context.Context) error {
	conn, err := pgx.ConnectConfig(ctx, d.config.Copy())
	if err != nil {
		return err
	}
	cluster := ""
	set, err := conn.PgConn().Exec(ctx, sessionSQL).ReadAll()
	if err == nil && len(set) == 1 && len(set[0].Rows) == 1 {
		cluster = string(set[0].Rows[0][0])
		if string(set[0].Rows[0][1]) == "t" {
			err = errStandby()
		}
	}
	for _, p := range [][2]string{{lookName, lookSQL}, {openName, openSQL}, {guardName, guardSQL}} {
		if err == nil {
			_, err = conn.Prepare(ctx, p[0], p[1])
		}
	}
	if err == nil && len(d.stale) > 0 {
		_, err = conn.Exec(ctx, staleSQL, d.stale)
	}
	if err != nil {
		_ = conn.Close(ctx)
		d.broken = conn
		return err
	}
	d.conn, d.stale, d.cluster = conn, nil, cluster
	return nil
}

// attempt runs do once, connecting first if need be, and forgets a connection
// that has broken.
func (d *driver) attempt(ctx context.Context, began *bool, do func(*session) error) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("%w: %w", connector.ErrUnreachable, err)
	}
	if d.conn == nil {
		if err := d.connect(ctx); err != nil {
			return err
		}
	}
	version := d.conn.PgConn().ParameterStatus("server_version")
	err := do(&session{
		Conn: d.conn, settings: d.settings, version: version, began: began, cluster: d.cluster,
		told: d.told, said: map[string]bool{},
	})
	if d.conn.PgConn().TxStatus() != 'I' && !d.conn.IsClosed() {
		// do left a transaction open because something in it failed.
		if _, back := d.conn.Exec(ctx, "rollback"); back != nil {
			err = errors.Join(err, back)
			_ = d.conn.Close(ctx)
		}
	}
	if d.conn.IsClosed() {
		d.stale = append(d.stale, d.conn.PgConn().PID())
		d.broken, d.conn = d.conn, nil
		if err == nil {
			err = connector.ErrUnreachable
		}
	}
	return err
}
