package mail

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"os"
	"strconv"
	"syscall"

	"github.com/emersion/go-smtp"

	"github.com/stint-pim/stint/core"
)

// stage is where in the dialogue something failed.
type stage string

const (
	stageConnect stage = "connect"
	stageStart   stage = "starttls"
	stageTLS     stage = "tls"
	stageAuth    stage = "auth"
	stageFrom    stage = "from"
	stageTo      stage = "to"
	stageData    stage = "data"
)

// problem is a reason of our own, not the server's.
type problem core.TextKey

func (p problem) Error() string { return core.English(core.TextKey(p)) }

const (
	errPlainRemote = problem("mail.plain_remote")
	errSecurity    = problem("mail.no_security")
	errNoMechanism = problem("mail.auth_unsupported")
	errCAFile      = problem("mail.bad_ca_file")
)

// explain says in plain words what went wrong. Whatever the settings can mend
// is Unavailable, so that what waits goes once they are mended.
func (s Sender) explain(ctx context.Context, at stage, err error, args ...string) error {
	args = append(args, "host", s.Settings.Host, "port", strconv.Itoa(s.Settings.Port))
	fail := func(key core.TextKey, more ...string) error {
		return core.Wrap(core.Unavailable, key, err, append(args, more...)...)
	}
	var ours problem
	if errors.As(err, &ours) {
		return fail(core.TextKey(ours), "file", s.Settings.CAFile, "auth", string(s.Settings.Auth))
	}
	var reply *smtp.SMTPError
	if errors.As(err, &reply) {
		return s.explainReply(at, reply, args)
	}
	if errors.Is(context.Cause(ctx), context.Canceled) {
		return core.Wrap(core.Canceled, "mail.canceled", err)
	}
	var (
		unknown   x509.UnknownAuthorityError
		wrongName x509.HostnameError
		invalid   x509.CertificateInvalidError
		record    tls.RecordHeaderError
		dns       *net.DNSError
		netErr    net.Error
	)
	switch {
	case errors.As(err, &unknown):
		return fail("mail.untrusted")
	case errors.As(err, &wrongName):
		return fail("mail.wrong_name")
	case errors.As(err, &invalid):
		return fail("mail.certificate")
	case errors.As(err, &record):
		return fail("mail.not_tls")
	case errors.As(err, &dns) && dns.IsNotFound:
		return fail("mail.no_such_host")
	case errors.Is(err, syscall.ECONNREFUSED):
		return fail("mail.connection_refused")
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded), errors.As(err, &netErr) && netErr.Timeout(), errors.Is(err, net.ErrClosed):
		// A closed connection was closed by us, when the time was up.
		return fail("mail.timeout")
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return fail("mail.dropped")
	case at == stageStart:
		// What remains of NewClientStartTLS is that there is no such extension.
		return fail("mail.no_starttls")
	case at == stageTLS:
		return fail("mail.tls_failed")
	default:
		return fail("mail.unreachable")
	}
}

// explainReply explains what the server itself said. Its words are shown, cut
// and cleaned; at sign-in they aren't, because there they might echo what we sent.
func (s Sender) explainReply(at stage, reply *smtp.SMTPError, args []string) error {
	clean := &smtp.SMTPError{Code: reply.Code, EnhancedCode: reply.EnhancedCode, Message: core.Clip(oneLine(reply.Message), 200)}
	said := strconv.Itoa(clean.Code) + " " + clean.Message
	refusal := func(code core.Code, field string, key core.TextKey) error {
		e := core.Wrap(code, key, clean, append(args, "reply", said)...)
		e.Field = field
		return e
	}
	signIn := reply.Code == 530 || reply.Code == 534 || reply.Code == 535 || reply.Code == 538 // RFC 4954
	switch {
	case at == stageAuth || signIn:
		clean.Message = ""
		said = strconv.Itoa(clean.Code)
		if reply.Temporary() {
			return refusal(core.Unavailable, "", "mail.auth_later")
		}
		if at != stageAuth {
			return refusal(core.Unavailable, "", "mail.auth_required")
		}
		return refusal(core.Unavailable, "", "mail.auth_failed")
	case at == stageTo && reply.Temporary():
		return refusal(core.Unavailable, "to", "mail.recipient_later")
	case at == stageTo:
		return refusal(core.Refused, "to", "mail.recipient_refused")
	case at == stageFrom && !reply.Temporary():
		return refusal(core.Unavailable, "from", "mail.sender_refused")
	case at == stageData && !reply.Temporary():
		return refusal(core.Refused, "message", "mail.message_refused")
	case at == stageStart && !reply.Temporary():
		return refusal(core.Unavailable, "", "mail.no_starttls")
	default:
		return refusal(core.Unavailable, "", "mail.later")
	}
}
