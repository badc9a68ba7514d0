package connector

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/stint-pim/stint/core"
)

// Limits bound what one call to a system may take. A zero field means the
// default.
type Limits struct {
	Call     time.Duration // of one Check, one Read and one batch of Apply; 5 s (F12)
	Discover time.Duration // of one Discover, which reads thousands of names; 30 s
	Batch    int           // how many tasks or questions go to the driver at once; 1,000
}

// Patient is a Driver some of whose changes wait for a person, such as one who
// gives permission on the desktop. Patience is how long an Apply may take; zero
// means the usual.
type Patient interface{ Patience() time.Duration }

// Target stands between Stint and a Driver and holds the driver to its word:
// every call has a deadline, no batch is larger than Limits.Batch, calls come
// one at a time, a panic becomes an error, and a success without a proof that
// fits it is none. A Target is a Driver itself and may be used from many
// goroutines.
//
// A driver that doesn't return when its context ends blocks its own Target,
// and no other.
type Target struct {
	driver Driver
	limits Limits
	turn   chan struct{} // holds one token; whoever has it may call the driver
}

var (
	_ Driver = (*Target)(nil)
	_ Lister = (*Target)(nil)
)

// NewTarget wraps driver, which from then on belongs to the Target.
func NewTarget(driver Driver, limits Limits) *Target {
	if limits.Call <= 0 {
		limits.Call = 5 * time.Second
	}
	if limits.Discover <= 0 {
		limits.Discover = 30 * time.Second
	}
	if limits.Batch <= 0 {
		limits.Batch = 1000
	}
	t := &Target{driver: driver, limits: limits, turn: make(chan struct{}, 1)}
	t.turn <- struct{}{}
	return t
}

// Check is Driver.Check within the limits.
func (t *Target) Check(ctx context.Context) (version string, err error) {
	err = t.call(ctx, t.limits.Call, func(ctx context.Context) error {
		version, err = t.driver.Check(ctx)
		return err
	})
	return version, err
}

// Read is Driver.Read within the limits. There is always one outcome for each
// privilege; where the whole call failed, those not reached carry its error.
func (t *Target) Read(ctx context.Context, asked []Privilege) ([]Outcome, error) {
	return batches(ctx, t, t.limits.Call, asked, t.driver.Read, nil)
}

// Apply is Driver.Apply within the limits, with outcomes as for Read. An
// outcome without an error is one whose evidence shows what the task asked for.
func (t *Target) Apply(ctx context.Context, tasks []Task) ([]Outcome, error) {
	limit := t.limits.Call
	if p, ok := t.driver.(Patient); ok {
		limit = max(limit, p.Patience())
	}
	return batches(ctx, t, limit, tasks, t.driver.Apply, func(task Task, o *Outcome) {
		if o.Err == nil && o.Evidence.Holds != task.Grant {
			o.Err = unproven(task)
		}
	})
}

// Discover is Driver.Discover within the limits. What exceeds the limits of
// Found is cut off, and so is nothing else.
func (t *Target) Discover(ctx context.Context) (found Found, err error) {
	err = t.call(ctx, t.limits.Discover, func(ctx context.Context) error {
		found, err = t.driver.Discover(ctx)
		return err
	})
	if len(found.Roles) > 2000 {
		found.Roles = found.Roles[:2000]
	}
	for i, r := range found.Roles {
		found.Roles[i].Holders = r.Holders[:min(len(r.Holders), 1000)]
	}
	if len(found.Accounts) > 5000 {
		found.Accounts = found.Accounts[:5000]
	}
	return found, err
}

// Holders is Lister.Holders within the limits. Of a driver that is none it asks
// Discover, which takes in fewer.
func (t *Target) Holders(ctx context.Context, roles []string) (held []Privilege, err error) {
	lister, ok := t.driver.(Lister)
	if !ok {
		found, err := t.Discover(ctx)
		for _, r := range found.Roles {
			if slices.Contains(roles, r.External) {
				for _, account := range r.Holders {
					held = append(held, Privilege{Role: r.External, Account: account})
				}
			}
		}
		return held, err
	}
	err = t.call(ctx, t.limits.Discover, func(ctx context.Context) error {
		held, err = lister.Holders(ctx, roles)
		return err
	})
	return held[:min(len(held), MaxHoldings)], err
}

