package pgtest

import (
	"bytes"
	"errors"
	"net"
	"strconv"
	"sync"
	"testing"
)

// Proxy stands between Stint and a cluster and does to their connections what
// networks do. It understands nothing of what passes, so use it without TLS
// where LoseAnswer is to recognise a statement.
type Proxy struct {
	Port int // on 127.0.0.1

	to     string
	listen net.Listener
	wait   sync.WaitGroup

	mu      sync.Mutex
	open    map[net.Conn]bool // guarded by mu
	closed  bool              // guarded by mu
	refuse  bool              // guarded by mu
	passing chan struct{}     // closed while traffic passes; guarded by mu
	lose    []byte            // a request with this in it loses its answer; guarded by mu
}

// NewProxy starts a proxy to a cluster that ends with the test.
func NewProxy(t testing.TB, c *Cluster) *Proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{Port: l.Addr().(*net.TCPAddr).Port, to: net.JoinHostPort(c.Host, strconv.Itoa(c.Port)), listen: l, open: map[net.Conn]bool{}, passing: make(chan struct{})}
	close(p.passing)
	p.wait.Go(p.serve)
	t.Cleanup(p.close)
	return p
}

// Swallow makes connections half-open: they stay, new ones are taken, and
// nothing passes either way until it is switched off.
func (p *Proxy) Swallow(on bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	select {
	case <-p.passing:
		if on {
			p.passing = make(chan struct{})
		}
	default:
		if !on {
			close(p.passing)
		}
	}
}

// Refuse resets all connections, and every new one until it is switched off.
func (p *Proxy) Refuse(on bool) {
	p.mu.Lock()
	p.refuse = on
	p.mu.Unlock()
	if on {
		p.reset()
	}
}

// LoseAnswer passes on the next request that holds text, and resets all
// connections when its answer comes.
func (p *Proxy) LoseAnswer(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lose = []byte(text)
}

func (p *Proxy) close() {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	_ = p.listen.Close()
	p.reset()
	p.Swallow(false)
	p.wait.Wait()
}

func (p *Proxy) reset() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.open {
		if tcp, ok := c.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0) // a reset, not a farewell
		}
		_ = c.Close()
	}
}

// take notes a connection, unless there are to be none.
func (p *Proxy) take(c net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.refuse || p.closed {
		return false
	}
	p.open[c] = true
	return true
}

func (p *Proxy) drop(c net.Conn) {
	_ = c.Close()
	p.mu.Lock()
	delete(p.open, c)
	p.mu.Unlock()
}

func (p *Proxy) serve() {
	for {
		c, err := p.listen.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			continue
		}
		p.wait.Go(func() { p.join(c) })
	}
}

func (p *Proxy) join(client net.Conn) {
	defer p.drop(client)
	if !p.take(client) {
		return
	}
	server, err := net.Dial("tcp", p.to)
	if err != nil {
		return
	}
	defer p.drop(server)
	if !p.take(server) {
		return
	}
	losing := make(chan struct{}) // closed when the answer is to be lost
	var wait sync.WaitGroup
	wait.Go(func() {
		defer p.drop(client)
		p.pump(server, client, func([]byte) bool {
			select {
			case <-losing:
				p.reset()
				return false
			default:
				return true
			}
		})
	})
	p.pump(client, server, func(b []byte) bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.lose != nil && bytes.Contains(b, p.lose) {
			p.lose = nil
			close(losing)
		}
		return true
	})
	p.drop(server)
	wait.Wait()
}

// pump carries one direction until it ends, or look says that it shall.
func (p *Proxy) pump(from, to net.Conn, look func([]byte) bool) {
	buf := make([]byte, 64<<10)
	for {
		n, err := from.Read(buf)
		p.mu.Lock()
		passing := p.passing
		p.mu.Unlock()
		<-passing
		if n > 0 {
			if !look(buf[:n]) {
				return
			}
			if _, err := to.Write(buf[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}
