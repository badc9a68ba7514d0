package core

import (
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"
)

// personFields checks what a person consists of and returns the language.
func (d *decider) personFields(id PersonID, name, login, mail, lang string) (string, *Error) {
	if err := line("name", name, 1, MaxName); err != nil {
		return "", err
	}
	if err := line("login", login, 1, MaxName); err != nil {
		return "", err
	}
	if strings.ContainsFunc(login, unicode.IsSpace) {
		return "", Errorf(Invalid, "login", "login.spaces")
	}
	if err := address("mail", mail); err != nil {
		return "", err
	}
	if other, ok := d.PersonByLogin(strings.TrimSpace(login)); ok && other.ID != id {
		return "", Errorf(Conflict, "login", "login.taken", "login", login)
	}
	return language(lang)
}

func (d *decider) addPerson(c AddPerson) *Error {
	if err := d.may(UserAdministrator); err != nil {
		return err
	}
	lang, err := d.personFields("", c.FullName, c.Login, c.Mail, c.Language)
	if err != nil {
		return err
	}
	p := Person{ID: PersonID(d.env.NewID("pe")), Name: strings.TrimSpace(c.FullName), Login: strings.TrimSpace(c.Login), Mail: c.Mail, Language: lang, Created: d.env.Now}
	changes := []Change{p, Credential{Person: p.ID, Hash: c.Hash, Changed: d.env.Now, MustChange: true}}
	if len(c.Accounts) > MaxBatch {
		return Errorf(Invalid, "accounts", "batch.size", "field", "accounts", "max", "200")
	}
	e := d.entry(PersonAdded)
	e.Principal, e.PrincipalName, e.Detail = p.ID, p.Name, "login "+p.Login
	d.record(e, changes...)
	for _, sys := range slices.Sorted(maps.Keys(c.Accounts)) {
		a := Account{Person: p.ID, System: sys, External: c.Accounts[sys]}
		if err := d.accountFree(a); err != nil {
			return err
		}
		e := d.entry(AccountSet)
		e.Principal, e.PrincipalName, e.Detail = p.ID, p.Name, "account “"+Clip(a.External, 120)+"”"
		d.aboutSystem(&e, sys)
		d.record(e, a)
	}
	d.result.Person = p.ID
	return nil
}

func (d *decider) updatePerson(c UpdatePerson) *Error {
	p, ok := d.Person(c.Person)
	if !ok {
		return Errorf(NotFound, "person", "person.unknown")
	}
	// Everyone may choose his own language and whether he gets the digest; the rest is for administrators.
	own := p.ID == d.me.ID && c.FullName == p.Name && c.Login == p.Login && c.Mail == p.Mail
	if !own {
		if err := d.may(UserAdministrator); err != nil {
			return err
		}
		if err := d.guarded(p.ID); err != nil {
			return err
		}
	}
	lang, err := d.personFields(p.ID, c.FullName, c.Login, c.Mail, c.Language)
	if err != nil {
		return err
	}
	was := p
	if c.NoDigest != nil && *c.NoDigest != p.NoDigest {
		if p.ID != d.me.ID {
			return Errorf(Forbidden, "no_digest", "digest.other")
		}
		p.NoDigest = *c.NoDigest
	}
	p.Name, p.Login, p.Mail, p.Language = strings.TrimSpace(c.FullName), strings.TrimSpace(c.Login), c.Mail, lang
	e := d.entry(PersonUpdated)
	e.Principal, e.PrincipalName = p.ID, p.Name
	e.Detail = changed("name", was.Name, p.Name, "login", was.Login, p.Login, "mail", was.Mail, p.Mail, "language", was.Language, p.Language, "weekly digest", wanted(was), wanted(p))
	ev := d.record(e, p)
	if was.Login != p.Login || was.Mail != p.Mail {
		// To the address of before: at the new one sits whoever made the change
		// for himself.
		ev.Notices = d.warnOwner(NoticeLoginChanged, was)
	}
	return nil
}

// changed lists what differs: name, old, new triples.
func changed(triples ...string) string {
	var parts []string
	for i := 0; i+2 < len(triples); i += 3 {
		if triples[i+1] != triples[i+2] {
			parts = append(parts, triples[i]+" from “"+Clip(triples[i+1], 120)+"” to “"+Clip(triples[i+2], 120)+"”")
		}
	}
	if len(parts) == 0 {
		return "nothing changed"
	}
	return strings.Join(parts, ", ")
}

