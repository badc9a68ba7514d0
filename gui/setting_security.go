package gui

import (
	"context"
	"strings"

	"fyne.io/fyne/v2"

	"github.com/boombuler/barcode/qr"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/gui/model"
	"github.com/stint-pim/stint/gui/part"
)

// settingSecurity is everybody's own part: password, second factor, recovery
// codes, sessions.
type settingSecurity struct {
	kit     Kit
	me      core.Me
	content *fyne.Container
	relay   func()
}

func newSettingSecurity(k Kit, relay func()) *settingSecurity {
	s := &settingSecurity{kit: k, me: k.Me, content: part.Layers(), relay: relay}
	s.draw()
	return s
}

// read asks how many recovery codes are left.
func (s *settingSecurity) read() {
	Load(s.kit.Async, s.kit.Service.Me, func(me core.Me, err error) {
		if err == nil {
			s.me = me
			s.draw()
		}
	})
}

func (s *settingSecurity) draw() {
	k := s.kit
	state := part.NewHint(k.say("settings.factor.off"))
	tone := model.Mark{Word: k.say("person.factor.no"), Tone: model.ToneWarn}
	acts := []fyne.CanvasObject{part.NewButton(k.say("settings.factor.new"), s.newFactor).Compact()}
	if s.me.HasFactor {
		state = part.NewHint(k.count("settings.factor.on", s.me.RecoveryLeft))
		tone = model.Mark{Word: k.say("person.factor.yes"), Tone: model.ToneGood}
		acts = append(acts, part.NewButton(k.say("settings.recovery"), s.newRecovery).Compact())
	}
	mine := titled(k.say("settings.security.mine"),
		part.Row(18, part.Grow(part.NewText(k.say("settings.password"), part.Body, part.Medium(), part.Ink)), part.NewButton(k.say("settings.password.change"), s.password).Compact()),
		part.NewHairline(),
		part.Row(18, part.Grow(part.Column(4, part.Row(8, part.NewText(k.say("settings.factor"), part.Body, part.Medium(), part.Ink), chip(tone)), state))),
		part.Flow(8, acts...),
		part.NewHairline(),
		part.Row(18, part.Grow(part.NewText(k.say("person.tab.sessions"), part.Body, part.Medium(), part.Ink)), part.NewDrop(k.say("person.sessions.end"), s.endSessions).Compact()))
	if digest := s.ownDigest(); digest != nil {
		mine = part.Column(18, mine, digest)
	}
	swap(s.content, mine)
	s.relay()
}

func (s *settingSecurity) password() {
	k := s.kit
	var form model.PasswordForm
	var c *part.Confirm
	relayout := func() {
		if c != nil {
			c.Relayout()
		}
	}
	fields := map[string]*part.Field{}
	add := func(name, label string, to *string) fyne.CanvasObject {
		fields[name] = part.NewField(part.FieldSpec{Label: label, Password: true, Changed: func(v string) { *to = v }, Relayout: relayout})
		return fields[name]
	}
	more := part.Column(16, add("present", k.say("settings.password.present"), &form.Present),
		add("next", k.say("settings.password.next"), &form.Next), add("again", k.say("settings.password.again"), &form.Again))
	c = k.Frame.Confirm(part.ConfirmSpec{
		Title: k.say("settings.password.change"), More: more, Action: k.say("settings.password.change"), Cancel: k.say("word.cancel"), Focus: fields["present"],
		Do: func(c *part.Confirm) {
			if err := form.Check(); err != nil {
				f := fields[errorField(err)]
				f.SetError(k.Text.Error(err))
				part.FocusOn(f)
				return
			}
			c.Busy(true)
			k.Async.Act(func(ctx context.Context) error {
				return k.Service.ChangePassword(ctx, core.NewSecret(form.Present), core.NewSecret(form.Next))
			}, func(err error) {
				if err != nil {
					c.Fail(k.Text.Error(err))
					return
				}
				c.Close()
				k.Frame.Toast(k.say("settings.password.changed"), "", nil)
			})
		},
	})
}

// prove asks for a code of the present factor and calls with it; done closes
// the question, or shows why not.
func (s *settingSecurity) prove(title, text, action string, with func(ctx context.Context, code core.Secret) error, done func()) {
	k := s.kit
	var c *part.Confirm
	proof := part.NewProof(k.proofWords(), func() { c.Press() }, nil, func() {
		if c != nil {
			c.Relayout()
		}
	})
	c = k.Frame.Confirm(part.ConfirmSpec{Title: title, Text: text, More: proof, Action: action, Cancel: k.say("word.cancel"), Focus: proof,
		Do: func(c *part.Confirm) {
			c.Busy(true)
			code := core.NewSecret(proof.Take())
			k.Async.Act(func(ctx context.Context) error { return with(ctx, code) }, func(err error) {
				switch {
				case wantsCode(err):
					c.Busy(false)
					proof.Refused(k.Text.Error(err))
					part.FocusOn(proof)
				case err != nil:
					c.Fail(k.Text.Error(err))
				default:
					c.Close()
					done()
				}
			})
		}})
}

