package gui

import (
	"slices"

	"fyne.io/fyne/v2"

	"github.com/stint-pim/stint/gui/model"
	"github.com/stint-pim/stint/gui/part"
)

// mostBanners is how many troubles are shown at once: more would leave the
// page no room, and the page of systems has them all.
const mostBanners = 4

// showBanner says above every page what is wrong, the worst alone unless the
// person wants to see all of it, and whether this is sample data.
func (f *frame) showBanner() {
	troubles := slices.DeleteFunc(model.Banners(f.w.text, f.w.now(), f.kit.Me.Troubles, !f.online), func(b model.Banner) bool {
		// A sample has a system that is away, to be looked at on its page.
		return f.read[b.Key] || f.w.state.Sample && b.Key != ""
	})
	shown := troubles[:min(len(troubles), mostBanners)]
	if !f.spread {
		shown = shown[:min(len(shown), 1)]
	}
	var rows []fyne.CanvasObject
	for i, b := range shown {
		s := part.NoticeSpec{Tone: toneOf(b.Tone), Title: b.Title, Text: b.Text}
		if i == 0 && len(troubles) > 1 {
			word := f.t("trouble.less")
			if !f.spread {
				word = model.Count(f.w.text, "trouble.more", len(troubles)-1)
			}
			s.Actions = append(s.Actions, part.NewQuiet(word, func() { f.spread = !f.spread; f.showBanner() }).Compact())
		}
		if b.Page != "" && f.may(b.Page) {
			s.Actions = append(s.Actions, part.NewButton(b.Action, func() { f.Go(b.Page) }).Compact())
		}
		if b.Clock && f.kit.Me.MayChangeSettings {
			s.Actions = append(s.Actions, part.NewButton(f.t("clock.accept"), f.acceptClock).Compact())
		}
		if b.Key != "" {
			s.Actions = append(s.Actions, part.NewIconButton("close", f.t("trouble.read"), func() { f.read[b.Key] = true; f.showBanner() }).Compact())
		}
		rows = append(rows, part.Notice(s))
	}
	if l := f.w.notices.left; l != nil {
		s := part.NoticeSpec{Tone: part.ToneAccent}
		s.Title, s.Text = model.LeftText(f.w.text, *l)
		if !l.Over {
			s.Tone = part.ToneEnding
		}
		s.Actions = append(s.Actions, part.NewQuiet(f.t("notice.left.read"), func() { f.w.notices.left = nil; f.showBanner() }).Compact())
		rows = append(rows, part.Notice(s))
	}
	if f.w.state.Sample && f.online {
		rows = append(rows, part.Banner(part.TonePending, f.t("sample.banner"), f.sampleActions()))
	}
	f.dot.Set(part.ToneActive)
	f.server.SetText(map[bool]string{true: f.t("server.here"), false: f.w.state.Host}[f.w.state.Embedded])
	if !f.online {
		f.dot.Set(part.ToneEnding)
		f.server.SetText(f.t("server.offline"))
	}
	f.banner.Hidden = len(rows) == 0
	f.banner.Objects = rows
	f.w.stage.Refresh()
}

// may reports whether the person signed in has a page.
func (f *frame) may(page string) bool {
	return slices.ContainsFunc(f.routes, func(p Page) bool { return p.Key == page })
}

// sampleActions are what the sample's banner offers: the code that an
// authenticator would show, and the way out.
func (f *frame) sampleActions() fyne.CanvasObject {
	var actions []fyne.CanvasObject
	if f.w.deps.SampleCode != nil {
		f.code = part.NewText("", part.Body, part.SemiBold(), part.PendingInk)
		f.showCode()
		actions = append(actions, f.code, part.NewIconButton("copy", f.t("copy"), func() { f.Copy(f.w.deps.SampleCode()) }).Compact())
	}
	if f.w.deps.LeaveSample != nil {
		actions = append(actions, part.NewButton(f.t("sample.leave"), f.w.leaveSample).Compact())
	}
	if len(actions) == 0 {
		return nil
	}
	return part.Row(10, actions...)
}

// showCode keeps the sample's code fresh.
func (f *frame) showCode() {
	if f.code != nil {
		f.code.SetText(f.t("sample.code", "code", f.w.deps.SampleCode()))
	}
}
