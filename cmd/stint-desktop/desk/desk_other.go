//go:build !linux && !windows

package desk

import (
	"context"

	"github.com/stint-pim/stint/gui/model"
)

// follow says that nothing can be noticed here.
func follow(ctx context.Context, _ Options, tell func(model.DeskEvent)) {
	tell(model.DeskEvent{Can: &model.DeskCan{}})
	<-ctx.Done()
}
