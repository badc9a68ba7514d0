package core

import (
	"net/mail"
	"strconv"
	"time"
)

// Settings are those of the whole installation.
type Settings struct {
	Organisation string         `json:"organisation"` // shown in mails; at most 120 characters
	IdleLock     Duration       `json:"idle_lock"`    // the window locks itself after this long unused; 0: never; 1 minute to 12 hours
	Mail         MailSettings   `json:"mail"`
	Digest       DigestSettings `json:"digest,omitzero"` // of the week, to administrators; left out in a change: as it was
}

// DefaultSettings are those of a new store.
func DefaultSettings() Settings {
	return Settings{IdleLock: Duration(15 * 60 * 1e9), Digest: DefaultDigest()}
}

// MailSecurity says how the connection to the mail server is protected.
type MailSecurity string

const (
	MailSTARTTLS MailSecurity = "starttls" // required, not opportunistic
	MailTLS      MailSecurity = "tls"      // from the first byte
	MailPlain    MailSecurity = "none"     // only to a server on this machine (loopback)
)

// MailAuth says how to sign in at the mail server.
type MailAuth string

const (
	MailAuthNone  MailAuth = "none"
	MailAuthPlain MailAuth = "plain"
	MailAuthLogin MailAuth = "login"
)

// MailSettings say how mail leaves. An empty Host means that none does.
type MailSettings struct {
	Host     string       `json:"host"`
	Port     int          `json:"port"`
	Security MailSecurity `json:"security"`
	Auth     MailAuth     `json:"auth"`
	User     string       `json:"user"`
	Sealed   []byte       `json:"-"`                 // the password, sealed
	From     string       `json:"from"`              // an address, perhaps with a name
	CAFile   string       `json:"ca_file,omitempty"` // PEM file of a private authority to trust besides the system's
}

// Configured reports whether mail can be sent at all.
func (m MailSettings) Configured() bool { return m.Host != "" && m.From != "" }

func (d *decider) changeSettings(c ChangeSettings) *Error {
	if err := d.may(); err != nil {
		return err
	}
	s, was := c.Settings, d.Settings()
	if err := line("organisation", s.Organisation, 0, MaxName); err != nil {
		return err
	}
	if s.IdleLock != 0 && (s.IdleLock.Std() < time.Minute || s.IdleLock.Std() > 12*time.Hour) {
		return Errorf(Invalid, "idle_lock", "duration.between", "min", Span(time.Minute), "max", Span(12*time.Hour))
	}
	if err := CheckMail(s.Mail); err != nil {
		return err
	}
	if s.Digest == (DigestSettings{}) {
		s.Digest = was.Digest
	}
	if err := s.Digest.check(); err != nil {
		return err
	}
	s.Digest = s.Digest.Whole()
	s.Mail.Sealed = was.Mail.Sealed
	if len(was.Mail.Sealed) > 0 && c.MailPassword.Empty() && !SameMailServer(was.Mail, s.Mail) {
		// The stored password goes only where it was stored for.
		if s.Mail.Host != "" && s.Mail.Auth != MailAuthNone {
			return Errorf(Refused, "mail_password", "probe.secret_again")
		}
		s.Mail.Sealed = nil
	}
	e := d.entry(SettingsChanged)
	e.Detail = changed("organisation", was.Organisation, s.Organisation, "idle lock", Span(was.IdleLock.Std()), Span(s.IdleLock.Std()), "mail", mailText(was.Mail), mailText(s.Mail), "weekly digest", was.Digest.String(), s.Digest.String())
	if !c.MailPassword.Empty() {
		s.Mail.Sealed = d.env.Seal(MailSealContext, c.MailPassword)
		e.Detail += ", new mail password"
	}
	d.record(e, d.replan([]Change{s}, s)...)
	return nil
}

// SameMailServer reports whether two settings give a password to the same
// server, as the same user and with the same checks on the way.
func SameMailServer(a, b MailSettings) bool {
	return a.Host == b.Host && a.Port == b.Port && a.User == b.User && a.Security == b.Security && a.CAFile == b.CAFile
}

func mailText(m MailSettings) string {
	if m.Host == "" {
		return "none"
	}
	return m.Host + ":" + strconv.Itoa(m.Port) + " " + string(m.Security) + " " + string(m.Auth) + " " + m.User + " from " + m.From
}

// CheckMail checks settings of mail; an empty host means that none is sent.
func CheckMail(m MailSettings) *Error {
	if m.Host == "" {
		return nil
	}
	for _, f := range []struct {
		name, v string
		min     int
	}{{"mail.host", m.Host, 1}, {"mail.user", m.User, 0}, {"mail.from", m.From, 1}, {"mail.ca_file", m.CAFile, 0}} {
		if err := line(f.name, f.v, f.min, 254); err != nil {
			return err
		}
	}
	if m.Port < 1 || m.Port > 65535 {
		return Errorf(Invalid, "mail.port", "mail.port")
	}
	if _, err := mail.ParseAddress(m.From); err != nil {
		return Errorf(Invalid, "mail.from", "mail.malformed", "value", Clip(m.From, 60))
	}
	switch m.Security {
	case MailSTARTTLS, MailTLS, MailPlain:
	default:
		return Errorf(Invalid, "mail.security", "mail.security")
	}
	switch m.Auth {
	case MailAuthNone:
	case MailAuthPlain, MailAuthLogin:
		if m.User == "" {
			return Errorf(Invalid, "mail.user", "field.missing", "field", "mail.user")
		}
		if m.Security == MailPlain {
			return Errorf(Refused, "mail.security", "mail.clear_password")
		}
	default:
		return Errorf(Invalid, "mail.auth", "mail.auth")
	}
	return nil
}
