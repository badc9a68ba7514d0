package linux

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/connector"
)

// driver speaks to one host. It keeps nothing.
type driver struct{ host Host }

func (d *driver) Close() error { return nil }

// Patience is how long an Apply may take where somebody has to answer the
// desktop's question first (connector.Patient).
func (d *driver) Patience() time.Duration {
	if d.host.Root {
		return 0
	}
	return 2 * time.Minute
}

// Check makes sure that groups can be read.
func (d *driver) Check(ctx context.Context) (string, error) {
	if err := ctx.Err(); err != nil {
		return "", d.interrupted(ctx, err)
	}
	if _, err := d.getent(ctx, "group", []string{"root"}); err != nil {
		return "", err
	}
	return "Linux, host " + strconv.QuoteToGraphic(d.host.Name), nil
}

// Read asks which privileges the host holds.
func (d *driver) Read(ctx context.Context, ps []connector.Privilege) ([]connector.Outcome, error) {
	if err := ctx.Err(); err != nil {
		return nil, d.interrupted(ctx, err)
	}
	s, err := d.look(ctx, ps)
	if err != nil {
		return nil, err
	}
	out := make([]connector.Outcome, len(ps))
	for i, p := range ps {
		out[i].Evidence = d.evidence(p, s)
		if !connector.WholeScope(p.Scope) {
			out[i].Err = connector.NoScope(p.Scope)
		}
	}
	return out, nil
}

// Discover lists groups and accounts. An account is somebody who can sign in:
// its shell is not one of those that turn people away.
func (d *driver) Discover(ctx context.Context) (connector.Found, error) {
	version, err := d.Check(ctx)
	if err != nil {
		return connector.Found{}, err
	}
	s, err := d.lookup(ctx, nil, nil)
	if err != nil {
		return connector.Found{}, err
	}
	found := connector.Found{Version: version}
	for _, g := range s.groups {
		holders := slices.Clone(g.members)
		for _, a := range s.accounts {
			if a.gid == g.gid && !slices.Contains(holders, a.name) && a.signsIn() {
				holders = append(holders, a.name)
			}
		}
		slices.Sort(holders)
		found.Roles = append(found.Roles, core.FoundRole{External: g.name, Privileged: privileged(g), Holders: holders})
	}
	slices.SortFunc(found.Roles, func(a, b core.FoundRole) int { return strings.Compare(a.External, b.External) })
	for _, a := range s.accounts {
		if a.signsIn() {
			found.Accounts = append(found.Accounts, a.name)
		}
	}
	slices.Sort(found.Accounts)
	return found, nil
}

func (a account) signsIn() bool {
	return !strings.HasSuffix(a.shell, "/nologin") && !strings.HasSuffix(a.shell, "/false") && a.shell != "/bin/sync"
}

// privileged names the groups of common distributions through which one
// becomes root, or as good as root (Debian's SystemGroups page and the usual
// sudoers and polkit rules).
func privileged(g group) bool {
	return g.gid == "0" || slices.Contains([]string{
		"sudo", "wheel", "admin", "docker", "lxd", "incus-admin", "libvirt", "kvm", "disk", "shadow", "kmem", "adm", "systemd-journal",
	}, g.name)
}

// interrupted is the error of a program that didn't run to its end.
func (d *driver) interrupted(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("%w: %w", connector.ErrUnreachable, ctx.Err())
	}
	return fmt.Errorf("%w: %w", connector.ErrUnreachable, err)
}

// failed is the error of a program that ended badly. What it wrote goes to the
// log alone.
func (d *driver) failed(tool string, status int, stderr []byte, is error) error {
	return core.Wrap(core.Unavailable, "connector.linux.failed", fmt.Errorf("%w: %s: %q", is, tool, core.Clip(string(stderr), 300)),
		"tool", tool, "status", strconv.Itoa(status))
}
