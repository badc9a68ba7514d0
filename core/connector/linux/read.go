package linux

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/connector"
)

// group and account are lines of the databases, as group(5) and passwd(5) have them.
type group struct {
	name, gid string
	members   []string
}

type account struct{ name, uid, gid, shell string }

// state is what getent said about some groups and accounts.
type state struct {
	groups   map[string]group
	accounts map[string]account
	at       time.Time
}

// listed reports whether the group names the account as a member; primary
// whether it is the account's own group.
func (s state) listed(p connector.Privilege) bool {
	return slices.Contains(s.groups[p.Role].members, p.Account)
}

func (s state) primary(p connector.Privilege) bool {
	g, a := s.groups[p.Role], s.accounts[p.Account]
	return g.name != "" && a.name != "" && g.gid == a.gid
}

// look reads the groups and accounts of ps.
func (d *driver) look(ctx context.Context, ps []connector.Privilege) (state, error) {
	roles, names := []string{}, []string{}
	for _, p := range ps {
		if carries(p.Role) && carries(p.Account) {
			roles, names = append(roles, p.Role), append(names, p.Account)
		}
	}
	return d.lookup(ctx, unique(roles), unique(names))
}

func unique(names []string) []string {
	slices.Sort(names)
	return slices.Compact(names)
}

func (d *driver) lookup(ctx context.Context, roles, names []string) (state, error) {
	s := state{groups: map[string]group{}, accounts: map[string]account{}}
	for _, q := range []struct {
		database string
		keys     []string
		take     func([]string)
	}{
		{"group", roles, func(f []string) { s.takeGroup(f) }},
		{"passwd", names, func(f []string) { s.takeAccount(f) }},
	} {
		if q.keys != nil && len(q.keys) == 0 {
			continue
		}
		lines, err := d.getent(ctx, q.database, q.keys)
		if err != nil {
			return s, err
		}
		for _, l := range lines {
			// A key that is a number is looked up as an identifier, and a name
			// service may ignore case: only what was asked for counts.
			if f := strings.Split(l, ":"); q.keys == nil || slices.Contains(q.keys, f[0]) {
				q.take(f)
			}
		}
	}
	s.at = d.host.Now().UTC()
	return s, nil
}

func (s state) takeGroup(f []string) {
	if len(f) != 4 {
		return
	}
	g := group{name: f[0], gid: f[2]}
	if f[3] != "" {
		g.members = strings.Split(f[3], ",")
	}
	if _, first := s.groups[g.name]; !first { // the first line counts, as for the system itself
		s.groups[g.name] = g
	}
}

func (s state) takeAccount(f []string) {
	if len(f) != 7 {
		return
	}
	if _, first := s.accounts[f[0]]; !first {
		s.accounts[f[0]] = account{name: f[0], uid: f[2], gid: f[3], shell: f[6]}
	}
}

// getent runs getent; nil keys list the whole database. Status 2 says that one
// of the keys was not found, which the caller sees.
func (d *driver) getent(ctx context.Context, database string, keys []string) ([]string, error) {
	path := d.host.Find("getent")
	if path == "" {
		return nil, core.Wrap(core.Unavailable, "connector.linux.no_tools", connector.ErrUnreachable)
	}
	args := []string{database}
	if keys != nil {
		args = append(append(args, "--"), keys...)
	}
	out, stderr, status, err := d.host.Run(ctx, path, args...)
	if err != nil {
		return nil, d.interrupted(ctx, err)
	}
	if status != 0 && status != 2 {
		return nil, d.failed("getent", status, stderr, connector.ErrUnreachable)
	}
	return strings.FieldsFunc(string(out), func(r rune) bool { return r == '\n' }), nil
}

// evidence puts what was read into words.
func (d *driver) evidence(p connector.Privilege, s state) core.Evidence {
	e := core.Evidence{
		At: s.at, Holds: s.listed(p) || s.primary(p),
		Query:  fmt.Sprintf("getent group %q, getent passwd %q", core.Clip(p.Role, 100), core.Clip(p.Account, 100)),
		Answer: "not a member",
	}
	g := s.groups[p.Role]
	switch {
	case g.name == "":
		e.Answer = "group does not exist"
	case s.primary(p):
		e.Answer = "member (primary group " + g.gid + ")"
	case e.Holds:
		e.Answer = "member"
	case s.accounts[p.Account].name == "":
		e.Answer = "account does not exist"
	}
	e.Answer += fmt.Sprintf(" (host %q)", d.host.Name)
	return e
}

// keepers counts the running processes of an account that still have the
// group: the kernel gives groups to a process when its session begins and
// never takes them back (credentials(7)).
func (d *driver) keepers(p connector.Privilege, s state) int {
	uid, gid, n := s.accounts[p.Account].uid, s.groups[p.Role].gid, 0
	if uid == "" || gid == "" {
		return 0
	}
	files, _ := filepath.Glob(filepath.Join(d.host.Proc, "[0-9]*", "status"))
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			continue // it has ended meanwhile
		}
		if his, has := holdsGroup(string(text), uid, gid); his && has {
			n++
		}
	}
	return n
}

// holdsGroup reads a status file of proc(5): whose process it is, and whether
// the group is among its supplementary ones.
func holdsGroup(status, uid, gid string) (his, has bool) {
	for line := range strings.Lines(status) {
		key, value, _ := strings.Cut(line, ":")
		f := strings.Fields(value)
		switch key {
		case "Uid":
			his = len(f) > 0 && f[0] == uid
		case "Groups":
			has = slices.Contains(f, gid)
		}
	}
	return his, has
}
