package gui

import (
	"slices"

	"fyne.io/fyne/v2"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/gui/model"
	"github.com/stint-pim/stint/gui/part"
)

// digest is the part about the week in numbers, that administrators get.
func (s *settings) digest() fyne.CanvasObject {
	k, f := s.kit, &s.form.Digest
	days := core.Weekdays()
	names := make([]string, len(days))
	for i, d := range days {
		names[i] = k.say("settings.digest." + d)
	}
	day := part.NewSelect(k.say("settings.digest.day"), names, slices.Index(days, f.Weekday), "", func(i int) {
		f.Weekday = days[i]
		s.mark(true)
	})
	when := part.TopRow(14, part.Weigh(2, day),
		part.Weigh(1, s.field("digest.at", part.FieldSpec{Label: k.say("settings.digest.at"), Placeholder: "08:00"}, &f.At)),
		part.Weigh(2, s.field("digest.zone", part.FieldSpec{Label: k.say("settings.digest.zone"), Placeholder: k.say("settings.digest.zone.server")}, &f.Zone)))
	when.Hidden = f.Off
	on := part.NewSwitch(k.say("settings.digest.on"), k.say("settings.digest.on.help"), !f.Off, func(on bool) {
		f.Off = !on
		when.Hidden = f.Off
		s.mark(true)
		s.relayout()
	})
	return titled(k.say("settings.digest"), on, when, part.NewHairline(),
		settingRow(k.say("settings.digest.sample"), k.say("settings.digest.sample.text"),
			part.NewButton(k.say("settings.digest.look"), func() { s.templates(s.fields["to"], core.NoticeDigest) }).Compact()))
}

// ownDigest is where an administrator switches it off for himself; nil for
// whoever gets none.
func (s *settingSecurity) ownDigest() fyne.CanvasObject {
	if !model.GetsDigest(s.me) {
		return nil
	}
	k := s.kit
	var own *part.Switch
	own = part.NewSwitch(k.say("settings.digest.mine"), k.say("settings.digest.mine.help"), !s.me.Person.NoDigest, func(on bool) {
		k.do(core.ChooseDigest(s.me.Person, on), "", func(_ core.Result, err error) {
			if err != nil {
				own.Set(!on)
				k.Frame.Fail(err)
				return
			}
			s.me.Person.NoDigest = !on
		})
	})
	return titled(k.say("settings.digest.own"), own)
}
