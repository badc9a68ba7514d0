package sample

import (
	"strings"

	"github.com/stint-pim/stint/core"
)

// Who works at the company, and what there is. All of it is invented.

const organisation = "Northwind Textiles"

func places() []string {
	return []string{"window", "window", "window", "command line", "10.20.4.17", "10.20.7.102"}
}

// names are forty people with their teams; the first one is the one through
// whose eyes one looks around.
func names() [][2]string {
	return [][2]string{
		{"Alex Morgan", "platform"},
		{"Bea Lindqvist", "platform"}, {"Carlos Ferreira", "platform"}, {"Dana Okafor", "platform"}, {"Emil Novák", "platform"},
		{"Farah Haddad", "data"}, {"Giulia Romano", "data"}, {"Hugo Lefèvre", "data"}, {"Ines Duarte", "data"}, {"Jonas Weber", "data"},
		{"Katarzyna Wójcik", "security"}, {"Liam O’Connor", "security"}, {"Mei Tanaka", "security"},
		{"Noah Andersen", "helpdesk"}, {"Olga Petrova", "helpdesk"}, {"Pavel Horák", "helpdesk"}, {"Quentin Moreau", "helpdesk"}, {"Rania Aziz", "helpdesk"},
		{"Samuel Adeyemi", "web"}, {"Tereza Dvořáková", "web"}, {"Umut Yılmaz", "web"}, {"Valentina Rossi", "web"}, {"William Clarke", "web"}, {"Xenia Papadopoulou", "web"},
		{"Yusuf Demir", "web"}, {"Zoë van den Berg", "web"},
		{"Aaron Fischer", "finance"}, {"Brigitte Müller", "finance"}, {"Chidi Eze", "finance"}, {"Dorothea Klein", "finance"},
		{"Erik Johansson", "office"}, {"Fiona Gallagher", "office"}, {"Gabriel Santos", "office"}, {"Hannah Cohen", "office"},
		{"Maximiliane Freifrau von Hohenstein-Wittgenstein", "office"}, {"Ivan Marković", "build"}, {"Julia Schneider", "build"}, {"Kenji Watanabe", "build"},
		{"Lena Bergström", "build"}, {"Marek Zieliński", "build"},
	}
}

// loginOf makes "alex.morgan" of "Alex Morgan".
func loginOf(name string) string {
	fold := strings.NewReplacer("á", "a", "ä", "ae", "ö", "oe", "ü", "ue", "è", "e", "é", "e", "ë", "e", "ó", "o", "ø", "o", "ř", "r", "ć", "c", "ń", "n", "ı", "i", "’", "", "ł", "l")
	f := strings.Fields(fold.Replace(strings.ToLower(name)))
	return f[0] + "." + f[len(f)-1]
}

type systemPlan struct {
	name, as string
	roles    []core.NewRole
	teams    []string // whose people have an account there
}

func systems() []systemPlan {
	role := func(ext, name, desc string, privileged bool) core.NewRole {
		return core.NewRole{External: ext, Name: name, Description: desc, Privileged: privileged}
	}
	return []systemPlan{
		{"prod-db", "postgres", []core.NewRole{
			role("db_owner", "db-owner", "Owns every schema of the production cluster", true), role("db_admin", "db-admin", "Changes schemas and indexes", true),
			role("billing_rw", "billing-rw", "Writes the billing schema", true), role("reporting", "reporting", "Reads the reporting views", false),
		}, []string{"platform", "data", "finance"}},
		{"staging-db", "postgres", []core.NewRole{
			role("db_owner", "db-owner", "Owns every schema of the staging cluster", true), role("db_admin", "db-admin", "Changes schemas and indexes", false),
		}, []string{"platform", "data", "web"}},
		{"build-07", "linux", []core.NewRole{
			role("wheel", "wheel", "May become root", true), role("docker", "docker", "Controls containers, which is as good as root", true), role("adm", "adm", "Reads the logs", false),
		}, []string{"platform", "build", "web"}},
		{"corp.example", "ldap", []core.NewRole{
			role("cn=Domain Admins,ou=Groups,dc=corp,dc=example", "Domain Admins", "Administers the whole directory", true),
			role("cn=Helpdesk,ou=Groups,dc=corp,dc=example", "Helpdesk", "Resets passwords and unlocks accounts", false),
			role("cn=VPN Operators,ou=Groups,dc=corp,dc=example", "VPN Operators", "Changes the remote access gateway", true),
		}, []string{"platform", "security", "helpdesk"}},
		{"Northwind tenant", "entra", []core.NewRole{
			role("Exchange Administrator", "Exchange Administrator", "Mailboxes and mail flow", true), role("User Administrator", "User Administrator", "Users and groups of the tenant", true),
			role("Security Reader", "Security Reader", "Sign-ins and alerts", false),
		}, []string{"platform", "security", "helpdesk", "office"}},
		{"sub-production", "azure", []core.NewRole{
			role("Owner", "Owner", "Everything in the subscription, access included", true), role("Contributor", "Contributor", "Everything but access", true), role("Reader", "Reader", "Looks, changes nothing", false),
		}, []string{"platform", "web", "security", "build"}},
	}
}

// offer says which teams are eligible for what.
type offer struct {
	role  string // "role@system"
	teams []string
	often int // activations a year of one person, about
}

func offers() []offer {
	return []offer{
		{"db-owner@prod-db", []string{"platform"}, 12}, {"db-admin@prod-db", []string{"platform", "data"}, 30}, {"billing-rw@prod-db", []string{"data", "finance"}, 14},
		{"db-owner@staging-db", []string{"platform", "data"}, 10}, {"db-admin@staging-db", []string{"web"}, 18},
		{"wheel@build-07", []string{"build", "platform"}, 24}, {"docker@build-07", []string{"build", "web"}, 12},
		{"Domain Admins@corp.example", []string{"platform"}, 3}, {"Helpdesk@corp.example", []string{"helpdesk"}, 40}, {"VPN Operators@corp.example", []string{"security", "platform"}, 5},
		{"Exchange Administrator@Northwind tenant", []string{"helpdesk", "platform"}, 9}, {"User Administrator@Northwind tenant", []string{"helpdesk", "platform"}, 16},
		{"Owner@sub-production", []string{"platform"}, 4}, {"Contributor@sub-production", []string{"web", "platform"}, 20},
	}
}

// standing says which teams hold a role without activating it: what the
// company has not cleaned up yet.
func standing() []offer {
	return []offer{
		{"reporting@prod-db", []string{"finance"}, 0}, {"adm@build-07", []string{"build"}, 0}, {"Security Reader@Northwind tenant", []string{"security"}, 0},
		{"Reader@sub-production", []string{"web", "security"}, 0},
	}
}

func reasons() []string {
	return []string{
		"Slow query on the orders page, adding an index", "Month-end closing, correcting two bookings", "Rotating the replication password", "Customer export for a subject access request",
		"Investigating failed sign-ins from last night", "Release 24.11, schema change as reviewed", "User locked out, resetting the second factor", "Mail flow rule blocks a supplier",
		"Disk nearly full, moving old logs", "Container registry is stuck, restarting it", "New colleague starts on Monday", "Restoring a table deleted by mistake",
		"Patching the build host", "Checking who changed the firewall rule", "Certificate runs out this week", "Load test before the sale",
	}
}
