package server

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/api"
)

// ListenTCP listens on host:port over TLS with the certificate and key in the
// two PEM files. Without them only a loopback address is taken, over plain
// HTTP: whoever can listen on this machine's loopback is already root here,
// but on a network a password would be everybody's.
func ListenTCP(ctx context.Context, address, certFile, keyFile string) (*Listener, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, core.Errorf(core.Invalid, "listen", "api.address", "address", core.Clip(address, 200))
	}
	secured := certFile != "" || keyFile != ""
	if !secured && !loopback(host) {
		return nil, core.Errorf(core.Refused, "listen", "api.not_loopback", "address", core.Clip(address, 200))
	}
	var config *tls.Config
	if secured {
		cert, err := tls.LoadX509KeyPair(certFile, keyFile)
		if err != nil {
			return nil, core.Wrap(core.Invalid, "api.certificate", err)
		}
		config = &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"}}
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, core.Wrap(core.Unavailable, "api.listen", err, "address", core.Clip(address, 200))
	}
	return &Listener{Listener: l, peer: peer{plain: !secured}, tls: config}, nil
}

func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// makeDir makes the directory that keeps others away from the socket in it.
func makeDir(path string) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return core.Wrap(core.Unavailable, "api.listen", err, "address", path)
	}
	info, err := os.Stat(dir)
	if err != nil {
		return core.Wrap(core.Unavailable, "api.listen", err, "address", path)
	}
	if !private(info) {
		return core.Errorf(core.Refused, "", "api.socket_dir", "address", dir)
	}
	return nil
}

// answers reports whether anybody listens on the address.
func answers(ctx context.Context, network, address string) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	c, err := new(net.Dialer).DialContext(ctx, network, address)
	if err == nil {
		return true, c.Close()
	}
	if errors.Is(err, os.ErrNotExist) || refused(err) {
		return false, nil
	}
	return false, err // full, slow, not permitted: somebody may well be there
}

// ListenLoopback is ListenSocket for systems without Unix sockets: a port of
// the system's choice on loopback, and a file beside that names it with a
// token which every request must show. Only this user can read the file.
func ListenLoopback(ctx context.Context, path string) (*Listener, error) {
	if err := makeDir(path); err != nil {
		return nil, err
	}
	if f, err := api.ReadLocal(path); err == nil {
		there, err := answers(ctx, "tcp", f.Address)
		if there || err != nil {
			return nil, core.Errorf(core.Conflict, "", "api.socket_taken", "address", path)
		}
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, core.Wrap(core.Unavailable, "api.listen", err, "address", "127.0.0.1")
	}
	token := core.NewSecret(rand.Text() + rand.Text()) // 260 bits
	if err := api.WriteLocal(path, l.Addr().String(), token); err != nil {
		_ = l.Close()
		return nil, err
	}
	return &Listener{Listener: l, peer: peer{local: true, token: token}, undo: func() { _ = os.Remove(path) }}, nil
}