// disablePerson ends at once what a person has: sessions, activations, what
// was scheduled. Assignments stay and give nothing meanwhile.
func (d *decider) disablePerson(c DisablePerson) *Error {
	if err := d.may(UserAdministrator); err != nil {
		return err
	}
	p, ok := d.Person(c.Person)
	if !ok {
		return Errorf(NotFound, "person", "person.unknown")
	}
	if err := d.guarded(p.ID); err != nil {
		return err
	}
	if p.ID == d.me.ID {
		return Errorf(Refused, "person", "person.disable_self")
	}
	if p.Disabled {
		return Errorf(Conflict, "person", "person.disabled", "person", p.Name)
	}
	if err := justification(c.Justification, false); err != nil {
		return err
	}
	p.Disabled = true
	e := d.entry(PersonDisabled)
	e.Principal, e.PrincipalName, e.Justification = p.ID, p.Name, strings.TrimSpace(c.Justification)
	d.record(e, p)
	d.revokeSessions(p)
	for _, a := range d.LiveOf(p.ID) {
		switch {
		case a.Origin == Activated:
			d.finish(a, Removed, ActivationEnded, endedDisabled, "")
		case a.Grant != "":
			d.refresh(a.Grant, a.ID)
		}
	}
	d.cancelPending(d.PendingOf(p.ID), endedDisabled)
	return nil
}

func (d *decider) enablePerson(c EnablePerson) *Error {
	if err := d.may(UserAdministrator); err != nil {
		return err
	}
	p, ok := d.Person(c.Person)
	if !ok {
		return Errorf(NotFound, "person", "person.unknown")
	}
	if err := d.guarded(p.ID); err != nil {
		return err
	}
	if !p.Disabled {
		return Errorf(Conflict, "person", "person.enabled", "person", p.Name)
	}
	p.Disabled = false
	e := d.entry(PersonEnabled)
	e.Principal, e.PrincipalName = p.ID, p.Name
	d.record(e, p)
	for _, a := range d.LiveOf(p.ID) {
		if a.Grant != "" {
			d.refresh(a.Grant, a.ID)
		}
	}
	return nil
}

func (d *decider) accountFree(a Account) *Error {
	sys, ok := d.System(a.System)
	if !ok || sys.State != SystemConnected || a.System == StintSystem {
		return Errorf(NotFound, "system", "system.unknown")
	}
	if err := external("external", a.External); err != nil {
		return err
	}
	if owner, ok := d.AccountOwner(a.System, a.External); ok && owner != a.Person {
		return Errorf(Conflict, "external", "account.taken", "account", Clip(a.External, 60), "system", sys.Name, "person", d.nameOf(owner))
	}
	return nil
}

// setAccount says who a person is on a system. While something is granted to
// the present account, it can't be changed: the grant would be forgotten.
func (d *decider) setAccount(c SetAccount) *Error {
	if err := d.may(UserAdministrator, PrivilegedRoleAdministrator); err != nil {
		return err
	}
	p, ok := d.Person(c.Person)
	if !ok {
		return Errorf(NotFound, "person", "person.unknown")
	}
	if err := d.guarded(p.ID); err != nil {
		return err
	}
	sys, _ := d.System(c.System)
	old, had := d.Account(c.Person, c.System)
	if had && old.External == c.External {
		e := d.entry(AccountSet)
		e.Principal, e.PrincipalName, e.System, e.SystemName, e.Detail = p.ID, p.Name, sys.ID, sys.Name, "nothing changed"
		d.record(e)
		return d.confirmAccount(p.ID, old)
	}
	for _, a := range d.LiveOf(p.ID) {
		if had && a.System == c.System {
			// Another account is another holder of all that is assigned here:
			// who only looks after people could hand it to himself.
			if err := d.may(PrivilegedRoleAdministrator); err != nil {
				return err
			}
		}
		if had && a.System == c.System && a.Kind == Active {
			return Errorf(Conflict, "external", "account.in_use", "account", Clip(old.External, 60), "system", sys.Name)
		}
		if had && a.System == c.System && c.External == "" {
			return Errorf(Conflict, "external", "account.assigned", "person", p.Name, "system", sys.Name)
		}
	}
	e := d.entry(AccountSet)
	e.Principal, e.PrincipalName, e.System, e.SystemName = p.ID, p.Name, sys.ID, sys.Name
	if c.External == "" {
		if !had {
			return Errorf(NotFound, "external", "account.none")
		}
		e.Action, e.Detail = AccountCleared, "account “"+Clip(old.External, 120)+"”"
		d.record(e, AccountRemoved{p.ID, c.System})
		return nil
	}
	a := Account{Person: p.ID, System: c.System, External: c.External}
	if err := d.accountFree(a); err != nil {
		return err
	}
	e.Detail = "account “" + Clip(a.External, 120) + "”"
	if had {
		e.Detail += ", before “" + Clip(old.External, 120) + "”"
	}
	d.record(e, a)
	d.catchUp(a)
	return nil
}

