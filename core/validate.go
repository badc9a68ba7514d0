package core

import (
	"net/mail"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Limits of fields, in characters unless said otherwise (rules.md section 10).
const (
	MinJustification = 5
	MaxJustification = 500
	MaxTicket        = 64
	MaxName          = 120
	MaxDescription   = 1000
	MaxScope         = 500
	MaxExternal      = 255 // bytes
	MaxObject        = 200 // of a driver's own reference
	MaxMail          = 254
	MaxPattern       = 200
	MaxBatch         = 200
	MaxBundle        = 20
	MaxRolesAtOnce   = 500
	MaxSettings      = 32
	MaxSettingName   = 64
	MaxSetting       = 2000
	MaxProtected     = 100                      // roles; View.ProtectedRoles gives no more, and none may be overlooked
	MaxAhead         = 2 * 365 * 24 * time.Hour // how far in the future an assignment may start
	MaxActivateAhead = 90 * 24 * time.Hour
	pastSlack        = 2 * time.Minute // a start this little in the past means now
)

// line checks a one-line field: its length, that it is UTF-8, and that it
// holds no control or direction-changing characters, which could make one name
// look like another in a list or a log.
func line(field, s string, min, max int) *Error {
	n := utf8.RuneCountInString(s)
	switch {
	case !utf8.ValidString(s):
		return Errorf(Invalid, field, "field.not_text", "field", field)
	case n < min && n == 0:
		return Errorf(Invalid, field, "field.missing", "field", field)
	case n < min:
		return Errorf(Invalid, field, "field.short", "field", field, "min", strconv.Itoa(min), "got", strconv.Itoa(n))
	case n > max:
		return Errorf(Invalid, field, "field.long", "field", field, "max", strconv.Itoa(max), "got", strconv.Itoa(n))
	}
	if strings.ContainsFunc(s, unseen) {
		return Errorf(Invalid, field, "field.control", "field", field)
	}
	if strings.TrimSpace(s) == "" && min > 0 {
		return Errorf(Invalid, field, "field.missing", "field", field)
	}
	return nil
}

// unseen reports whether r changes how a text looks without being seen itself:
// control characters, line ends, changes of direction, and the format
// characters (Unicode category Cf) such as the zero-width space, with which
// “boss” can be written in many ways. The two joiners are let through: Persian,
// Indian scripts and emoji are not written without them.
func unseen(r rune) bool {
	const nonJoiner, joiner = '\u200c', '\u200d'
	return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || unicode.Is(unicode.Cf, r) && r != nonJoiner && r != joiner
}

// shown makes a text that was refused fit for the log: valid UTF-8, nothing
// that can't be seen, at most n characters.
func shown(s string, n int) string { return Clip(printable(s), n) }

// oneLine makes one line of a text, in which nothing is unseen.
func oneLine(s string) string {
	if !strings.ContainsFunc(s, unseen) {
		return s
	}
	return printable(strings.Map(func(r rune) rune {
		switch r {
		case '\n', '\r', '\t', '\u2028', '\u2029':
			return ' '
		}
		return r
	}, s))
}

// stored makes a text that came from outside fit for every store: valid UTF-8
// without NUL, which PostgreSQL refuses.
func stored(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "�"), "\x00", "�")
}

// external checks a name that belongs to a system and is carried verbatim.
func external(field, s string) *Error {
	switch {
	case s == "":
		return Errorf(Invalid, field, "field.missing", "field", field)
	case len(s) > MaxExternal:
		return Errorf(Invalid, field, "field.long", "field", field, "max", strconv.Itoa(MaxExternal), "got", strconv.Itoa(len(s)))
	case !utf8.ValidString(s) || strings.ContainsRune(s, 0):
		return Errorf(Invalid, field, "field.not_text", "field", field)
	}
	return nil
}

func justification(s string, required bool) *Error {
	min := 0
	if required || strings.TrimSpace(s) != "" {
		min = MinJustification
	}
	if required && strings.TrimSpace(s) == "" {
		return Errorf(Invalid, "justification", "justification.needed", "min", strconv.Itoa(MinJustification))
	}
	return line("justification", strings.TrimSpace(s), min, MaxJustification)
}

func ticket(t Ticket, p Policy) *Error {
	if err := line("ticket_system", t.System, 0, MaxTicket); err != nil {
		return err
	}
	if err := line("ticket_number", t.Number, 0, MaxTicket); err != nil {
		return err
	}
	if !p.RequireTicket && t.Number == "" {
		return nil
	}
	if strings.TrimSpace(t.Number) == "" {
		return Errorf(Invalid, "ticket_number", "ticket.needed")
	}
	if p.TicketPattern == "" {
		return nil
	}
	re, err := wholeMatch(p.TicketPattern)
	if err != nil || !re.MatchString(t.Number) {
		return Errorf(Invalid, "ticket_number", "ticket.pattern", "pattern", p.TicketPattern)
	}
	return nil
}

// wholeMatch compiles a pattern that must fit the whole text.
func wholeMatch(pattern string) (*regexp.Regexp, error) {
	return regexp.Compile(`\A(?:` + pattern + `)\z`)
}

func address(field, s string) *Error {
	if s == "" {
		return nil
	}
	if err := line(field, s, 1, MaxMail); err != nil {
		return err
	}
	if a, err := mail.ParseAddress(s); err != nil || a.Address != s {
		return Errorf(Invalid, field, "mail.malformed", "value", Clip(s, 60))
	}
	return nil
}

// scope cleans a scope: empty is "/", and a path has neither a trailing slash
// nor empty or dotted parts.
func scope(s string) (string, *Error) {
	if s == "" || s == "/" {
		return "/", nil
	}
	if err := line("scope", s, 1, MaxScope); err != nil {
		return "", err
	}
	if s[0] != '/' || strings.HasSuffix(s, "/") {
		return "", Errorf(Invalid, "scope", "scope.malformed", "value", Clip(s, 60))
	}
	for _, part := range strings.Split(s[1:], "/") {
		if part == "" || part == "." || part == ".." {
			return "", Errorf(Invalid, "scope", "scope.malformed", "value", Clip(s, 60))
		}
	}
	return s, nil
}

// within reports whether scope s is at or below scope of.
func within(s, of string) bool {
	return of == "/" || s == of || strings.HasPrefix(s, of+"/")
}

// instant cuts to microseconds, which is what stores keep.
func instant(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return t.UTC().Truncate(time.Microsecond)
}

func language(s string) (string, *Error) {
	switch s {
	case "":
		return "en", nil
	case "en", "de":
		return s, nil
	}
	return "", Errorf(Invalid, "language", "language.unknown", "value", Clip(s, 20))
}
