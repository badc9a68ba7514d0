package postgres_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/connector"
	"github.com/stint-pim/stint/core/connector/postgres"
)

// serve listens on loopback and hands each connection to do; everything has
// ended when the test has.
func serve(t *testing.T, do func(net.Conn)) (port int) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var wait sync.WaitGroup
	wait.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			wait.Go(func() {
				defer func() { _ = c.Close() }()
				do(c)
			})
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		wait.Wait()
	})
	return l.Addr().(*net.TCPAddr).Port
}

// proxy passes bytes between the driver and the cluster. request sees what
// goes to the server before it goes, and answer what comes back; the latter
// cuts the connection by returning false.
func (w *world) proxy(t *testing.T, request func([]byte), answer func() bool) {
	port := serve(t, func(client net.Conn) {
		server, err := net.Dial("tcp", net.JoinHostPort(w.Host, strconv.Itoa(w.Port)))
		if err != nil {
			return
		}
		defer func() { _ = server.Close() }()
		var wait sync.WaitGroup
		defer wait.Wait()
		wait.Go(func() {
			defer func() { _ = client.Close() }()
			buf := make([]byte, 64<<10)
			for {
				n, err := server.Read(buf)
				if err != nil || !answer() {
					return
				}
				if _, err := client.Write(buf[:n]); err != nil {
					return
				}
			}
		})
		buf := make([]byte, 64<<10)
		for {
			n, err := client.Read(buf)
			if n > 0 {
				request(buf[:n])
				if _, err := server.Write(buf[:n]); err != nil {
					return
				}
			}
			if err != nil {
				_ = server.(*net.TCPConn).CloseWrite()
				return
			}
		}
	})
	w.extra["port"] = strconv.Itoa(port)
}

// commits reports whether a request holds the statement commit.
func commits(b []byte) bool { return bytes.Contains(b, []byte("\x00commit\x00")) }

// TestLostAnswer is F11: the GRANT is committed and the answer is lost. The
// call says that nothing is known; it doesn't try again by itself, because the
// privilege would then seem to have been there before; the next call finds it.
func TestLostAnswer(t *testing.T) {
	w := newWorld(t, true, "sslmode", "disable")
	role, alice := w.pair(t)
	var cut, committing atomic.Bool
	w.proxy(t, func(b []byte) { committing.Store(committing.Load() || commits(b)) }, func() bool {
		return !(committing.Load() && cut.Swap(false)) // the server has answered, so it has committed
	})
	d := w.open(t)
	if o := one(t, d, revoke(role, alice)); o.Err != nil { // connected, and the connection is not fresh
		t.Fatal(o.Err)
	}
	cut.Store(true)
	out, err := d.Apply(within(t, 10*time.Second), []connector.Task{grant(role, alice)})
	if !errors.Is(err, connector.ErrUnreachable) {
		t.Errorf("the answer was lost: %v, %v; want ErrUnreachable", out, err)
	}
	if !w.Holds(t, role, alice) {
		t.Error("the test lost the request instead of the answer")
	}
	if o := one(t, d, grant(role, alice)); o.Err != nil || !o.HeldBefore {
		t.Errorf("the next call: %v, held before %v", o.Err, o.HeldBefore)
	}
	if o := one(t, d, revoke(role, alice)); o.Err != nil || w.Holds(t, role, alice) {
		t.Errorf("revoke: %v", o.Err)
	}
	if err := d.Close(); err != nil {
		t.Error(err)
	}
}

