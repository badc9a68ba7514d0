package model

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/stint-pim/stint/core"
)

// SettingForm is the settings of the installation as they are typed.
type SettingForm struct {
	Organisation string
	IdleLock     string // as in IdleChoices; "" is never
	Host, Port   string
	Security     core.MailSecurity
	Auth         core.MailAuth
	User, From   string
	CAFile       string
	Password     string // empty keeps the stored one
	Digest       core.DigestSettings
}

// FormOfSettings is the form as it opens.
func FormOfSettings(s core.Settings) *SettingForm {
	f := &SettingForm{
		Organisation: s.Organisation, Host: s.Mail.Host, Security: s.Mail.Security, Auth: s.Mail.Auth,
		User: s.Mail.User, From: s.Mail.From, CAFile: s.Mail.CAFile, Digest: s.Digest.Whole(),
	}
	if s.IdleLock > 0 {
		f.IdleLock = EditSpan(s.IdleLock)
	}
	if s.Mail.Port > 0 {
		f.Port = strconv.Itoa(s.Mail.Port)
	}
	if f.Security == "" {
		f.Security = core.MailSTARTTLS
	}
	if f.Auth == "" {
		f.Auth = core.MailAuthNone
	}
	return f
}

// IdleChoices are the proposed times after which the window locks itself;
// "" is never.
func IdleChoices() []string { return []string{"5m", "15m", "30m", "1h", "4h", ""} }

// DefaultPort is the port that a way to protect the connection usually has
// (RFC 8314, RFC 6409).
func DefaultPort(s core.MailSecurity) string {
	switch s {
	case core.MailTLS:
		return "465"
	case core.MailSTARTTLS:
		return "587"
	}
	return "25"
}

// Command reads the form.
func (f *SettingForm) Command() (core.ChangeSettings, error) {
	c := core.ChangeSettings{MailPassword: core.NewSecret(f.Password)}
	c.Settings.Organisation = strings.TrimSpace(f.Organisation)
	if len([]rune(c.Settings.Organisation)) > 120 {
		return c, core.Errorf(core.Invalid, "organisation", "pages.field.too_long", "max", "120")
	}
	if s := strings.TrimSpace(f.IdleLock); s != "" {
		d, err := core.ParseDuration(s)
		if err != nil {
			return c, fieldError(err, "idle_lock")
		}
		if d.Std() < time.Minute || d.Std() > 12*time.Hour {
			return c, core.Errorf(core.Invalid, "idle_lock", "pages.policy.out_of_limits", "least", "1m", "most", "12h")
		}
		c.Settings.IdleLock = d
	}
	c.Settings.Digest = f.Digest
	c.Settings.Digest.At, c.Settings.Digest.Zone = strings.TrimSpace(f.Digest.At), strings.TrimSpace(f.Digest.Zone)
	if err := core.CheckDigest(c.Settings.Digest); err != nil {
		return c, err
	}
	var err error
	c.Settings.Mail, err = f.Mail()
	return c, err
}

// Mail reads the part about mail. Everything is empty where no server is
// named: then no mail leaves.
func (f *SettingForm) Mail() (core.MailSettings, error) {
	m := core.MailSettings{
		Host: strings.TrimSpace(f.Host), Security: f.Security, Auth: f.Auth, User: strings.TrimSpace(f.User),
		From: strings.TrimSpace(f.From), CAFile: strings.TrimSpace(f.CAFile),
	}
	if m.Host == "" {
		return core.MailSettings{}, nil
	}
	port := strings.TrimSpace(f.Port)
	if port == "" {
		port = DefaultPort(f.Security)
	}
	n, err := strconv.Atoi(port)
	if err != nil || n < 1 || n > 65535 {
		return m, core.Errorf(core.Invalid, "port", "pages.settings.bad_port")
	}
	m.Port = n
	if m.From == "" {
		return m, core.Errorf(core.Invalid, "from", "pages.field.empty")
	}
	if err := CheckMail("from", m.From, true); err != nil {
		return m, err
	}
	if m.Auth != core.MailAuthNone && m.User == "" {
		return m, core.Errorf(core.Invalid, "user", "pages.field.empty")
	}
	if m.Auth == core.MailAuthNone {
		m.User = ""
	}
	return m, nil
}

// PasswordForm changes the own password.
type PasswordForm struct{ Present, Next, Again string }

// MinPassword is the least length of a password, in characters (ASVS 6.2.1
// asks for at least 8 and recommends 15; the gate has the last word).
const MinPassword = 12

// Check says what is wrong before anything is sent, or nil.
func (f PasswordForm) Check() error {
	switch {
	case f.Present == "":
		return core.Errorf(core.Invalid, "present", "pages.field.empty")
	case len([]rune(f.Next)) < MinPassword:
		return core.Errorf(core.Invalid, "next", "pages.settings.password.short", "min", strconv.Itoa(MinPassword))
	case f.Next != f.Again:
		return core.Errorf(core.Invalid, "again", "pages.settings.password.differs")
	}
	return nil
}

// MailName is what a mail is called in the list of those that Stint sends.
func MailName(say *Text, k core.NoticeKind) string { return say.T("pages.mail." + string(k)) }

// GetsDigest reports whether somebody is among those to whom the digest of the
// week goes.
func GetsDigest(me core.Me) bool {
	return slices.ContainsFunc(core.DigestRoles(), func(r core.RoleID) bool { return slices.Contains(me.Roles, r) })
}
