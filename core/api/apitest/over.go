package apitest

import (
	"context"
	"log/slog"
	"net"
	"sync"
	"testing"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/api"
	"github.com/stint-pim/stint/core/api/client"
	"github.com/stint-pim/stint/core/api/server"
)

// Pipe is a listener in memory, so that tests need no port and run in a
// synctest bubble.
type Pipe struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

// NewPipe returns a listener that Dial connects to.
func NewPipe() *Pipe { return &Pipe{conns: make(chan net.Conn), closed: make(chan struct{})} }

// Dial connects to whoever accepts.
func (p *Pipe) Dial(ctx context.Context) (net.Conn, error) {
	here, there := net.Pipe()
	select {
	case p.conns <- there:
		return here, nil
	case <-p.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// DialContext is Dial for an http.Transport.
func (p *Pipe) DialContext(ctx context.Context, _, _ string) (net.Conn, error) { return p.Dial(ctx) }

func (p *Pipe) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *Pipe) Close() error { p.once.Do(func() { close(p.closed) }); return nil }

// Addr is a made-up address.
func (p *Pipe) Addr() net.Addr { return &net.UnixAddr{Name: "pipe", Net: "unix"} }

// Over returns a client of a server of gate, connected in memory as a program
// of the same user. Both end with the test.
func Over(t testing.TB, gate core.Gate, log *slog.Logger) *client.Client {
	t.Helper()
	return Connect(t, Serve(t, gate, log), api.FromCommandLine)
}

// Serve serves gate in memory until the test ends.
func Serve(t testing.TB, gate core.Gate, log *slog.Logger) *Pipe {
	t.Helper()
	pipe := NewPipe()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- server.Serve(ctx, server.Options{Gate: gate, Log: log}, server.Local(pipe)) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	return pipe
}

// Connect returns a client of a server in memory.
func Connect(t testing.TB, pipe *Pipe, from string) *client.Client {
	t.Helper()
	c, err := client.New(client.Options{Server: "unix:///pipe", From: from, Dial: pipe.Dial})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}
