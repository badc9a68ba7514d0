package linux

import (
	"context"
	"slices"

	"github.com/stint-pim/stint/core/connector"
)

// Holders lists the members of groups. There is no Object: a number that a
// group or account had is given to the next one that is made, so that it would
// lead to somebody else; and who is renamed stands in the file by name.
func (d *driver) Holders(ctx context.Context, roles []string) ([]connector.Privilege, error) {
	if err := ctx.Err(); err != nil {
		return nil, d.interrupted(ctx, err)
	}
	wanted := slices.DeleteFunc(slices.Clone(roles), func(n string) bool { return !carries(n) })
	groups, err := d.lookup(ctx, unique(wanted), []string{})
	if err != nil {
		return nil, err
	}
	accounts, err := d.lookup(ctx, []string{}, nil)
	if err != nil {
		return nil, err
	}
	var held []connector.Privilege
	for _, name := range unique(wanted) {
		g, ok := groups.groups[name]
		if !ok {
			continue
		}
		members := slices.Clone(g.members)
		for _, a := range accounts.accounts {
			if a.gid == g.gid && a.signsIn() {
				members = append(members, a.name)
			}
		}
		for _, account := range unique(members) {
			held = append(held, connector.Privilege{Role: name, Account: account})
		}
	}
	return held, nil
}
