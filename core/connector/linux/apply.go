package linux

import (
	"context"
	"fmt"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/connector"
)

// Exit statuses, as in gpasswd.c of shadow and in pkexec(1).
const (
	gpasswdNoPermission = 1 // also: the file is locked, or could not be written
	gpasswdBadArgument  = 3 // no such group or account in the files; not a member
	pkexecDismissed     = 126
	pkexecDenied        = 127
)

// Apply makes the tasks true one after another: gpasswd knows no more than one
// change at a time. Nothing is run for what is so already, so that nobody is
// asked for permission to change nothing.
func (d *driver) Apply(ctx context.Context, tasks []connector.Task) ([]connector.Outcome, error) {
	all := make([]connector.Outcome, 0, len(tasks))
	for len(all) < len(tasks) {
		if err := ctx.Err(); err != nil {
			return nil, d.interrupted(ctx, err)
		}
		out, err := d.apply(ctx, agreeing(tasks[len(all):]))
		if err != nil {
			return nil, err
		}
		all = append(all, out...)
	}
	return all, ctx.Err()
}

// agreeing returns the first tasks up to one that takes back what one of them
// did: each is proven before the next changes it.
func agreeing(tasks []connector.Task) []connector.Task {
	ways := map[connector.Privilege]bool{}
	for i, t := range tasks {
		if way, seen := ways[t.Privilege]; seen && way != t.Grant {
			return tasks[:i]
		}
		ways[t.Privilege] = t.Grant
	}
	return tasks
}

// apply does and proves tasks that don't contradict each other.
func (d *driver) apply(ctx context.Context, tasks []connector.Task) ([]connector.Outcome, error) {
	ps := make([]connector.Privilege, len(tasks))
	for i, t := range tasks {
		ps[i] = t.Privilege
	}
	before, err := d.look(ctx, ps)
	if err != nil {
		return nil, err
	}
	out := make([]connector.Outcome, len(tasks))
	listed := map[connector.Privilege]bool{} // as it is by now
	var denied error
	for i, t := range tasks {
		now, changed := listed[t.Privilege]
		if !changed {
			now = before.listed(t.Privilege)
		}
		out[i].HeldBefore = t.Grant && (now || before.primary(t.Privilege))
		out[i].Err = d.possible(t, before)
		switch {
		case out[i].Err != nil, t.Grant && out[i].HeldBefore, !t.Grant && !now:
			continue
		case denied != nil: // who said no once isn't asked again for the same batch
			out[i].Err = denied
			continue
		}
		out[i].Err, err = d.change(ctx, t)
		if err != nil {
			return nil, err
		}
		if out[i].Err == nil {
			listed[t.Privilege] = t.Grant
		}
		if !d.host.Root {
			denied = out[i].Err
		}
	}
	return out, d.prove(ctx, tasks, ps, out)
}

// possible says why a task can't be done at all, or nil.
func (d *driver) possible(t connector.Task, s state) error {
	switch {
	case !connector.WholeScope(t.Scope):
		return connector.NoScope(t.Scope)
	case !t.Grant:
		return nil
	case s.groups[t.Role].name == "":
		return connector.NoRole(t.Role)
	case s.accounts[t.Account].name == "":
		return connector.NoAccount(t.Account)
	}
	return nil
}

// change runs gpasswd. refused concerns the task, err the whole host.
func (d *driver) change(ctx context.Context, t connector.Task) (refused, err error) {
	gpasswd := d.host.Find("gpasswd")
	if gpasswd == "" {
		return nil, core.Wrap(core.Unavailable, "connector.linux.no_tools", connector.ErrUnreachable)
	}
	way := "-d"
	if t.Grant {
		way = "-a"
	}
	// carries has made sure that neither name can be taken for an option.
	path, args := gpasswd, []string{way, t.Account, t.Role}
	if !d.host.Root {
		path, args = d.host.Find("pkexec"), append([]string{gpasswd}, args...)
		if path == "" {
			return core.Wrap(core.Unavailable, "connector.linux.no_pkexec", connector.ErrNotAllowed), nil
		}
	}
	_, stderr, status, err := d.host.Run(ctx, path, args...)
	switch {
	case err != nil:
		return nil, d.interrupted(ctx, err)
	case status == 0:
		return nil, nil
	case !d.host.Root && (status == pkexecDismissed || status == pkexecDenied):
		return core.Wrap(core.Unavailable, "connector.linux.denied", connector.ErrNotAllowed), nil
	case status == gpasswdBadArgument:
		// The group is there, as getent has said, but not in the file.
		return core.Wrap(core.Unavailable, "connector.linux.directory", connector.ErrNotAllowed, "role", connector.Show(t.Role)), nil
	case status == gpasswdNoPermission && d.host.Root:
		return core.Wrap(core.Unavailable, "connector.linux.locked", fmt.Errorf("gpasswd: %q", core.Clip(string(stderr), 300))), nil
	}
	return d.failed("gpasswd", status, stderr, connector.ErrNotAllowed), nil
}

// prove reads back and lets what is so decide about success.
func (d *driver) prove(ctx context.Context, tasks []connector.Task, ps []connector.Privilege, out []connector.Outcome) error {
	after, err := d.look(ctx, ps)
	if err != nil {
		return err
	}
	for i, t := range tasks {
		o, e := &out[i], d.evidence(t.Privilege, after)
		o.Evidence = e
		switch {
		case e.Holds == t.Grant:
			if connector.WholeScope(t.Scope) {
				o.Err = nil
			}
		case o.Err != nil:
		case !t.Grant && after.primary(t.Privilege):
			o.Err = core.Wrap(core.Unavailable, "connector.linux.primary", connector.ErrNotAllowed, "role", connector.Show(t.Role), "account", connector.Show(t.Account))
		case t.Grant:
			o.Err = core.Errorf(core.Unavailable, "", "connector.not_held", "role", connector.Show(t.Role), "account", connector.Show(t.Account))
		default:
			o.Err = core.Errorf(core.Unavailable, "", "connector.still_held", "role", connector.Show(t.Role), "account", connector.Show(t.Account))
		}
		if !t.Grant && !e.Holds {
			if n := d.keepers(t.Privilege, after); n > 0 {
				o.Evidence.Answer += fmt.Sprintf("; %d running process(es) of the account keep the group until they end", n)
			}
		}
	}
	return nil
}
