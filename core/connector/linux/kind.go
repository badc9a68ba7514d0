package linux

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/connector"
)

// Kind opens the groups of a host.
type Kind struct{ host Host }

var _ connector.Kind = Kind{}

// NewKind returns the kind for a host, usually ThisHost.
func NewKind(host Host) Kind { return Kind{host} }

// Info describes the kind, and says where it can't work why, and what to do
// instead.
func (k Kind) Info() core.KindInfo {
	info := core.KindInfo{
		Kind: core.KindLinux, Title: "Linux groups", Summary: "connector.linux.summary",
		Traits: core.Traits{Residual: "connector.linux.residual"},
	}
	switch {
	case k.host.OS != "linux":
		info.Why = "connector.linux.other_os"
	case k.host.Find("getent") == "" || k.host.Find("gpasswd") == "":
		info.Why = "connector.linux.no_tools"
	case k.host.Root:
		info.Available = true
	case k.host.Find("pkexec") == "":
		info.Why = "connector.linux.no_pkexec"
	case !k.host.Screen:
		info.Why = "connector.linux.no_agent"
	default:
		info.Available, info.Summary = true, "connector.linux.asks"
	}
	return info
}

// Open returns a driver. There are no settings.
func (k Kind) Open(connector.Config) (connector.Driver, error) {
	if info := k.Info(); !info.Available {
		return nil, core.Errorf(core.Unavailable, "", info.Why)
	}
	return &driver{host: k.host}, nil
}

// Statements returns nothing: the account that Stint needs is root.
func (Kind) Statements(connector.Config) string { return "" }

// carries reports whether a group or an account of this name could exist:
// nothing that the file's format, a tool's options, a shell or a number could
// be taken for. It is wider than what groupadd allows by itself, because names
// of a directory can be, too.
func carries(name string) bool {
	if name == "" || len(name) > 255 || !utf8.ValidString(name) || strings.ContainsAny(name[:1], "-+~") {
		return false
	}
	digits := true
	for _, r := range name {
		if unicode.IsControl(r) || unicode.IsSpace(r) || strings.ContainsRune(":,/", r) {
			return false
		}
		digits = digits && r >= '0' && r <= '9'
	}
	// getent takes a number for an identifier: "27" would be read as sudo.
	return !digits
}
