package gui

import (
	"context"
	"io"
	"sync/atomic"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/gui/model"
	"github.com/stint-pim/stint/gui/part"
)

// exporting shows how far a long work is and lets it be stopped. It opens when
// the work begins, so that choosing the file comes before it.
type exporting struct {
	kit     Kit
	title   string
	modal   *part.Modal    // render goroutine only, as are bar and over
	bar     *part.Progress // nil until open
	over    bool
	words   func(done, total int64) string // nil: of lines
	stopped atomic.Bool
	stop    atomic.Pointer[context.CancelFunc] // set by the work
}

func newExporting(k Kit, title string) *exporting { return &exporting{kit: k, title: title} }

// open shows the bar. Render goroutine only.
func (e *exporting) open() {
	if e.modal != nil || e.over {
		return
	}
	k := e.kit
	e.bar = part.NewProgress(k.say("export.counting"), k.say("word.cancel"), func() { e.modal.Close() })
	e.modal = part.ShowModal(k.Frame.Window().Canvas(), part.ModalSpec{Width: 460, Closed: e.halt,
		Content: part.Pad(24, part.Column(16, part.NewPara(e.title, part.Large, part.SemiBold(), part.Ink), e.bar))})
}

// halt stops the work; it notices soon.
func (e *exporting) halt() {
	if e.over {
		return
	}
	e.modal = nil // it is closing
	e.stopped.Store(true)
	if f := e.stop.Load(); f != nil {
		(*f)()
	}
}

// close takes the bar away after the work has ended.
func (e *exporting) close() {
	e.over = true
	if e.modal != nil {
		e.modal.Close()
	}
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
		if e.words != nil {
			text = e.words(done, total)
		}
		e.bar.Set(share, text)
	})
}

// saveWithProgress asks for a file and writes it with progress and a way to
// stop. Work runs off the render goroutine.
func saveWithProgress(k Kit, title, name string, work func(ctx context.Context, w io.Writer, tell core.Progress) error) {
	e := newExporting(k, title)
	k.Frame.Save(name, func(ctx context.Context, w io.Writer) error {
		k.Async.Post(e.open)
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		e.stop.Store(&cancel)
		if e.stopped.Load() {
			return context.Canceled
		}
		return work(ctx, w, e.tell)
	}, func(err error) {
		stopped := e.stopped.Load()
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
	k, f := s.kit, s.query.Filter(s.kit.Now())
	saveWithProgress(k, k.say("export.title"), model.ExportName("assignments", k.clock(), "csv"),
		func(ctx context.Context, w io.Writer, tell core.Progress) error {
			_, err := model.ExportAssignments(ctx, k.Service, f, w, tell)
			return err
		})
}
