//go:build unix

package server_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/api"
	"github.com/stint-pim/stint/core/api/apitest"
	"github.com/stint-pim/stint/core/api/client"
	"github.com/stint-pim/stint/core/api/server"
)

// socketPath is short: a test's own directory may be longer than a socket's
// path may be.
func socketPath(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "stint")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return filepath.Join(dir, "run", "s.sock")
}

func TestSocketIsPrivate(t *testing.T) {
	path := socketPath(t)
	l, err := server.ListenSocket(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	for p, want := range map[string]os.FileMode{path: 0o600, filepath.Dir(path): 0o700} {
		info, err := os.Stat(p)
		if err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v %v, want %v", p, info.Mode().Perm(), err, want)
		}
	}
	if _, err := server.ListenSocket(t.Context(), path); core.CodeOf(err) != core.Conflict {
		t.Errorf("a second server: %v", err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Lstat(path); !os.IsNotExist(err) {
		t.Errorf("the socket stays: %v", err)
	}
}

func TestStaleSocketIsReplaced(t *testing.T) {
	path := socketPath(t)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	// What a killed server leaves: a socket file that nobody listens on.
	dead, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	dead.SetUnlinkOnClose(false)
	_ = dead.Close()
	l, err := server.ListenSocket(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	_ = l.Close()
}

func TestOneOfManyGetsTheSocket(t *testing.T) {
	path := socketPath(t)
	var wg sync.WaitGroup
	var mu sync.Mutex
	var won []*server.Listener
	for range 16 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			l, err := server.ListenSocket(context.Background(), path)
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				won = append(won, l)
			} else if core.CodeOf(err) != core.Conflict {
				t.Errorf("%v", err)
			}
		}()
	}
	wg.Wait()
	if len(won) != 1 {
		t.Errorf("%d servers got it", len(won))
	}
	for _, l := range won {
		_ = l.Close()
	}
}

func TestSocketRefusals(t *testing.T) {
	path := socketPath(t)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := server.ListenSocket(t.Context(), path); core.CodeOf(err) != core.Refused {
		t.Errorf("a file in the way: %v", err)
	}
	if b, _ := os.ReadFile(path); string(b) != "precious" {
		t.Error("the file is gone")
	}
	if err := os.Chmod(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := server.ListenSocket(t.Context(), filepath.Join(filepath.Dir(path), "t.sock")); core.CodeOf(err) != core.Refused {
		t.Errorf("an open directory: %v", err)
	}
	if _, err := server.ListenSocket(t.Context(), "/"+strings.Repeat("x", 200)); core.CodeOf(err) != core.Invalid {
		t.Errorf("a long path: %v", err)
	}
}

func TestListenTCPRefusals(t *testing.T) {
	for _, c := range []struct {
		address, cert string
		want          core.Code
	}{
		{"0.0.0.0:0", "", core.Refused},
		{":0", "", core.Refused},
		{"192.0.2.1:0", "", core.Refused},
		{"example.org:0", "", core.Refused},
		{"nonsense", "", core.Invalid},
		{"127.0.0.1:0", "/nowhere.pem", core.Invalid},
		{"127.0.0.1:99999", "", core.Unavailable},
	} {
		if _, err := server.ListenTCP(t.Context(), c.address, c.cert, c.cert); core.CodeOf(err) != c.want {
			t.Errorf("%s: got %v, want %s", c.address, err, c.want)
		}
	}
}

// serveOn serves a Recorder on l until the test ends.
func serveOn(t *testing.T, l *server.Listener) *apitest.Recorder {
	t.Helper()
	rec := &apitest.Recorder{}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- server.Serve(ctx, server.Options{Gate: rec}, l) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return rec
}

func dial(t *testing.T, o client.Options) *client.Client {
	t.Helper()
	c, err := client.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func TestOverRealSocket(t *testing.T) {
	path := socketPath(t)
	l, err := server.ListenSocket(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	rec := serveOn(t, l)
	if _, err := dial(t, client.Options{Server: "unix://" + path, From: api.FromWindow}).SignIn(t.Context(), core.SignIn{Login: "a"}); err != nil {
		t.Fatal(err)
	}
	if got := rec.Last().Args[0].(core.SignIn).From; got != "window" {
		t.Errorf("from %q", got)
	}
	gone := dial(t, client.Options{Server: "unix://" + path + "x"})
	if _, err := gone.State(t.Context()); core.CodeOf(err) != core.Unavailable {
		t.Errorf("nobody there: %v", err)
	}
}

func TestOverTLS(t *testing.T) {
	cert, key := certificate(t)
	l, err := server.ListenTCP(t.Context(), "127.0.0.1:0", cert, key)
	if err != nil {
		t.Fatal(err)
	}
	rec := serveOn(t, l)
	o := client.Options{Server: "https://" + l.Addr().String(), CAFile: cert, From: api.FromWindow}
	a, err := dial(t, o).SignIn(t.Context(), core.SignIn{Login: "a"})
	if err != nil {
		t.Fatal(err)
	}
	if got := rec.Last().Args[0].(core.SignIn).From; got != "127.0.0.1" {
		t.Errorf("from %q", got)
	}
	ctx, cancel := context.WithCancel(t.Context())
	updates, err := a.Service.Watch(ctx) // a stream over HTTP/2
	if err != nil {
		t.Fatal(err)
	}
	if u := <-updates; u.Seq != 7 {
		t.Errorf("got %+v", u)
	}
	cancel()
	for range updates {
	}
	o.CAFile = ""
	if _, err := dial(t, o).State(t.Context()); core.CodeOf(err) != core.Unavailable {
		t.Errorf("an unknown authority: %v", err)
	}
}

func TestLoopbackToken(t *testing.T) {
	path := socketPath(t)
	l, err := server.ListenLoopback(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info, err)
	}
	if _, err := server.ListenLoopback(t.Context(), path); core.CodeOf(err) != core.Conflict {
		t.Errorf("a second server: %v", err)
	}
	serveOn(t, l)
	if _, err := dial(t, client.Options{Server: "unix://" + path, From: api.FromWindow}).State(t.Context()); err != nil {
		t.Errorf("with the token: %v", err)
	}
	if _, err := dial(t, client.Options{Server: "http://" + l.Addr().String()}).State(t.Context()); core.CodeOf(err) != core.Forbidden {
		t.Errorf("without: %v", err)
	}
}

// certificate makes a certificate for 127.0.0.1 that signs itself.
func certificate(t *testing.T) (certFile, keyFile string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "stint test"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	certFile, keyFile = filepath.Join(t.TempDir(), "cert.pem"), filepath.Join(t.TempDir(), "key.pem")
	for file, block := range map[string]*pem.Block{certFile: {Type: "CERTIFICATE", Bytes: der}, keyFile: {Type: "PRIVATE KEY", Bytes: secret}} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return certFile, keyFile
}
