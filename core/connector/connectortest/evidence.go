package connectortest

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/stint-pim/stint/core/connector"
)

// complete checks that evidence could convince an auditor: when, what was
// asked, what was answered, and that it fits.
func (s *story) complete(o connector.Outcome, holds bool) {
	s.Helper()
	e := o.Evidence
	switch {
	case e.At.IsZero() || e.At.Location() != time.UTC:
		s.Errorf("evidence has the time %v; want one in UTC", e.At)
	case e.Holds != holds:
		s.Errorf("evidence says holds=%v, want %v: %q", e.Holds, holds, e.Answer)
	case e.Query == "" || e.Answer == "":
		s.Errorf("evidence lacks its question or answer: %+v", e)
	case e.Ended < 0:
		s.Errorf("evidence says that %d sessions ended", e.Ended)
	}
	for _, text := range []string{e.Query, e.Answer} {
		if n := utf8.RuneCountInString(text); n > 500 {
			s.Errorf("evidence of %d characters; want at most 500: %q", n, text)
		}
		// A line break or an escape in a name must not forge a second line of
		// a log (ASVS 16.4.1).
		if strings.ContainsFunc(text, unicode.IsControl) {
			s.Errorf("evidence holds a control character: %q", text)
		}
	}
}

// clean checks that text holds none of the secrets.
func (s *story) clean(text string) {
	s.Helper()
	for _, secret := range s.Secrets {
		if secret != "" && strings.Contains(text, secret) {
			s.Errorf("a secret stands in %q", strings.ReplaceAll(text, secret, "(SECRET)"))
		}
	}
}
