// Package mailtest is a mail server for tests: a real one, on a loopback port,
// with a certificate of its own authority, that can hang up at any point of
// the dialogue and say no to anything.
package mailtest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"github.com/stint-pim/stint/core"
)

// Point is a point of the dialogue.
type Point string

const (
	Greeting Point = "greeting" // instead of the first line
	SignIn   Point = "sign-in"
	From     Point = "from"
	To       Point = "to"
	Data     Point = "data"   // before the mail's lines are read
	Answer   Point = "answer" // after the last line, before the yes: the server has the mail
)

// Options of a Server. The zero value offers STARTTLS and wants no sign-in.
type Options struct {
	Security   core.MailSecurity // empty: STARTTLS
	User       string            // not empty: wants a sign-in
	Password   string
	Mechanisms []string // offered; nil: PLAIN and LOGIN
	// CertificateFor is the name in the certificate; empty: 127.0.0.1.
	CertificateFor string
	// Expired makes a certificate that was valid yesterday.
	Expired bool
}

// Mail is what the server took.
type Mail struct {
	From, To string
	Raw      []byte
	TLS      bool   // it came over TLS
	Mech     string // by which the sender had signed in
}

// Server is a mail server. Its methods are safe for concurrent use.
type Server struct {
	Host   string
	Port   int
	CAFile string // PEM of its authority

	mu     sync.Mutex
	mails  []Mail          // guarded by mu
	hangUp map[Point]int   // how many times yet; guarded by mu
	reply  map[Point]error // guarded by mu
	talks  int             // connections accepted; guarded by mu
	wait   <-chan struct{} // before the answer; guarded by mu
	o      Options
}

// Start starts a server that stops when the test ends.
func Start(t testing.TB, o Options) *Server {
	t.Helper()
	if o.Security == "" {
		o.Security = core.MailSTARTTLS
	}
	if o.Mechanisms == nil {
		o.Mechanisms = []string{sasl.Plain, sasl.Login}
	}
	s := &Server{Host: "127.0.0.1", o: o, hangUp: map[Point]int{}, reply: map[Point]error{}}
	certificate := s.certify(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.Port = l.Addr().(*net.TCPAddr).Port
	l = &listener{Listener: l, s: s}
	server := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) { return &session{s: s, c: c}, nil }))
	server.Domain = "mail.example.org"
	server.ErrorLog = log.New(io.Discard, "", 0)
	server.ReadTimeout, server.WriteTimeout = time.Minute, time.Minute
	config := &tls.Config{Certificates: []tls.Certificate{certificate}}
	switch o.Security {
	case core.MailSTARTTLS:
		server.TLSConfig = config
	case core.MailTLS:
		l = tls.NewListener(l, config)
	case core.MailPlain:
		server.AllowInsecureAuth = true
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(l)
	}()
	t.Cleanup(func() {
		_ = server.Close()
		_ = l.Close() // Serve may not have begun, and then Close knows of no listener
		<-done
	})
	return s
}

// Settings are how to reach the server.
func (s *Server) Settings() core.MailSettings {
	m := core.MailSettings{Host: s.Host, Port: s.Port, Security: s.o.Security, Auth: core.MailAuthNone, From: "Stint <stint@example.org>", CAFile: s.CAFile}
	if s.o.User != "" {
		m.Auth, m.User = core.MailAuthPlain, s.o.User
	}
	return m
}

// HangUp makes the server drop the connection at p, n times.
func (s *Server) HangUp(p Point, n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hangUp[p] = n
}

// Say makes the server answer at p with an SMTP reply, until it is nil.
func (s *Server) Say(p Point, reply *smtp.SMTPError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if reply == nil {
		delete(s.reply, p)
		return
	}
	s.reply[p] = reply
}

// WaitFor makes the server wait for c before it answers a mail that it has.
func (s *Server) WaitFor(c <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wait = c
}

// Mails returns what the server took, in order. What it had whole and didn't
// say yes to is among them: so would it be at a server that crashed.
func (s *Server) Mails() []Mail {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Mail{}, s.mails...)
}

// Talks returns how many connections there were.
func (s *Server) Talks() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.talks
}

// at does what was ordered for a point.
func (s *Server) at(p Point, hangUp func()) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.hangUp[p] > 0 {
		s.hangUp[p]--
		hangUp()
		return &smtp.SMTPError{Code: 421, Message: "gone"} // nobody reads it
	}
	return s.reply[p]
}

