package gui

import (
	"context"

	"github.com/stint-pim/stint/core"
)

// BadDay is something that goes wrong, and how to show it.
type BadDay struct {
	Name string
	// Gate is the one of a start that fails; nil: Stint runs, and Troubles are
	// wrong.
	Gate     core.Gate
	Troubles []core.Trouble
}

// badDays shows what a person sees when something is wrong: first a start that
// fails, then trouble while Stint runs, each in both languages.
func (x *walk) badDays() {
	svc := x.w.frame.kit.Service
	home, state := x.w.gate, x.w.state
	for _, bad := range x.Bad {
		for _, lang := range Languages() {
			name := bad.Name
			if lang != Languages()[0] {
				name += "-" + lang
			}
			if bad.Gate != nil {
				x.do(func() {
					if x.w.frame != nil {
						x.w.frame.stop()
					}
					x.w.text = NewText(lang, "", x.w.deps.Place)
					x.w.gate = bad.Gate
					x.w.begin()
				})
			} else {
				x.do(func() {
					x.w.text = NewText(lang, "", x.w.deps.Place)
					x.w.state = core.GateState{Embedded: true} // as it is without sample data
				})
				x.enter(troubled{svc, bad.Troubles})
				s := screenOf[*access](x)
				x.until("what is active", func() bool { return len(s.data.Active) > 1 })
				x.do(func() { x.w.frame.spread = true; x.w.frame.showBanner() })
			}
			if lang == Languages()[0] {
				x.both(name)
			} else {
				x.light(name)
			}
		}
	}
	x.do(func() { x.w.text = NewText(Languages()[0], "", x.w.deps.Place); x.w.gate, x.w.state = home, state })
	x.enter(svc)
}

// troubled is a service that tells of troubles.
type troubled struct {
	core.Service
	wrong []core.Trouble
}

// Me see core.Service.
func (s troubled) Me(ctx context.Context) (core.Me, error) {
	me, err := s.Service.Me(ctx)
	me.Troubles = s.wrong
	return me, err
}
