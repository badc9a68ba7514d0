package gui

import (
	"strings"

	"fyne.io/fyne/v2"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/gui/model"
	"github.com/stint-pim/stint/gui/part"
)

// deputies is the line above the approvals: who answers for oneself while one is
// away, and for whom one does.
type deputies struct {
	kit Kit
	now core.Deputies
	row *fyne.Container
}

func newDeputies(k Kit) *deputies {
	s := &deputies{kit: k, row: part.Column(4)}
	s.read()
	return s
}

func (s *deputies) t(key string, args ...string) string { return s.kit.Text.T("deputy."+key, args...) }

func (s *deputies) read() {
	k := s.kit
	Load(k.Async, k.Service.Deputies, func(d core.Deputies, err error) {
		if err != nil {
			swap(s.row, k.failed(err, s.read))
			return
		}
		s.now = d
		s.draw()
	})
}

func (s *deputies) draw() {
	k := s.kit
	line := []fyne.CanvasObject{part.Grow(part.NewPara(model.DeputyLine(k.Text, s.now.Mine, k.clock()), part.Body, part.Regular(), part.Muted)),
		part.NewLink(s.t("set"), s.ask)}
	if s.now.Mine != nil {
		line = append(line, part.NewLink(s.t("end"), func() {
			k.do(core.SetDeputy{}, "", func(_ core.Result, err error) {
				if err != nil {
					k.Frame.Fail(err)
					return
				}
				k.Frame.Toast(s.t("ended"), "", nil)
				s.read()
			})
		}))
	}
	rows := []fyne.CanvasObject{part.Row(14, line...)}
	for _, r := range s.now.For {
		rows = append(rows, part.NewPara(model.DeputyFor(k.Text, r, k.clock()), part.Body, part.Regular(), part.Muted))
	}
	swap(s.row, part.Column(4, rows...))
	s.row.Refresh()
}

// ask asks who, and between which days. Not everybody may list people, so it is a
// login.
func (s *deputies) ask() {
	k := s.kit
	var cmd core.SetDeputy
	var from, until string
	var c *part.Confirm
	relayout := func() {
		if c != nil {
			c.Relayout()
		}
	}
	who := part.NewField(part.FieldSpec{Label: s.t("login"), Changed: func(v string) { cmd.Login = strings.TrimSpace(v) }, Relayout: relayout})
	begins := k.dayField(s.t("from"), "", false, func(v string) { from = v })
	ends := k.dayField(s.t("until"), "", true, func(v string) { until = v })
	proof := part.NewProof(k.proofWords(), func() { c.Press() }, nil, relayout)
	proof.Hide()
	fail := func(c *part.Confirm, err error) {
		c.Busy(false)
		switch errorField(err) {
		case "deputy":
			who.SetError(k.Text.Error(err))
			part.FocusOn(who)
		case "from":
			begins.SetError(k.Text.Error(err))
			part.FocusOn(begins)
		case "until":
			ends.SetError(k.Text.Error(err))
			part.FocusOn(ends)
		default:
			c.Fail(k.Text.Error(err))
		}
	}
	c = k.Frame.Confirm(part.ConfirmSpec{
		Title: s.t("title"), Text: s.t("text"), Action: s.t("action"), Cancel: k.say("word.cancel"), Focus: who,
		More: part.Column(14, who, begins, ends, proof),
		Do: func(c *part.Confirm) {
			var err error
			if cmd.From, cmd.Until, err = model.DeputyDates(from, until, k.clock()); err == nil && cmd.Login == "" {
				err = core.Errorf(core.Invalid, "deputy", "deputy.who")
			}
			if err != nil {
				fail(c, err)
				return
			}
			c.Busy(true)
			k.do(cmd, proof.Take(), func(_ core.Result, err error) {
				switch {
				case err == nil:
					c.Close()
					k.Frame.Toast(s.t("done"), "", nil)
					s.read()
				case wantsCode(err):
					k.askCode(c, proof, err)
				default:
					fail(c, err)
				}
			})
		},
	})
}