// listener hangs up before the first line.
type listener struct {
	net.Listener
	s *Server
}

func (l *listener) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		l.s.mu.Lock()
		l.s.talks++
		drop := l.s.hangUp[Greeting] > 0
		if drop {
			l.s.hangUp[Greeting]--
		}
		l.s.mu.Unlock()
		if !drop {
			return c, nil
		}
		c.Close()
	}
}

// session is one dialogue.
type session struct {
	s        *Server
	c        *smtp.Conn
	mech     string
	from, to string
}

func (x *session) hangUp() { x.c.Conn().Close() }

func (x *session) AuthMechanisms() []string {
	if x.s.o.User == "" {
		return nil
	}
	return x.s.o.Mechanisms
}

func (x *session) Auth(mech string) (sasl.Server, error) {
	check := func(user, password string) error {
		if err := x.s.at(SignIn, x.hangUp); err != nil {
			return err
		}
		if user != x.s.o.User || password != x.s.o.Password {
			return smtp.ErrAuthFailed
		}
		x.mech = mech
		return nil
	}
	switch mech {
	case sasl.Plain:
		return sasl.NewPlainServer(func(_, user, password string) error { return check(user, password) }), nil
	case sasl.Login:
		return &loginServer{check: check}, nil
	}
	return nil, smtp.ErrAuthUnknownMechanism
}

func (x *session) Reset()        {}
func (x *session) Logout() error { return nil }

func (x *session) Mail(from string, _ *smtp.MailOptions) error {
	if x.s.o.User != "" && x.mech == "" {
		return &smtp.SMTPError{Code: 530, EnhancedCode: smtp.EnhancedCode{5, 7, 0}, Message: "Authentication required"}
	}
	x.from = from
	return x.s.at(From, x.hangUp)
}

func (x *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	x.to = to
	return x.s.at(To, x.hangUp)
}

func (x *session) Data(r io.Reader) error {
	if err := x.s.at(Data, x.hangUp); err != nil {
		return err
	}
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	_, secure := x.c.TLSConnectionState()
	x.s.mu.Lock()
	refused := x.s.reply[Answer]
	if refused == nil {
		x.s.mails = append(x.s.mails, Mail{From: x.from, To: x.to, Raw: raw, TLS: secure, Mech: x.mech})
	}
	wait := x.s.wait
	x.s.mu.Unlock()
	if wait != nil {
		<-wait
	}
	return x.s.at(Answer, x.hangUp)
}

// loginServer asks the two questions of LOGIN, in other words than most.
type loginServer struct {
	check func(user, password string) error
	user  *string
}

func (l *loginServer) Next(response []byte) (challenge []byte, done bool, err error) {
	switch {
	case response == nil:
		return []byte("User Name"), false, nil
	case l.user == nil:
		user := string(response)
		l.user = &user
		return []byte("Password"), false, nil
	default:
		return nil, true, l.check(*l.user, string(response))
	}
}

// certify makes the server's certificate, and writes its authority's into CAFile.
func (s *Server) certify(t testing.TB) tls.Certificate {
	t.Helper()
	ca, cert, key := certify(t, t.TempDir(), s.o.CertificateFor, s.o.Expired)
	s.CAFile = ca
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		t.Fatal(err)
	}
	return pair
}

func certify(t testing.TB, dir, name string, expired bool) (caFile, certFile, keyFile string) {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	write := func(file, kind string, der []byte) string {
		t.Helper()
		path := filepath.Join(dir, file)
		must(os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600))
		return path
	}
	caKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(err)
	now := time.Now()
	ca := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Test authority"}, NotBefore: now.AddDate(0, 0, -30), NotAfter: now.AddDate(0, 0, 30),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	caDER, err := x509.CreateCertificate(rand.Reader, ca, ca, &caKey.PublicKey, caKey)
	must(err)
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(err)
	leaf := &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "mail"}, NotBefore: now.AddDate(0, 0, -10), NotAfter: now.AddDate(0, 0, 10)}
	if expired {
		leaf.NotAfter = now.AddDate(0, 0, -1)
	}
	if name != "" {
		leaf.DNSNames = []string{name}
	} else {
		leaf.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1)}
	}
	der, err := x509.CreateCertificate(rand.Reader, leaf, ca, key.Public(), caKey)
	must(err)
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	must(err)
	return write("ca.pem", "CERTIFICATE", caDER), write("cert.pem", "CERTIFICATE", der), write("key.pem", "PRIVATE KEY", keyDER)
}
