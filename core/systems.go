package core

import (
	"maps"
	"net/mail"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"
)

// sealContext names the row a system's credential belongs to.
func sealContext(id SystemID) string { return "system:" + string(id) }

// MailSealContext names the place of the mail server's password.
const MailSealContext = "settings:mail"

func (d *decider) spec(id SystemID, s SystemSpec) *Error {
	if err := line("name", s.Name, 1, MaxName); err != nil {
		return err
	}
	if other, ok := d.SystemByName(strings.TrimSpace(s.Name)); ok && other.ID != id {
		return Errorf(Conflict, "name", "system.taken", "name", s.Name)
	}
	if len(s.Settings) > MaxSettings {
		return Errorf(Invalid, "settings", "batch.size", "field", "settings", "max", strconv.Itoa(MaxSettings))
	}
	for _, k := range slices.Sorted(maps.Keys(s.Settings)) {
		if err := line("settings", k, 1, MaxSettingName); err != nil {
			return err
		}
		if err := line("settings."+k, s.Settings[k], 0, MaxSetting); err != nil {
			return err
		}
	}
	return nil
}

func (d *decider) addSystem(c AddSystem) *Error {
	if err := d.may(PrivilegedRoleAdministrator); err != nil {
		return err
	}
	if c.Kind == KindStint || c.Kind == "" {
		return Errorf(Invalid, "kind", "system.kind")
	}
	if err := line("kind", string(c.Kind), 1, MaxSettingName); err != nil {
		return err
	}
	if err := d.spec("", c.SystemSpec); err != nil {
		return err
	}
	s := System{ID: SystemID(d.env.NewID("sy")), Name: strings.TrimSpace(c.SystemSpec.Name), Kind: c.Kind, Settings: c.Settings, State: SystemConnected, Created: d.env.Now}
	if !c.Secret.Empty() {
		s.Sealed = d.env.Seal(sealContext(s.ID), c.Secret)
	}
	e := d.entry(SystemAdded)
	e.System, e.SystemName, e.Detail = s.ID, s.Name, string(s.Kind)+"; "+settingsText(s.Settings)
	d.record(e, s).Notices = d.systemNotices(Notice{Kind: NoticeManaged, Evidence: string(s.Kind), Count: len(c.Roles)}, s)
	d.result.System = s.ID
	return d.newRoles(s, c.Roles)
}

// settingsText writes settings for the log; they are never secret.
func settingsText(m map[string]string) string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	parts := make([]string, 0, len(keys))
	for _, k := range keys {
		if m[k] != "" {
			parts = append(parts, k+" "+Clip(m[k], 120))
		}
	}
	return strings.Join(parts, ", ")
}

// SameAddress reports whether two settings lead to the same place as the same
// user, with the same checks on the way.
func SameAddress(a, b map[string]string) bool {
	for _, k := range []string{"host", "port", "user", "sslmode", "ca_file", "url"} {
		if a[k] != b[k] {
			return false
		}
	}
	return true
}

// sameServer reports whether two settings lead to the same server, whoever
// signs in there and however the connection is protected.
func sameServer(a, b map[string]string) bool {
	for _, k := range []string{"host", "port", "url"} {
		if a[k] != b[k] {
			return false
		}
	}
	return true
}

func (d *decider) addRoles(c AddRoles) *Error {
	if err := d.may(PrivilegedRoleAdministrator); err != nil {
		return err
	}
	s, ok := d.System(c.System)
	if !ok || s.ID == StintSystem {
		return Errorf(NotFound, "system", "system.unknown")
	}
	if s.State != SystemConnected {
		return Errorf(Refused, "system", "system.not_connected", "system", s.Name)
	}
	if len(c.Roles) == 0 {
		return Errorf(Invalid, "roles", "batch.size", "field", "roles", "max", strconv.Itoa(MaxRolesAtOnce))
	}
	return d.newRoles(s, c.Roles)
}

func (d *decider) newRoles(s System, roles []NewRole) *Error {
	if len(roles) > MaxRolesAtOnce {
		return Errorf(Invalid, "roles", "batch.size", "field", "roles", "max", strconv.Itoa(MaxRolesAtOnce))
	}
	seen := map[string]bool{}
	for _, n := range roles {
		if err := external("external", n.External); err != nil {
			return err
		}
		if n.Name == "" {
			n.Name = Clip(printable(n.External), MaxName)
		}
		if err := roleText(n.Name, n.Description); err != nil {
			return err
		}
		if _, ok := d.RoleByExternal(s.ID, n.External); ok || seen[n.External] {
			return Errorf(Conflict, "roles", "role.exists", "role", n.Name, "system", s.Name)
		}
		seen[n.External] = true
		r := Role{ID: RoleID(d.env.NewID("ro")), System: s.ID, External: n.External, Name: n.Name, Description: n.Description, Privileged: n.Privileged, Protected: n.Protected}
		e := d.entry(RoleAdded)
		e.Role, e.RoleName, e.System, e.SystemName = r.ID, r.Name, s.ID, s.Name
		e.Detail = "“" + Clip(r.External, 255) + "”"
		d.record(e, r)
		d.result.Roles = append(d.result.Roles, r.ID)
	}
	return d.fewProtected()
}