// TestLateGrant: a GRANT that got stuck on its way must not arrive after the
// REVOKE that was given and proven meanwhile.
func TestLateGrant(t *testing.T) {
	w := newWorld(t, true, "sslmode", "disable")
	role, alice := w.pair(t)
	release, passed := make(chan struct{}), make(chan struct{})
	var stuck atomic.Bool
	w.proxy(t, func(b []byte) {
		if commits(b) && !stuck.Swap(true) { // the first, and not the removal that follows on another connection
			<-release
			close(passed)
		}
	}, func() bool { return true })
	d := w.open(t)
	if _, err := d.Apply(within(t, 500*time.Millisecond), []connector.Task{grant(role, alice)}); !errors.Is(err, connector.ErrUnreachable) {
		t.Errorf("a grant that got stuck: %v; want ErrUnreachable", err)
	}
	if o := one(t, d, revoke(role, alice)); o.Err != nil || o.Evidence.Holds {
		t.Errorf("revoke: %v, %+v", o.Err, o.Evidence)
	}
	close(release)
	<-passed
	// The old process of the server has ended when only one of ours is left.
	var left int
	for deadline := time.Now().Add(5 * time.Second); time.Now().Before(deadline); {
		if err := w.conn(t).QueryRow(t.Context(), "select count(*) from pg_stat_activity where usename = $1", w.user).Scan(&left); err != nil {
			t.Fatal(err)
		}
		if left == 1 {
			break
		}
	}
	if left != 1 || w.Holds(t, role, alice) {
		t.Errorf("%d sessions of ours are left, and alice holds the role: %v", left, w.Holds(t, role, alice))
	}
	if err := d.Close(); err != nil {
		t.Error(err)
	}
}

// script is a server that imitates PostgreSQL's protocol far enough to answer
// what no installed version does: from 16 on, each grantor has a membership of
// his own, and REVOKE takes only ours.
type script struct {
	mu         sync.Mutex
	grantors   []string // of the one membership there is; guarded by mu
	ours       bool     // whether one of them is the session's; guarded by mu
	statements []string // that change something; guarded by mu
}

func (s *script) serve(c net.Conn) {
	b := pgproto3.NewBackend(c, c)
	if _, err := b.ReceiveStartupMessage(); err != nil {
		return
	}
	b.Send(&pgproto3.AuthenticationOk{})
	b.Send(&pgproto3.ParameterStatus{Name: "server_version", Value: "17.2 (imitation)"})
	b.Send(&pgproto3.BackendKeyData{ProcessID: 1, SecretKey: []byte{1, 2, 3, 4}})
	b.Send(&pgproto3.ReadyForQuery{TxStatus: 'I'})
	sql, tx := "", byte('I')
	prepared := map[string]string{}
	for b.Flush() == nil {
		msg, err := b.Receive()
		if err != nil {
			return
		}
		switch m := msg.(type) {
		case *pgproto3.Parse:
			sql = m.Query
			prepared[m.Name] = sql
			b.Send(&pgproto3.ParseComplete{})
		case *pgproto3.Bind:
			sql = prepared[m.PreparedStatement]
			b.Send(&pgproto3.BindComplete{})
		case *pgproto3.Describe:
			if m.ObjectType == 'S' {
				sql = prepared[m.Name]
				b.Send(&pgproto3.ParameterDescription{ParameterOIDs: append(slices.Repeat([]uint32{1009}, strings.Count(sql, "::text[]")),
					slices.Repeat([]uint32{1028}, strings.Count(sql, "::oid[]"))...)})
			}
			s.describe(b, sql)
		case *pgproto3.Execute:
			switch sql {
			case "begin":
				tx = 'T'
			case "commit":
				tx = 'I'
			}
			s.execute(b, sql)
		case *pgproto3.Sync:
			b.Send(&pgproto3.ReadyForQuery{TxStatus: tx})
		case *pgproto3.Query:
			if strings.Contains(m.String, "system_identifier") {
				var fields []pgproto3.FieldDescription
				for range 8 {
					fields = append(fields, pgproto3.FieldDescription{Name: []byte("x"), DataTypeOID: 25, DataTypeSize: -1, TypeModifier: -1})
				}
				b.Send(&pgproto3.RowDescription{Fields: fields})
				b.Send(&pgproto3.DataRow{Values: slices.Repeat([][]byte{[]byte("1")}, 8)})
			}
			b.Send(&pgproto3.CommandComplete{CommandTag: []byte("OK")})
			b.Send(&pgproto3.ReadyForQuery{TxStatus: tx})
		case *pgproto3.Terminate:
			return
		}
	}
}

func looks(sql string) bool { return strings.Contains(sql, "with ordinality") }

