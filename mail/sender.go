package mail

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"github.com/stint-pim/stint/core"
)

// Times of one sending. The last is long, because breaking off while a server
// thinks about a mail it has whole makes it two mails: RFC 5321 section
// 4.5.3.2.6 asks for ten minutes, core/job has three for everything.
const (
	dialTimeout   = 10 * time.Second
	talkTimeout   = 25 * time.Second // from the dial to the last line of the mail
	answerTimeout = 2 * time.Minute  // from there to the server's yes
)

// maxCAFile bounds the file of a private authority, in bytes.
const maxCAFile = 1 << 20

// Sender hands messages to a mail server (RFC 5321, submission). It keeps no
// connection: notices are few, and a kept one would have to be proven anew.
// It is a value: make a new one when the settings change.
type Sender struct {
	Settings core.MailSettings
	Password core.Secret
	// Dial opens the connection; nil: over the network.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// AnswerTimeout is how long the server may take to accept a mail that it
	// has whole; 0: two minutes.
	AnswerTimeout time.Duration
}

// Send sends one message and returns nil once the server has taken it. Until
// the message's last line ctx breaks it off at once; afterwards only the time
// does, because the server may have it already. Errors are as job.Send wants
// them: Refused if trying again can't help, Unavailable if it may, Canceled if
// ctx ended; with the field "to" where it is about the recipient alone.
func (s Sender) Send(ctx context.Context, m Message) error {
	parent := ctx
	ctx, cancel := context.WithTimeoutCause(ctx, talkTimeout, os.ErrDeadlineExceeded)
	defer cancel()
	conn, err := s.dial(ctx)
	if err != nil {
		return s.explain(parent, stageConnect, err)
	}
	defer conn.Close()
	// go-smtp knows no context, and sets deadlines of its own over ours:
	// closing the connection is what ends it for sure.
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	client, stage, err := s.open(ctx, conn)
	if err != nil {
		return s.explain(parent, stage, err)
	}
	if err := client.Mail(m.From, &smtp.MailOptions{Size: int64(len(m.Raw))}); err != nil {
		return s.explain(parent, stageFrom, err)
	}
	if err := client.Rcpt(m.To, nil); err != nil {
		return s.explain(parent, stageTo, err, "to", m.To)
	}
	body, err := client.Data()
	if err != nil {
		return s.explain(parent, stageData, err)
	}
	if _, err := body.Write(m.Raw); err != nil {
		return s.explain(parent, stageData, err)
	}
	if !stop() {
		return s.explain(parent, stageData, ctx.Err()) // closed before the last line: the server has no mail
	}
	patience := s.AnswerTimeout
	if patience == 0 {
		patience = answerTimeout
	}
	late := time.AfterFunc(patience, func() { conn.Close() })
	defer late.Stop()
	if err := body.Close(); err != nil {
		return s.explain(context.WithoutCancel(parent), stageData, err)
	}
	// It is sent. How the server takes our leave is no matter, and not waited for long.
	late.Reset(time.Second)
	_ = client.Quit()
	return nil
}

func (s Sender) dial(ctx context.Context) (net.Conn, error) {
	dial := s.Dial
	if dial == nil {
		dial = (&net.Dialer{}).DialContext
	}
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	conn, err := dial(ctx, "tcp", net.JoinHostPort(s.Settings.Host, strconv.Itoa(s.Settings.Port)))
	if err != nil {
		return nil, err
	}
	// Looked at after the dial, because a name may mean another machine by then.
	if s.Settings.Security == core.MailPlain && !loopback(conn.RemoteAddr()) {
		conn.Close()
		return nil, errPlainRemote
	}
	return conn, nil
}

func loopback(a net.Addr) bool {
	tcp, ok := a.(*net.TCPAddr)
	return ok && tcp.IP.IsLoopback()
}

// open protects the connection and signs in.
func (s Sender) open(ctx context.Context, conn net.Conn) (*smtp.Client, stage, error) {
	var client *smtp.Client
	switch s.Settings.Security {
	case core.MailTLS, core.MailSTARTTLS:
		config, err := s.tls()
		if err != nil {
			return nil, stageTLS, err
		}
		if s.Settings.Security == core.MailTLS {
			secure := tls.Client(conn, config)
			if err := secure.HandshakeContext(ctx); err != nil {
				return nil, stageTLS, err
			}
			client = smtp.NewClient(secure)
			break
		}
		client, err = smtp.NewClientStartTLS(conn, config)
		if err != nil {
			return nil, stageStart, err
		}
	case core.MailPlain:
		client = smtp.NewClient(conn)
	default:
		return nil, stageConnect, errSecurity
	}
	// The first command: with STARTTLS it is here, and not before, that the
	// handshake takes place and a certificate is found wanting.
	if err := client.Hello(ownName()); err != nil {
		return nil, stageTLS, err
	}
	mech, err := s.mechanism()
	if err != nil {
		return nil, stageAuth, err
	}
	if mech == nil {
		return client, "", nil
	}
	if !client.SupportsAuth(strings.ToUpper(string(s.Settings.Auth))) {
		return nil, stageAuth, errNoMechanism
	}
	if err := client.Auth(mech); err != nil {
		return nil, stageAuth, err
	}
	return client, "", nil
}

func (s Sender) mechanism() (sasl.Client, error) {
	switch s.Settings.Auth {
	case core.MailAuthNone, "":
		return nil, nil
	case core.MailAuthPlain:
		if strings.ContainsRune(s.Settings.User+s.Password.Reveal(), 0) {
			return nil, errNoMechanism // NUL divides the fields of PLAIN
		}
		return sasl.NewPlainClient("", s.Settings.User, s.Password.Reveal()), nil
	case core.MailAuthLogin:
		return &login{answers: []string{s.Settings.User, s.Password.Reveal()}}, nil
	default:
		return nil, errNoMechanism
	}
}

// login is LOGIN as servers speak it. go-sasl's sends the name with the
// command and insists on the wording of the second question; some servers
// know neither.
type login struct{ answers []string }

func (l *login) Start() (string, []byte, error) { return sasl.Login, nil, nil }

func (l *login) Next([]byte) ([]byte, error) {
	if len(l.answers) == 0 {
		return nil, sasl.ErrUnexpectedServerChallenge
	}
	answer := l.answers[0]
	l.answers = l.answers[1:]
	return []byte(answer), nil
}

// tls returns how the server has to prove itself: by the system's authorities
// and, if there is one, the private one of the settings.
func (s Sender) tls() (*tls.Config, error) {
	config := &tls.Config{ServerName: s.Settings.Host, MinVersion: tls.VersionTLS12}
	if s.Settings.CAFile == "" {
		return config, nil
	}
	// Looked at before it is opened: opening a pipe waits for its other end.
	info, err := os.Stat(s.Settings.CAFile)
	if err != nil || !info.Mode().IsRegular() || info.Size() > maxCAFile {
		return nil, errors.Join(errCAFile, err)
	}
	pem, err := os.ReadFile(s.Settings.CAFile)
	if err != nil {
		return nil, errors.Join(errCAFile, err)
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(pem) {
		return nil, errCAFile
	}
	config.RootCAs = pool
	return config, nil
}

// ownName is what we call ourselves to the server: this machine's name where
// it is one that may stand there (RFC 5321 section 4.1.2).
func ownName() string {
	name, err := os.Hostname()
	if err != nil || name == "" || len(name) > 253 || strings.Trim(strings.ToLower(name), "abcdefghijklmnopqrstuvwxyz0123456789-.") != "" {
		return "localhost"
	}
	return name
}
