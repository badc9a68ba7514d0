package core

import (
	"maps"
	"slices"
	"sort"
	"strconv"
	"strings"
)

// sealContext names the row a system's credential belongs to.
func sealContext(id SystemID) string { return "system:" + string(id) }

// MailSealContext names the place of the mail server's password.
const MailSealContext = "settings:mail"

func (d *decider) spec(id SystemID, kind Kind, s SystemSpec) *Error {
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
	return settingsOf(d.env.Kinds, kind, s.Settings)
}

// CheckSettings refuses a kind, or a setting of it, that there is not: a slip of
// the pen would leave a check switched off that somebody relies on.
func CheckSettings(kinds map[Kind][]string, kind Kind, settings map[string]string) error {
	if err := settingsOf(kinds, kind, settings); err != nil {
		return err
	}
	return nil
}

func settingsOf(kinds map[Kind][]string, kind Kind, settings map[string]string) *Error {
	if kinds == nil {
		return nil
	}
	names, ok := kinds[kind]
	if !ok {
		return Errorf(Invalid, "kind", "system.kind_unknown", "kind", string(kind))
	}
	for _, k := range slices.Sorted(maps.Keys(settings)) {
		if !slices.Contains(names, k) {
			return Errorf(Invalid, "settings."+k, "connector.setting_unknown", "name", k, "names", strings.Join(names, ", "))
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
	if err := d.spec("", c.Kind, c.SystemSpec); err != nil {
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
	if err := d.spec(s.ID, s.Kind, c.SystemSpec); err != nil {
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