// confirmAccount: whoever enters the account again that is there says that the
// name is right, also if it stands for another account on the system than
// before. What is held is still looked for where it was granted.
func (d *decider) confirmAccount(p PersonID, acc Account) *Error {
	for _, a := range d.LiveOf(p) {
		g, ok := d.GrantFor(GrantKey{System: acc.System, Role: a.Role, Scope: a.Scope, Account: acc.External})
		if a.System != acc.System || !ok || g.Object == "" || g.Evidence.Holds || g.State != GrantAbsent && g.State != GrantGranting {
			continue
		}
		if err := d.may(PrivilegedRoleAdministrator); err != nil {
			return err // another holder of what is assigned, see setAccount
		}
		g.Object, g.NextTry = "", time.Time{}
		d.change(g)
	}
	return nil
}

// resetPassword gives somebody else a first password, and ends his sessions.
func (d *decider) resetPassword(c ResetPassword) *Error {
	if err := d.may(UserAdministrator); err != nil {
		return err
	}
	p, ok := d.Person(c.Person)
	if !ok {
		return Errorf(NotFound, "person", "person.unknown")
	}
	if p.ID == d.me.ID {
		return Errorf(Refused, "person", "password.own")
	}
	if err := d.ownProof(p.ID); err != nil {
		return err
	}
	e := d.entry(PasswordReset)
	e.Principal, e.PrincipalName = p.ID, p.Name
	d.record(e, Credential{Person: p.ID, Hash: c.Hash, Changed: d.env.Now, MustChange: true}).Notices = d.warnOwner(NoticePasswordReset, p)
	d.revokeSessions(p)
	return nil
}

// saveFavourite keeps a bundle for the actor.
func (d *decider) saveFavourite(c SaveFavourite) *Error {
	f := c.Favourite
	if err := line("name", f.Name, 1, MaxName); err != nil {
		return err
	}
	if len(f.Items) == 0 || len(f.Items) > MaxBundle {
		return Errorf(Invalid, "items", "batch.size", "field", "items", "max", "20")
	}
	f.Items = slices.Clone(f.Items) // the caller's stay as they are
	seen := map[AssignmentID]bool{}
	for i, it := range f.Items {
		a, ok := d.Assignment(it.Assignment)
		if !ok || a.Principal != d.me.ID || a.Kind != Eligible {
			return Errorf(NotFound, "items", "assignment.unknown")
		}
		if seen[it.Assignment] {
			return Errorf(Invalid, "items", "batch.twice")
		}
		seen[it.Assignment] = true
		sc, err := scope(it.Scope)
		if err != nil {
			return err
		}
		if it.Scope != "" {
			f.Items[i].Scope = sc
		}
	}
	if err := line("justification", f.Justification, 0, MaxJustification); err != nil {
		return err
	}
	if f.Duration != 0 && (f.Duration.Std() < MinActivation || f.Duration.Std() > MaxMaxDuration) {
		return Errorf(Invalid, "duration", "duration.between", "min", Span(MinActivation), "max", Span(MaxMaxDuration))
	}
	all := d.FavouritesOf(d.me.ID)
	if f.ID == "" {
		if len(all) >= 50 {
			return Errorf(Refused, "", "favourite.many", "max", "50")
		}
		f.ID = FavouriteID(d.env.NewID("fa"))
	} else if old, ok := d.Favourite(f.ID); !ok || old.Person != d.me.ID {
		return Errorf(NotFound, "favourite", "favourite.unknown")
	}
	f.Person, f.Name = d.me.ID, strings.TrimSpace(f.Name)
	e := d.entry(FavouriteSaved)
	e.Detail = "“" + f.Name + "”"
	d.record(e, f)
	return nil
}

func (d *decider) removeFavourite(c RemoveFavourite) *Error {
	f, ok := d.Favourite(c.ID)
	if !ok || f.Person != d.me.ID {
		return Errorf(NotFound, "favourite", "favourite.unknown")
	}
	e := d.entry(FavouriteDropped)
	e.Detail = "“" + f.Name + "”"
	d.record(e, FavouriteRemoved{f.ID})
	return nil
}