func (s *script) describe(b *pgproto3.Backend, sql string) {
	if !looks(sql) {
		b.Send(&pgproto3.NoData{})
		return
	}
	var fields []pgproto3.FieldDescription
	for i, oid := range []uint32{20, 26, 26, 25, 25, 1009} { // int8, oid, oid, text, text, text[]
		fields = append(fields, pgproto3.FieldDescription{Name: []byte(strconv.Itoa(i)), DataTypeOID: oid, DataTypeSize: -1, TypeModifier: -1})
	}
	b.Send(&pgproto3.RowDescription{Fields: fields})
}

func (s *script) execute(b *pgproto3.Backend, sql string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case looks(sql):
		names := s.grantors
		if s.ours {
			names = append([]string{"stint"}, names...)
		}
		b.Send(&pgproto3.DataRow{Values: [][]byte{[]byte("1"), []byte("10"), []byte("11"), []byte("dba"), []byte("carol"), []byte("{" + strings.Join(names, ",") + "}")}})
	case strings.HasPrefix(sql, "grant "):
		s.ours = true
		s.statements = append(s.statements, sql)
	case strings.HasPrefix(sql, "revoke "):
		s.ours = false
		s.statements = append(s.statements, sql)
	}
	b.Send(&pgproto3.CommandComplete{CommandTag: []byte("OK")})
}

// TestOtherGrantor: what another grantor gave is neither doubled nor passed
// over in silence.
func TestOtherGrantor(t *testing.T) {
	s := &script{grantors: []string{`"al,ice"`, "bob"}}
	port := serve(t, s.serve)
	d, err := postgres.Kind{}.Open(connector.Config{Settings: map[string]string{
		"host": "127.0.0.1", "port": strconv.Itoa(port), "user": "stint", "sslmode": "disable", "end_sessions": "false",
	}, Secret: core.NewSecret("x")})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = d.Close() }()
	if o := one(t, d, grant("dba", "carol")); o.Err != nil || !o.HeldBefore || len(s.statements) != 0 {
		t.Errorf("grant of what another granted: %v, held before %v, %q; want nothing done", o.Err, o.HeldBefore, s.statements)
	}
	o := one(t, d, revoke("dba", "carol"))
	if !errors.Is(o.Err, connector.ErrNotAllowed) || !o.Evidence.Holds {
		t.Errorf("revoke: %v, %+v; want ErrNotAllowed", o.Err, o.Evidence)
	}
	want := "“carol” still holds “dba”, because “al,ice”, “bob” granted it too. An administrator has to run: REVOKE \"dba\" FROM \"carol\" GRANTED BY \"al,ice\""
	if got := connector.Problem(o.Err); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	s.mu.Lock()
	s.grantors = nil
	s.mu.Unlock()
	if o := one(t, d, grant("dba", "carol")); o.Err != nil || o.HeldBefore {
		t.Errorf("grant: %v, held before %v", o.Err, o.HeldBefore)
	}
	if o := one(t, d, revoke("dba", "carol")); o.Err != nil {
		t.Errorf("revoke of our own: %v", o.Err)
	}
}

// TestGarbage: a server that speaks something else is unreachable, soon.
func TestGarbage(t *testing.T) {
	for _, answer := range []string{"", "HTTP/1.1 400 Bad Request\r\n\r\n", "N", strings.Repeat("\x00", 4096), "R\xff\xff\xff\xff"} {
		port := serve(t, func(c net.Conn) {
			_, _ = io.ReadAtLeast(c, make([]byte, 8), 8)
			_, _ = io.WriteString(c, answer)
		})
		for _, mode := range []string{"disable", "verify-full"} {
			d, err := postgres.Kind{}.Open(connector.Config{Settings: map[string]string{"host": "127.0.0.1", "port": strconv.Itoa(port), "user": "stint", "sslmode": mode}})
			if err != nil {
				t.Fatal(err)
			}
			_, err = d.Check(within(t, 10*time.Second))
			if !errors.Is(err, connector.ErrUnreachable) {
				t.Errorf("%q over %s: %v; want ErrUnreachable", answer, mode, err)
			}
			if answer == "N" && mode == "verify-full" && !strings.Contains(connector.Problem(err), "encryption") {
				t.Errorf("a server without TLS: %q", connector.Problem(err))
			}
			if err := d.Close(); err != nil {
				t.Error(err)
			}
		}
	}
}