// fewProtected refuses more protected roles than the last-holder rule looks
// at: else enough of them would push Stint's own out of its sight.
func (d *decider) fewProtected() *Error {
	if len(d.ProtectedRoles()) > MaxProtected {
		return Errorf(Refused, "protected", "role.protected_many", "max", strconv.Itoa(MaxProtected))
	}
	return nil
}

// printable replaces what line would refuse, for a name taken from a system;
// the external name itself is kept verbatim.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unseen(r) {
			return '�'
		}
		return r
	}, s)
}

func roleText(name, description string) *Error {
	if err := line("name", name, 1, MaxName); err != nil {
		return err
	}
	return line("description", strings.ReplaceAll(description, "\n", " "), 0, MaxDescription)
}

func (d *decider) updateSystem(c UpdateSystem) *Error {
	if err := d.may(PrivilegedRoleAdministrator); err != nil {
		return err
	}
	s, ok := d.System(c.System)
	if !ok || s.ID == StintSystem || s.State == SystemRemoved {
		return Errorf(NotFound, "system", "system.unknown")
	}
	if c.Kind != "" && c.Kind != s.Kind {
		return Errorf(Invalid, "kind", "system.kind_fixed")
	}
	if err := d.spec(s.ID, c.SystemSpec); err != nil {
		return err
	}
	was := s
	s.Name, s.Settings = strings.TrimSpace(c.SystemSpec.Name), c.Settings
	e := d.entry(SystemUpdated)
	e.System, e.SystemName = s.ID, s.Name
	e.Detail = changed("name", was.Name, s.Name, "settings", settingsText(was.Settings), settingsText(s.Settings))
	switch {
	case !c.Secret.Empty():
		s.Sealed = d.env.Seal(sealContext(s.ID), c.Secret)
		e.Detail += ", new credential"
	case len(s.Sealed) > 0 && !SameAddress(was.Settings, s.Settings):
		// Else who may edit a system could have its credential sent to a host of his own.
		return Errorf(Refused, "secret", "probe.secret_again")
	}
	if n := d.GrantsOn(s.ID); n > 0 && !sameServer(was.Settings, s.Settings) {
		// What was granted there would be taken back, and proven gone, somewhere
		// else. Only where the server has moved, so that nobody answers at its
		// old place, is there no other way to it.
		if was.Health.Error == "" {
			return Errorf(Conflict, "settings", "system.address_held", "system", s.Name, "count", strconv.Itoa(n))
		}
		e.Detail += "; " + plural(n, "grant was", "grants were") + " made at the former address, which can't be reached"
	}
	d.record(e, s)
	return nil
}

// removeSystem begins to drain a system: new assignments are refused, what is
// live ends at once, and only when every grant has been proven gone is the
// credential forgotten (R7, R11).
func (d *decider) removeSystem(c RemoveSystem) *Error {
	if err := d.may(PrivilegedRoleAdministrator); err != nil {
		return err
	}
	s, ok := d.System(c.System)
	if !ok || s.ID == StintSystem || s.State == SystemRemoved {
		return Errorf(NotFound, "system", "system.unknown")
	}
	if s.State == SystemDraining {
		return Errorf(Conflict, "system", "system.draining", "system", s.Name, "count", strconv.Itoa(d.GrantsOn(s.ID)))
	}
	if err := justification(c.Justification, false); err != nil {
		return err
	}
	s.State = SystemDraining
	e := d.entry(DrainStarted)
	e.System, e.SystemName, e.Justification = s.ID, s.Name, strings.TrimSpace(c.Justification)
	e.Detail = plural(d.GrantsOn(s.ID), "grant is", "grants are") + " taken back first"
	d.record(e, s)
	return nil
}

func (d *decider) updateRole(c UpdateRole) *Error {
	if err := d.may(PrivilegedRoleAdministrator); err != nil {
		return err
	}
	r, ok := d.Role(c.Role)
	if !ok {
		return Errorf(NotFound, "role", "role.unknown")
	}
	if err := roleText(c.Name, c.Description); err != nil {
		return err
	}
	was := r
	if r.System == StintSystem && (c.Name != r.Name || c.Description != r.Description || c.Protected != r.Protected || c.Privileged != r.Privileged) {
		return Errorf(Refused, "role", "role.built_in")
	}
	r.Name, r.Description, r.Privileged, r.Protected = c.Name, c.Description, c.Privileged, c.Protected
	e := d.entry(RoleUpdated)
	d.aboutRole(&e, r.ID)
	e.RoleName = r.Name
	e.Detail = changed("name", was.Name, r.Name, "description", was.Description, r.Description,
		"privileged", strconv.FormatBool(was.Privileged), strconv.FormatBool(r.Privileged),
		"protected", strconv.FormatBool(was.Protected), strconv.FormatBool(r.Protected))
	d.record(e, r)
	if r.Protected && !was.Protected {
		return d.fewProtected()
	}
	return nil
}

