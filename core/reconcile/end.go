package reconcile

import (
	"context"
	"slices"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/connector"
	"github.com/stint-pim/stint/core/failpoint"
)

// endTogether is how many endings a system is told of in one go. Removals are
// quick and their proof is not, so that all of them go before any is proven.
const endTogether = 8192

// end tells the system of what has come to its end, before that is written.
// An error says that the system is away. The end is written in any case, and
// what is still there then is pending like everything else.
func (w *worker) end(ctx context.Context, list []core.Ending) error {
	for part := range slices.Chunk(list, endTogether) {
		if err := w.open(ctx); err != nil {
			return err
		}
		tasks := make([]connector.Task, len(part))
		for i, x := range part {
			tasks[i] = connector.Task{Privilege: connector.Privilege{Role: x.External, Scope: x.Scope, Account: x.Account, Object: x.Object}}
		}
		failpoint.Hit("reconcile.end")
		out, err := w.driver.Apply(ctx, tasks)
		if err != nil {
			return err
		}
		failpoint.Hit("reconcile.ended")
		var gone []core.Gone
		for i, o := range out {
			if o.Err == nil && !o.Evidence.Holds {
				gone = append(gone, core.Gone{Grant: part[i].Grant, Cycle: part[i].Cycle, Evidence: o.Evidence, Object: o.Object})
				// It may be made there by somebody else from now on. Until the
				// evidence is written, the grant itself says that it was ours.
				delete(w.tried, part[i].Grant)
			}
		}
		w.r.cfg.Engine.Ended(gone)
	}
	return nil
}
