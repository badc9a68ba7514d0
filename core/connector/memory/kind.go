package memory

import (
	"strings"
	"sync"
	"time"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/connector"
)

// Kind opens systems in memory, one for each name: drivers opened under the
// same name speak to the same system. The zero value is not usable; see
// NewKind.
type Kind struct {
	now     func() time.Time
	mu      sync.Mutex
	systems map[string]*System // guarded by mu; by Config.Name
}

var _ connector.Kind = (*Kind)(nil)

// NewKind returns a kind without systems. now may be nil.
func NewKind(now func() time.Time) *Kind {
	return &Kind{now: now, systems: map[string]*System{}}
}

// Info describes the kind.
func (k *Kind) Info() core.KindInfo {
	var choices []string
	for _, p := range parts() {
		choices = append(choices, p.as)
	}
	return core.KindInfo{
		Kind: core.KindSample, Title: "Sample", Summary: "connector.sample.summary", Available: true,
		Fields: []core.KindField{
			{Name: "as", Label: "connector.sample.as", Help: "connector.sample.as_help", Default: choices[0], Choices: choices},
			{Name: "roles", Label: "connector.sample.roles", Help: "connector.sample.lines_help", Example: "dba"},
			{Name: "accounts", Label: "connector.sample.accounts", Help: "connector.sample.lines_help", Example: "alice"},
			{Name: "holders", Label: "connector.sample.holders", Help: "connector.sample.holders_help", Example: "dba => alice"},
		},
		Traits: core.Traits{EndsSessions: true},
	}
}

// Statements returns nothing: a system in memory needs no account for Stint.
func (k *Kind) Statements(connector.Config) string { return "" }

// Open returns a driver for the system called cfg.Name. The first Open of a
// name makes the system and fills it from the settings; System may have made
// it earlier.
func (k *Kind) Open(cfg connector.Config) (connector.Driver, error) {
	as := cfg.Settings["as"]
	known := as == ""
	for _, p := range parts() {
		known = known || p.as == as
	}
	if !known {
		return nil, core.Errorf(core.Invalid, "as", "connector.choice", "value", connector.Show(as))
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if s, ok := k.systems[cfg.Name]; ok {
		return s.Driver(), nil
	}
	s := NewSystem(title(as), k.now)
	k.systems[cfg.Name] = s
	fill(s, cfg.Settings)
	return s.Driver(), nil
}

// System returns the system of that name, making an empty one if there is none.
func (k *Kind) System(name string) *System {
	k.mu.Lock()
	defer k.mu.Unlock()
	s, ok := k.systems[name]
	if !ok {
		s = NewSystem(title(""), k.now)
		k.systems[name] = s
	}
	return s
}

// part is a kind of system that a sample can play.
type part struct {
	as, title string
	roles     []core.FoundRole
}

// parts are what a sample can play, the default first.
func parts() []part {
	role := func(ext, desc string, privileged bool) core.FoundRole {
		return core.FoundRole{External: ext, Description: desc, Privileged: privileged}
	}
	return []part{
		{"postgres", "PostgreSQL 17 (sample)", []core.FoundRole{
			role("dba", "Owns every schema", true), role("pg_read_all_data", "Reads every table", true),
			role("billing_rw", "Writes the billing schema", false), role("reporting", "Reads the reports", false),
		}},
		{"linux", "Debian 12 (sample)", []core.FoundRole{
			role("sudo", "May become root", true), role("docker", "Controls containers, which is as good as root", true), role("adm", "Reads the logs", false),
		}},
		{"ldap", "OpenLDAP 2.6 (sample)", []core.FoundRole{
			role("cn=domain-admins,ou=groups,dc=example,dc=org", "Administers the directory", true), role("cn=helpdesk,ou=groups,dc=example,dc=org", "Resets passwords", false),
		}},
		{"entra", "Microsoft Entra ID (sample)", []core.FoundRole{
			role("Global Administrator", "Everything in the tenant", true), role("User Administrator", "Users and groups", true),
			role("Exchange Administrator", "Mailboxes", true), role("Reports Reader", "Sign-in and audit reports", false),
		}},
		{"azure", "Azure (sample)", []core.FoundRole{
			role("Owner", "Everything in the subscription", true), role("Contributor", "Everything but access", true), role("Reader", "Reads", false),
		}},
		{"kubernetes", "Kubernetes 1.31 (sample)", []core.FoundRole{
			role("cluster-admin", "Everything in the cluster", true), role("edit", "Changes workloads", false), role("view", "Reads", false),
		}},
	}
}

func title(as string) string {
	for _, p := range parts() {
		if p.as == as {
			return p.title
		}
	}
	return parts()[0].title
}

// fill gives a new system what the settings list, one per line; without a list
// of roles it gets those that fit the part it plays.
func fill(s *System, settings map[string]string) {
	s.AddAccount(lines(settings["accounts"])...)
	names := lines(settings["roles"])
	for _, n := range names {
		s.AddRole(core.FoundRole{External: n})
	}
	if len(names) == 0 {
		for _, p := range parts() {
			if p.title == s.title {
				for _, r := range p.roles {
					s.AddRole(r)
				}
			}
		}
	}
	for _, h := range lines(settings["holders"]) {
		// Not "=" alone: distinguished names are full of it.
		if role, account, ok := strings.Cut(h, "=>"); ok {
			role, account = strings.TrimSpace(role), strings.TrimSpace(account)
			s.AddAccount(account)
			s.Put(role, account, true)
		}
	}
}

func lines(text string) []string {
	var all []string
	for _, l := range strings.Split(text, "\n") {
		if l = strings.TrimSpace(l); l != "" {
			all = append(all, l)
		}
	}
	return all
}