// setPolicy replaces the settings of one level.
func (d *decider) setPolicy(c SetPolicy) *Error {
	if err := d.may(PrivilegedRoleAdministrator); err != nil {
		return err
	}
	return d.setLevel(c.Level, c.Settings)
}

func (d *decider) setLevel(level string, set PolicySettings) *Error {
	e := d.entry(PolicyChanged)
	was := d.PolicyLevel(level)
	switch {
	case level == DefaultLevel:
		e.Detail = "defaults: "
	case strings.HasPrefix(level, "sy_"):
		s, ok := d.System(SystemID(level))
		if !ok {
			return Errorf(NotFound, "level", "system.unknown")
		}
		e.System, e.SystemName = s.ID, s.Name
	default:
		r, ok := d.Role(RoleID(level))
		if !ok {
			return Errorf(NotFound, "level", "role.unknown")
		}
		d.aboutRole(&e, r.ID)
	}
	if err := policySettings(set); err != nil {
		return err
	}
	if err := d.stages(set, was.Stages); err != nil {
		return err
	}
	e.Detail += policyDiff(was, set)
	d.record(e, PolicyLevel{Level: level, Settings: set})
	return nil
}

// CheckPolicy checks the limits of rules.md section 3. Who stages name, and
// whether they are enough, is looked at when they are stored.
func CheckPolicy(s PolicySettings) error {
	if err := policySettings(s); err != nil {
		return err
	}
	return nil
}

func policySettings(s PolicySettings) *Error {
	between := func(field string, v *Duration, min, max time.Duration) *Error {
		if v != nil && (v.Std() < min || v.Std() > max) {
			return Errorf(Invalid, field, "duration.between", "min", Span(min), "max", Span(max))
		}
		return nil
	}
	if err := between("max_duration", s.MaxDuration, MinMaxDuration, MaxMaxDuration); err != nil {
		return err
	}
	if err := between("eligible_for", s.EligibleFor, MinAssignmentFor, MaxAssignmentFor); err != nil {
		return err
	}
	if err := between("active_for", s.ActiveFor, MinAssignmentFor, MaxAssignmentFor); err != nil {
		return err
	}
	if err := between("approval_timeout", s.ApprovalTimeout, MinApprovalTimeout, MaxApprovalTimeout); err != nil {
		return err
	}
	for _, e := range PolicyEvents() {
		for _, a := range Audiences() {
			if r := *s.Notify(e, a); r != nil {
				if err := recipients(NotifyField(e, a), *r); err != nil {
					return err
				}
			}
		}
	}
	if s.DropOn != nil {
		if err := dropOn(*s.DropOn); err != nil {
			return err
		}
	}
	if s.TicketPattern != nil {
		if err := line("ticket_pattern", *s.TicketPattern, 0, MaxPattern); err != nil {
			return err
		}
		// Alone and as it is used: “\Qa” is an expression only alone.
		_, alone := regexp.Compile(*s.TicketPattern)
		if _, err := wholeMatch(*s.TicketPattern); alone != nil || err != nil {
			return Errorf(Invalid, "ticket_pattern", "pattern.malformed")
		}
	}
	return nil
}

// dropOn checks a set: each of the known reasons, once.
func dropOn(list []DropReason) *Error {
	for i, r := range list {
		if !slices.Contains(DropReasons(), r) || slices.Contains(list[:i], r) {
			return Errorf(Invalid, "drop_on", "drop_on.unknown", "value", shown(string(r), 40))
		}
	}
	return nil
}

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

func (d *decider) noteExport(c NoteExport) *Error {
	e := d.entry(AuditExported)
	e.Detail = c.Format + ", " + strconv.FormatInt(c.Count, 10) + " entries, " + c.Filter + ", SHA-256 " + c.Hash
	d.record(e)
	return nil
}

func (d *decider) noteVerify(c NoteVerify) *Error {
	e := d.entry(AuditVerified)
	e.Detail = strconv.FormatInt(c.Count, 10) + " entries, the chain is whole"
	if c.Break != nil {
		e.Outcome = OutcomeFailed
		e.Detail = "broken at entry " + strconv.FormatInt(c.Break.Seq, 10) + ": " + c.Break.Reason
	}
	d.record(e)
	return nil
}

func (d *decider) noteMailTest(c NoteMailTest) *Error {
	e := d.entry(MailTested)
	e.Detail = "to " + c.To
	if c.Problem != "" {
		e.Outcome, e.Detail = OutcomeFailed, e.Detail+": "+Clip(c.Problem, 300)
	}
	d.record(e)
	return nil
}

func (d *decider) noteStore(c NoteStore) *Error {
	e := d.entry(StoreMended)
	e.Detail = "the disk with the database has room again"
	if c.Full {
		e = d.entry(StoreFull)
		e.Outcome, e.Detail = OutcomeFailed, "the disk with the database is full: only what takes access away is stored, in room kept for it"
	}
	d.record(e)
	return nil
}
