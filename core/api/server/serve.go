package server

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"
)

// Limits of connections. The write limit holds for ordinary answers; streams
// set one for each piece.
const (
	headerWithin = 10 * time.Second
	readWithin   = 30 * time.Second
	answerWithin = 2 * time.Minute // longer than any command waits
	idleWithin   = 2 * time.Minute
	maxHeader    = 32 << 10
	// maxConnections bounds those of one listener. Every window holds one for
	// its stream of changes; what comes beyond waits to be accepted.
	maxConnections = 1024
)

// Listener is where a server listens, and what it may think of its peers.
// ListenSocket and ListenTCP make them.
type Listener struct {
	net.Listener
	peer peer
	tls  *tls.Config // nil: plain
	undo func()
}

// Close stops listening and removes what listening left on the disk.
func (l *Listener) Close() error {
	err := l.Listener.Close()
	if l.undo != nil {
		l.undo()
	}
	return err
}

// Local marks a listener whose peers are this user on this machine, such as
// one in memory. It is for listeners that the caller made himself.
func Local(l net.Listener) *Listener { return &Listener{Listener: l, peer: peer{local: true}} }

// Remote marks a listener whose peers may be anybody.
func Remote(l net.Listener) *Listener { return &Listener{Listener: l} }

// Serve answers on all listeners until ctx ends. Then it stops listening, ends
// streams at once, gives other requests Options.Grace, and returns nil when
// all is quiet. It returns an error if a listener fails on its own, after
// having closed the others. It closes the listeners in any case.
func Serve(ctx context.Context, o Options, listeners ...*Listener) error {
	o = o.withDefaults()
	stopping := make(chan struct{})
	handler := New(o, stopping)
	servers := make([]*http.Server, len(listeners))
	failed := make(chan error, len(listeners))
	var wg sync.WaitGroup
	for i, l := range listeners {
		servers[i] = &http.Server{
			Handler:           handler,
			ReadHeaderTimeout: headerWithin, ReadTimeout: readWithin, WriteTimeout: answerWithin, IdleTimeout: idleWithin,
			MaxHeaderBytes: maxHeader,
			// A request that runs when ctx ends is finished, not cut.
			BaseContext: func(net.Listener) context.Context {
				return context.WithValue(context.WithoutCancel(ctx), peerKey, l.peer)
			},
			ErrorLog: slog.NewLogLogger(o.Log.Handler(), slog.LevelDebug), // broken handshakes and the like
		}
		wg.Add(1)
		go func() {
			defer wg.Done()
			in := bound(l, maxConnections)
			if l.tls != nil {
				in = tls.NewListener(in, l.tls) // outermost, or HTTP/2 isn't seen
			}
			if err := servers[i].Serve(in); !errors.Is(err, http.ErrServerClosed) {
				failed <- err
			}
		}()
	}
	var err error
	select {
	case <-ctx.Done():
	case err = <-failed:
	}
	close(stopping)
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), o.Grace)
	defer cancel()
	for i, s := range servers {
		wg.Add(1)
		go func() {
			defer wg.Done()
			if s.Shutdown(end) != nil {
				_ = s.Close()
			}
			_ = listeners[i].Close() // also if it was never served
		}()
	}
	wg.Wait()
	return err
}

// bound lets at most n connections be open at once.
func bound(l net.Listener, n int) net.Listener {
	return &bounded{Listener: l, free: make(chan struct{}, n), closed: make(chan struct{})}
}

type bounded struct {
	net.Listener
	free   chan struct{}
	once   sync.Once
	closed chan struct{}
}

func (b *bounded) Accept() (net.Conn, error) {
	select {
	case b.free <- struct{}{}:
	case <-b.closed:
		return nil, net.ErrClosed
	}
	c, err := b.Listener.Accept()
	if err != nil {
		<-b.free
		return nil, err
	}
	return &boundedConn{Conn: c, free: sync.OnceFunc(func() { <-b.free })}, nil
}

func (b *bounded) Close() error {
	b.once.Do(func() { close(b.closed) })
	return b.Listener.Close()
}

type boundedConn struct {
	net.Conn
	free func()
}

func (c *boundedConn) Close() error {
	c.free()
	return c.Conn.Close()
}
