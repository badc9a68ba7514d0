package gui

import (
	"context"
	"fmt"
	"io"
	"strings"

	"fyne.io/fyne/v2"

	"github.com/boombuler/barcode/qr"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/gui/part"
)

// factorSteps are the two pages of a new second factor: the code to scan and
// confirm, and the recovery codes to keep.
type factorSteps struct {
	w         *Window
	service   core.Service
	relayout  func()
	refit     func()
	begun     bool
	done      bool // the factor counts
	proof     *part.Proof
	picture   *fyne.Container
	secret    *fyne.Container
	offerBody fyne.CanvasObject
	codes     []string
	codeGrid  *fyne.Container
	stored    *part.Check
	warn      *part.Para
	codesBody fyne.CanvasObject
}

func newFactorSteps(w *Window, relayout, refit func()) *factorSteps {
	t := w.text.T
	f := &factorSteps{w: w, relayout: relayout, refit: refit, picture: part.Layers(part.Fixed(196, 196, part.Skeleton(4))), secret: part.Column(0),
		codeGrid: part.Column(0), warn: part.NewHint("")}
	f.proof = part.NewProof(part.ProofWords{Helper: t("enrolment.confirm.helper")}, func() { f.full() }, nil, relayout)
	f.proof.WithoutRecovery()
	f.offerBody = part.TopRow(32, f.picture, part.Grow(part.Column(16,
		part.NewPara(t("enrolment.scan"), part.Large, part.SemiBold(), part.Ink), part.NewGentle(t("enrolment.scan.text")), f.secret,
		part.NewText(t("enrolment.confirm"), part.Body, part.Medium(), part.Ink), f.proof)))
	f.stored = part.NewCheck(t("codes.stored"), false, func(bool) { f.warn.Set("", part.DangerInk); relayout() })
	f.codesBody = part.Column(16, part.NewGentle(t("codes.text")), part.NewPanel(part.Pad(20, f.codeGrid)),
		part.Row(8, part.NewButtonOf(part.Secondary, t("codes.copy"), "copy", f.copyCodes), part.NewButtonOf(part.Secondary, t("codes.save"), "save", f.saveCodes)),
		f.stored, f.warn)
	return f
}

// full goes on by itself when the sixth digit is there.
func (f *factorSteps) full() {
	if f.w.keys != nil {
		f.w.keys.TakeKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	}
}

// begin asks for a new factor, once.
func (f *factorSteps) begin(svc core.Service) {
	if f.begun {
		return
	}
	f.begun, f.service = true, svc
	t := f.w.text.T
	Load(f.w.async, func(ctx context.Context) (core.FactorOffer, error) { return svc.BeginFactor(ctx, core.Secret{}) }, func(o core.FactorOffer, err error) {
		if err != nil {
			f.begun = false
			f.proof.SetError(f.w.text.Error(err))
			return
		}
		code, err := qr.Encode(o.URI.Reveal(), qr.M, qr.Auto)
		if err == nil { // else the secret below is the way
			b := code.Bounds()
			f.picture.Objects = []fyne.CanvasObject{part.QR(196, b.Dx(), func(x, y int) bool {
				r, _, _, _ := code.At(b.Min.X+x, b.Min.Y+y).RGBA()
				return r < 0x8000
			})}
			f.picture.Refresh()
		}
		f.secret.Objects = []fyne.CanvasObject{part.Column(6, part.NewFaint(t("enrolment.secret")),
			part.Row(8, part.Grow(part.NewPara(grouped(o.Secret.Reveal()), part.Body-1, part.Mono(), part.Ink)),
				part.NewIconButton("copy", t("copy"), func() {
					f.w.app.Clipboard().SetContent(o.Secret.Reveal())
					f.w.toast(t("copied"), "", nil)
				})))}
		f.secret.Refresh()
		f.relayout()
		part.FocusOn(f.proof)
	})
}

// grouped sets a secret in groups of four, for reading and typing.
func grouped(s string) string {
	var b strings.Builder
	for i, r := range s {
		if i > 0 && i%4 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// confirm makes the factor count.
func (f *factorSteps) confirm(proceed func(bool)) {
	if f.done {
		proceed(true)
		return
	}
	if !f.proof.Ready() || f.service == nil {
		f.proof.Missing(f.w.text.T("code.missing"))
		part.FocusOn(f.proof)
		proceed(false)
		return
	}
	code := core.NewSecret(f.proof.Value())
	Load(f.w.async, func(ctx context.Context) ([]string, error) { return f.service.ConfirmFactor(ctx, code) }, func(codes []string, err error) {
		f.proof.Take()
		if err != nil {
			f.proof.SetError(f.w.text.Error(err))
			part.FocusOn(f.proof)
			proceed(false)
			return
		}
		f.done, f.codes = true, codes
		f.codeGrid.Objects = []fyne.CanvasObject{codeGrid(codes)}
		proceed(true)
	})
}

// codeGrid shows recovery codes in two columns, in a face in which no two
// letters look alike.
func codeGrid(codes []string) fyne.CanvasObject {
	var cells []fyne.CanvasObject
	for i, c := range codes {
		cells = append(cells, part.Row(10, part.Fixed(20, 0, part.NewFaint(fmt.Sprint(i+1))), part.NewText(c, part.Body, part.Mono(), part.Ink)))
	}
	return part.Cards(340, 10, cells...) // a code is some 300 wide, and must be read to the last letter
}

// kept goes on once the codes are said to be stored.
func (f *factorSteps) kept(proceed func(bool)) {
	if !f.stored.On {
		f.warn.Set(f.w.text.T("codes.warn"), part.DangerInk)
		f.relayout()
		part.FocusOn(f.stored)
		proceed(false)
		return
	}
	f.codes = nil
	f.codeGrid.Objects = nil
	proceed(true)
}

func (f *factorSteps) copyCodes() {
	f.w.app.Clipboard().SetContent(strings.Join(f.codes, "\n"))
	f.w.toast(f.w.text.T("copied"), "", nil)
}

func (f *factorSteps) saveCodes() {
	text := f.w.text.T("codes.file") + "\n\n" + strings.Join(f.codes, "\n") + "\n"
	f.w.save("stint-recovery-codes.txt", func(_ context.Context, out io.Writer) error {
		_, err := io.WriteString(out, text)
		return err
	}, func(err error) {
		if err != nil {
			f.w.toast(f.w.text.Error(err), "", nil)
			return
		}
		f.stored.Set(true)
		f.w.toast(f.w.text.T("codes.saved"), "", nil)
	})
}