// Close waits for the call under way and closes the driver. Closing twice is
// allowed if the driver keeps the contract.
func (t *Target) Close() error {
	return t.call(context.Background(), t.limits.Call, func(context.Context) error { return t.driver.Close() })
}

// batches hands work to do in portions and judges what comes back. judge may
// be nil.
func batches[W any](ctx context.Context, t *Target, limit time.Duration, work []W, do func(context.Context, []W) ([]Outcome, error), judge func(W, *Outcome)) ([]Outcome, error) {
	all := make([]Outcome, 0, len(work))
	for len(all) < len(work) {
		part := work[len(all):min(len(all)+t.limits.Batch, len(work))]
		var got []Outcome
		err := t.call(ctx, limit, func(ctx context.Context) (err error) {
			got, err = do(ctx, part)
			return err
		})
		if err == nil && len(got) != len(part) {
			err = core.Wrap(core.Internal, "connector.broken", fmt.Errorf("driver returned %d outcomes for %d", len(got), len(part)))
		}
		if err != nil {
			for len(all) < len(work) {
				all = append(all, Outcome{Err: err})
			}
			return all, err
		}
		for i := range got {
			o := &got[i]
			o.Object = core.Clip(o.Object, core.MaxObject)
			o.Evidence.Query, o.Evidence.Answer = core.Clip(o.Evidence.Query, 500), core.Clip(o.Evidence.Answer, 500)
			if o.Err == nil && o.Evidence.At.IsZero() {
				o.Err = core.Errorf(core.Internal, "", "connector.no_evidence")
			}
			if judge != nil {
				judge(part[i], o)
			}
		}
		all = append(all, got...)
	}
	return all, nil
}

// unproven is the error of a task whose read-back shows something else.
func unproven(task Task) error {
	key := core.TextKey("connector.still_held")
	if task.Grant {
		key = "connector.not_held"
	}
	return core.Errorf(core.Unavailable, "", key, "role", Show(task.Role), "account", Show(task.Account))
}

// call waits for its turn and runs do with a deadline. What do returns after
// the deadline is an ErrUnreachable, whatever the driver made of it.
func (t *Target) call(parent context.Context, limit time.Duration, do func(context.Context) error) (err error) {
	ctx, cancel := context.WithTimeout(parent, limit)
	defer cancel()
	select {
	case <-t.turn:
		defer func() { t.turn <- struct{}{} }()
	case <-ctx.Done():
		return late(parent, ctx.Err())
	}
	defer func() {
		if v := recover(); v != nil {
			err = core.Wrap(core.Internal, "connector.broken", panicked(v))
		}
	}()
	if err = do(ctx); err != nil && ctx.Err() != nil {
		return late(parent, err)
	}
	return err
}

// late explains an error that came when the context had ended already.
func late(parent context.Context, err error) error {
	if errors.Is(parent.Err(), context.Canceled) {
		return core.Wrap(core.Canceled, "connector.canceled", errors.Join(context.Canceled, err))
	}
	return core.Wrap(core.Unavailable, "connector.timeout", errors.Join(ErrUnreachable, context.DeadlineExceeded, err))
}

// panicked describes a recovered panic for the log. The value itself stays out
// unless it is the runtime's own, because it might hold anything.
func panicked(v any) error {
	var re runtime.Error
	if e, ok := v.(error); ok && errors.As(e, &re) {
		return fmt.Errorf("panic in a driver: %w\n%s", re, debug.Stack())
	}
	return fmt.Errorf("panic in a driver: a %T\n%s", v, debug.Stack())
}

// Show returns a name as it may stand in a sentence: cut to 80 characters, and
// what is no valid text replaced.
func Show(name string) string {
	if !utf8.ValidString(name) {
		name = fmt.Sprintf("%q", name)
	}
	return core.Clip(name, 80)
}
