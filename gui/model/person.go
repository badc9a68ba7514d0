package model

import (
	"net/mail"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/stint-pim/stint/core"
)

// PersonRowLine is the row of somebody in the list of people.
type PersonRowLine struct {
	ID                         core.PersonID
	Name, Login, Mail          string
	Factor                     Mark
	State                      Mark
	Accounts, Eligible, Active string
	Seen                       string
}

// PersonRowOf is the row of a person.
func PersonRowOf(say *Text, now time.Time, p core.PersonRow) PersonRowLine {
	return PersonRowLine{
		ID: p.ID, Name: p.Name, Login: p.Login, Mail: p.Mail, Factor: FactorMark(say, p), State: PersonMark(say, p),
		Accounts: say.Number(int64(p.Accounts)), Eligible: say.Number(int64(p.Eligible)), Active: say.Number(int64(p.Active)),
		Seen: say.Ago(p.LastSeen, now),
	}
}

// FactorMark says whether somebody has a second factor.
func FactorMark(say *Text, p core.PersonRow) Mark {
	if p.HasFactor {
		return Mark{say.T("pages.person.factor.yes"), ToneGood}
	}
	return Mark{say.T("pages.person.factor.no"), ToneWarn}
}

// PersonMark says whether somebody can sign in.
func PersonMark(say *Text, p core.PersonRow) Mark {
	switch {
	case p.Disabled:
		return Mark{say.T("pages.person.disabled"), TonePlain}
	case p.Locked:
		return Mark{say.T("pages.person.locked"), ToneBad}
	case p.LastSeen.IsZero():
		return Mark{say.T("pages.person.invited"), TonePending}
	}
	return Mark{say.T("pages.person.enabled"), ToneGood}
}

// PersonFacts are the lines at the head of a person's page.
func PersonFacts(say *Text, now time.Time, p core.PersonPage, roles []string) []Fact {
	f := facts{say: say}
	f.add("pages.person.fact.login", p.Person.Login)
	f.add("pages.person.fact.mail", p.Person.Mail)
	f.add("pages.person.fact.language", say.T("pages.language."+p.Person.Language))
	f.add("pages.person.fact.factor", FactorMark(say, p.Person).Word)
	f.add("pages.person.fact.seen", say.Ago(p.Person.LastSeen, now))
	f.add("pages.person.fact.since", say.Date(p.Person.Created))
	f.add("pages.person.fact.roles", strings.Join(roles, ", "))
	return f.list
}

// SessionLine is one place where somebody is signed in.
type SessionLine struct{ From, Since, Seen string }

// SessionLines are the sessions, last used first as they come.
func SessionLines(say *Text, now time.Time, sessions []core.Session) []SessionLine {
	out := make([]SessionLine, 0, len(sessions))
	for _, s := range sessions {
		out = append(out, SessionLine{From: FromWhere(say, s.From), Since: say.When(s.Created, now), Seen: say.Ago(s.LastSeen, now)})
	}
	return out
}

// Disabling is what the question before disabling somebody says.
func Disabling(say *Text, p core.PersonRow) (title, text, button string) {
	text = say.T("pages.person.disable.text",
		"sessions", Count(say, "pages.person.sessions", p.Sessions),
		"active", Count(say, "pages.person.active", p.Active),
		"eligible", Count(say, "pages.person.eligible", p.Eligible))
	return say.T("pages.person.disable.title", "person", p.Name), text, say.T("pages.person.disable.button", "person", p.Name)
}

// PersonForm is somebody as he is typed in.
type PersonForm struct {
	ID                          core.PersonID // empty: new
	Name, Login, Mail, Language string
	touched                     bool // the login was typed and follows the name no more
}

// FormOfPerson is the form of somebody who is stored.
func FormOfPerson(p core.Person) *PersonForm {
	return &PersonForm{ID: p.ID, Name: p.Name, Login: p.Login, Mail: p.Mail, Language: p.Language, touched: true}
}

// Check says what is missing or malformed, or nil.
func (f *PersonForm) Check() error {
	if err := CheckName("name", f.Name); err != nil {
		return err
	}
	if err := CheckName("login", f.Login); err != nil {
		return err
	}
	return CheckMail("mail", f.Mail, false)
}

// CheckMail refuses what is no address, or longer than 254 characters; empty is
// right where needed is false. withName also takes "Stint <stint@example.org>".
func CheckMail(field, address string, withName bool) error {
	address = strings.TrimSpace(address)
	if address == "" {
		return nil
	}
	if utf8.RuneCountInString(address) > 254 {
		return core.Errorf(core.Invalid, field, "pages.field.too_long", "max", "254")
	}
	a, err := mail.ParseAddress(address)
	if err != nil || !withName && a.Address != address {
		return core.Errorf(core.Invalid, field, "pages.field.mail")
	}
	return nil
}

// TypeName takes the name; until a login is typed it proposes one from it:
// "Alice Meyer" becomes "alice.meyer".
func (f *PersonForm) TypeName(name string) {
	f.Name = name
	if !f.touched {
		f.Login = proposeLogin(name)
	}
}

// TypeLogin takes the login; from then on the name changes it no more.
func (f *PersonForm) TypeLogin(login string) {
	if login == f.Login {
		return
	}
	f.Login, f.touched = login, login != ""
}

func proposeLogin(name string) string {
	fold := strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "ß", "ss", "é", "e", "è", "e", "á", "a", "ñ", "n", "ç", "c")
	parts := strings.Fields(fold.Replace(strings.ToLower(name)))
	if len(parts) > 2 {
		parts = []string{parts[0], parts[len(parts)-1]}
	}
	var b strings.Builder
	for _, r := range strings.Join(parts, ".") {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '.' || r == '-' {
			b.WriteRune(r)
		}
	}
	return strings.Trim(b.String(), ".-")
}

// Add is the command for somebody new.
func (f *PersonForm) Add() core.AddPerson {
	return core.AddPerson{FullName: strings.TrimSpace(f.Name), Login: strings.TrimSpace(f.Login), Mail: strings.TrimSpace(f.Mail), Language: f.Language}
}

// Update is the command for somebody stored.
func (f *PersonForm) Update() core.UpdatePerson {
	return core.UpdatePerson{Person: f.ID, FullName: strings.TrimSpace(f.Name), Login: strings.TrimSpace(f.Login), Mail: strings.TrimSpace(f.Mail), Language: f.Language}
}
