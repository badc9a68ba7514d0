package gui

import (
	"context"
	"io"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/gui/model"
	"github.com/stint-pim/stint/gui/part"
)

// exporting shows how far a long work is and lets it be stopped. It opens with
// the first word of progress, so that choosing the file comes before it.
type exporting struct {
	kit   Kit
	title string
	modal *part.Modal
	bar   *part.Progress
	ctx   context.Context
	stop  context.CancelFunc
	over  bool
}

func newExporting(k Kit, title string) *exporting {
	ctx, stop := context.WithCancel(context.Background())
	return &exporting{kit: k, title: title, ctx: ctx, stop: stop}
}

// open shows the bar. Render goroutine only.
func (e *exporting) open() {
	if e.modal != nil || e.over {
		return
	}
	k := e.kit
	e.bar = part.NewProgress(k.say("export.counting"), k.say("word.cancel"), e.cancel)
	e.modal = part.ShowModal(k.Frame.Window().Canvas(), part.ModalSpec{Width: 460, Closed: e.stop,
		Content: part.Pad(24, part.Column(16, part.NewPara(e.title, part.Large, part.SemiBold(), part.Ink), e.bar))})
}

func (e *exporting) cancel() { e.close() }

// close takes the bar away; work that still runs is stopped.
func (e *exporting) close() {
	e.over = true
	if e.modal != nil {
		m := e.modal
		e.modal = nil
		m.Close()
	}
	e.stop()
}

// tell is the core.Progress of the work; it may be called from anywhere.
func (e *exporting) tell(done, total int64) {
	e.kit.Async.Post(func() {
		if e.bar == nil || e.over {
			return
		}
		k, share, text := e.kit, 0.0, e.kit.say("export.counting")
		if total > 0 {
			share = float64(done) / float64(total)
			text = k.say("export.progress", "done", k.Text.Number(done), "total", k.Text.Number(total))
		}
		e.bar.Set(share, text)
	})
}

// both ends when one of two contexts does.
func (e *exporting) both(ctx context.Context) (context.Context, context.CancelFunc) {
	c, stop := context.WithCancel(ctx)
	end := context.AfterFunc(e.ctx, stop)
	return c, func() { end(); stop() }
}

// saveWithProgress asks for a file and writes it with progress and a way to
// stop. Work runs off the render goroutine.
func saveWithProgress(k Kit, title, name string, work func(ctx context.Context, w io.Writer, tell core.Progress) error) {
	e := newExporting(k, title)
	k.Frame.Save(name, func(ctx context.Context, w io.Writer) error {
		k.Async.Post(e.open)
		both, end := e.both(ctx)
		defer end()
		return work(both, w, e.tell)
	}, func(err error) {
		stopped := e.ctx.Err() != nil
		e.close()
		switch {
		case stopped && err != nil:
			k.Frame.Toast(k.say("export.canceled"), "", nil)
		case err != nil:
			k.Frame.Fail(err)
		default:
			k.Frame.Toast(k.say("export.finished", "file", name), "", nil)
		}
	})
}

// export writes the present list to a file.
func (s *assignments) export() {
	k, f := s.kit, s.query.Filter()
	saveWithProgress(k, k.say("export.title"), model.ExportName("assignments", k.clock(), "csv"),
		func(ctx context.Context, w io.Writer, tell core.Progress) error {
			_, err := model.ExportAssignments(ctx, k.Service, f, w, tell)
			return err
		})
}
