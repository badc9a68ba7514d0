package core

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