func (s *settingSecurity) newRecovery() {
	k := s.kit
	var codes []string
	s.prove(strings.TrimSuffix(k.say("settings.recovery"), "…"), k.say("settings.recovery.text"), strings.TrimSuffix(k.say("settings.recovery"), "…"),
		func(ctx context.Context, code core.Secret) (err error) {
			codes, err = k.Service.RenewRecovery(ctx, code)
			return err
		}, func() { s.showCodes(codes) })
}

func (s *settingSecurity) newFactor() {
	k := s.kit
	var offer core.FactorOffer
	begin := func(ctx context.Context, code core.Secret) (err error) {
		offer, err = k.Service.BeginFactor(ctx, code)
		return err
	}
	if s.me.HasFactor {
		s.prove(strings.TrimSuffix(k.say("settings.factor.new"), "…"), k.say("settings.factor.new.text"), k.say("word.next"), begin, func() { s.confirmFactor(offer) })
		return
	}
	k.Async.Act(func(ctx context.Context) error { return begin(ctx, core.Secret{}) }, func(err error) {
		if err != nil {
			k.Frame.Fail(err)
			return
		}
		s.confirmFactor(offer)
	})
}

// confirmFactor shows the new secret and confirms it with a first code.
func (s *settingSecurity) confirmFactor(offer core.FactorOffer) {
	k := s.kit
	var codes []string
	var c *part.Confirm
	code := part.NewCode(func() { c.Press() }, nil)
	picture := fyne.CanvasObject(part.Gap(1, 1))
	if q := factorPicture(offer.URI.Reveal()); q != nil {
		picture = part.Row(0, part.Space(), q, part.Space())
	}
	more := part.Column(14, picture,
		part.NewSurface(part.Hover, part.Line, part.Radius, part.Pad(12, part.NewPara(offer.Secret.Reveal(), part.Body, part.Mono(), part.Ink))),
		part.Row(0, part.NewButtonOf(part.Secondary, k.say("settings.factor.copy_uri"), "copy", func() { k.Frame.Copy(offer.URI.Reveal()) }).Compact()),
		part.Row(0, code))
	c = k.Frame.Confirm(part.ConfirmSpec{Title: k.say("settings.factor"), Text: k.say("settings.factor.scan"), More: more, Action: k.say("settings.factor.confirm"), Cancel: k.say("word.cancel"), Focus: code,
		Do: func(c *part.Confirm) {
			c.Busy(true)
			typed := core.NewSecret(code.Take())
			k.Async.Act(func(ctx context.Context) (err error) {
				codes, err = k.Service.ConfirmFactor(ctx, typed)
				return err
			}, func(err error) {
				if err != nil {
					code.Fail()
					c.Fail(k.Text.Error(err))
					return
				}
				c.Close()
				s.showCodes(codes)
			})
		}})
}

// factorPicture draws the link to a secret for an authenticator's camera; nil
// where it can't be drawn, and then the secret below it is the way.
func factorPicture(uri string) fyne.CanvasObject {
	code, err := qr.Encode(uri, qr.M, qr.Auto)
	if err != nil {
		return nil
	}
	b := code.Bounds()
	return part.QR(180, b.Dx(), func(x, y int) bool {
		r, _, _, _ := code.At(b.Min.X+x, b.Min.Y+y).RGBA()
		return r < 0x8000
	})
}

// showCodes shows recovery codes, once.
func (s *settingSecurity) showCodes(codes []string) {
	k := s.kit
	var cells []fyne.CanvasObject
	for _, code := range codes {
		cells = append(cells, part.NewText(code, part.Body, part.Mono(), part.Ink))
	}
	k.Frame.Confirm(part.ConfirmSpec{Title: k.say("settings.recovery.title"), Text: k.say("settings.recovery.keep"),
		More: part.Column(12, part.NewSurface(part.Hover, part.Line, part.Radius, part.Pad(14, part.Cards(160, 8, cells...))),
			part.Row(0, part.NewButtonOf(part.Secondary, k.say("settings.recovery.copy"), "copy", func() { k.Frame.Copy(strings.Join(codes, "\n")) }).Compact())),
		Action: k.say("settings.recovery.kept"), Cancel: k.say("word.close"),
		Do: func(c *part.Confirm) {
			c.Close()
			s.read()
		}})
}

func (s *settingSecurity) endSessions() {
	k := s.kit
	k.do(core.EndSessions{Person: k.Me.Person.ID}, "", func(_ core.Result, err error) {
		if err != nil {
			k.Frame.Fail(err)
			return
		}
		k.Frame.Toast(k.say("person.sessions.ended"), "", nil)
	})
}
