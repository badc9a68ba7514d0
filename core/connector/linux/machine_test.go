package linux_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stint-pim/stint/core/connector"
	"github.com/stint-pim/stint/core/connector/linux"
)

// machine imitates getent, gpasswd and pkexec by their documented statuses:
// getent(1) 0 and 2; gpasswd.c of shadow 0, 1, 2 and 3; pkexec(1) 126 and 127.
type machine struct {
	root     bool
	groups   map[string]*fakeGroup
	accounts map[string]string // name → primary gid
	order    []string
	proc     string
	status   int // of the next changes, if not 0
	changes  int
	next     int
}

type fakeGroup struct {
	gid     string
	members []string
}

func newMachine(t *testing.T, root bool) *machine {
	return &machine{root: root, groups: map[string]*fakeGroup{"root": {gid: "0"}, "sudo": {gid: "27"}}, accounts: map[string]string{"root": "0"}, proc: t.TempDir(), next: 1000}
}

func (m *machine) Open(t *testing.T) connector.Driver {
	return open(t, linux.Host{
		OS: "linux", Root: m.root, Screen: true, Proc: m.proc, Name: "imitation", Now: time.Now,
		Find: func(p string) string { return "/usr/bin/" + p },
		Run: func(ctx context.Context, path string, args ...string) ([]byte, []byte, int, error) {
			if err := ctx.Err(); err != nil {
				return nil, nil, 0, err
			}
			out, status := m.run(path, args)
			return []byte(out), []byte("imitated"), status, nil
		},
	})
}

func (m *machine) run(path string, args []string) (string, int) {
	switch filepath.Base(path) {
	case "getent":
		return m.getent(args[0], args[1:])
	case "pkexec":
		if m.root {
			return "", 127
		}
		if m.status == 126 || m.status == 127 {
			m.changes++
			return "", m.status
		}
		return m.gpasswd(args[1:])
	case "gpasswd":
		if !m.root {
			return "", 1
		}
		return m.gpasswd(args)
	}
	return "", 127
}

func (m *machine) getent(database string, keys []string) (string, int) {
	if len(keys) > 0 {
		keys = keys[1:] // --
	}
	var all, out strings.Builder
	status := 0
	lines := map[string]string{}
	if database == "group" {
		for n, g := range m.groups {
			lines[n] = fmt.Sprintf("%s:x:%s:%s\n", n, g.gid, strings.Join(g.members, ","))
			lines[g.gid] = lines[n] // a number is looked up as an identifier
			all.WriteString(lines[n])
		}
	} else {
		for n, gid := range m.accounts {
			lines[n] = fmt.Sprintf("%s:x:%s:%s::/:/bin/sh\n", n, m.uid(n), gid)
			all.WriteString(lines[n])
		}
	}
	if len(keys) == 0 {
		return all.String(), 0
	}
	for _, k := range keys {
		if lines[k] == "" {
			status = 2
		}
		out.WriteString(lines[k])
	}
	return out.String(), status
}

func (m *machine) gpasswd(args []string) (string, int) {
	m.changes++
	if m.status != 0 {
		return "", m.status
	}
	if len(args) != 3 || strings.HasPrefix(args[1], "-") || strings.HasPrefix(args[2], "-") {
		return "", 2
	}
	account, g := args[1], m.groups[args[2]]
	switch {
	case g == nil:
		return "", 3
	case args[0] == "-a" && m.accounts[account] == "":
		return "", 3
	case args[0] == "-a" && !slices.Contains(g.members, account):
		g.members = append(g.members, account)
	case args[0] == "-d" && !slices.Contains(g.members, account):
		return "", 3
	case args[0] == "-d":
		g.members = slices.DeleteFunc(g.members, func(n string) bool { return n == account })
	}
	return "", 0
}

func (m *machine) uid(account string) string { return strconv.Itoa(10000 + len(account)) }

func (m *machine) carries(n string) bool {
	return n != "" && n[0] >= 'a' && n[0] <= 'z' && !strings.ContainsFunc(n, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '_' && r != '-'
	}) && len(n) <= 32
}

func (m *machine) AddRole(_ *testing.T, n string) {
	m.next++
	m.groups[n] = &fakeGroup{gid: strconv.Itoa(m.next)}
}
func (m *machine) AddAccount(_ *testing.T, n string) { m.accounts[n] = "65534" }
func (m *machine) DropRole(_ *testing.T, n string)   { delete(m.groups, n) }

func (m *machine) DropAccount(_ *testing.T, n string) {
	delete(m.accounts, n)
	for _, g := range m.groups {
		g.members = slices.DeleteFunc(g.members, func(x string) bool { return x == n })
	}
}

func (m *machine) Put(_ *testing.T, role, account string, holds bool) {
	g := m.groups[role]
	g.members = slices.DeleteFunc(g.members, func(x string) bool { return x == account })
	if holds {
		g.members = append(g.members, account)
	}
}

func (m *machine) Holds(_ *testing.T, role, account string) bool {
	g := m.groups[role]
	return g != nil && slices.Contains(g.members, account)
}

// process puts a process into the imitated /proc.
func (m *machine) process(t *testing.T, pid int, uid string, groups ...string) {
	t.Helper()
	dir := filepath.Join(m.proc, strconv.Itoa(pid))
	text := fmt.Sprintf("Name:\tsh\nUid:\t%s\t%s\t%s\t%s\nGroups:\t%s \n", uid, uid, uid, uid, strings.Join(groups, " "))
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "status"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
