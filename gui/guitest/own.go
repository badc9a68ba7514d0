package guitest

import (
	"context"
	"errors"
	"io"
	"strings"

	"github.com/stint-pim/stint/core"
)

// Me implements core.Service.
func (f *Fake) Me(context.Context) (core.Me, error) {
	defer f.lock()()
	return f.MeNow, f.up()
}

// Access implements core.Service.
func (f *Fake) Access(context.Context) (core.Access, error) {
	defer f.lock()()
	a := f.Page
	a.Now = f.now()
	a.Active = append([]core.AccessRow{}, a.Active...)
	a.Scheduled = append([]core.AccessRow{}, a.Scheduled...)
	a.Eligible = append([]core.EligibleRow{}, a.Eligible...)
	return a, f.up()
}

// Reasons implements core.Service.
func (f *Fake) Reasons(context.Context) ([]string, error) { return f.Why, f.up() }

// Settings implements core.Service.
func (f *Fake) Settings(context.Context) (core.Settings, error) {
	defer f.lock()()
	return f.Config, f.up()
}

// Backup implements core.Service.
func (f *Fake) Backup(_ context.Context, _, code core.Secret, w io.Writer, tell core.Progress) (core.BackupFile, error) {
	if err := codeOK(code.Reveal()); err != nil {
		return core.BackupFile{}, err
	}
	n, err := io.WriteString(w, "age-encryption.org/v1\n")
	if tell != nil {
		tell(int64(n), int64(n))
	}
	return core.BackupFile{Bytes: int64(n), Hash: core.Hash{0xab}}, errors.Join(err, f.up())
}

// Unlock implements core.Service.
func (f *Fake) Unlock(_ context.Context, p core.Secret) error {
	if p.Reveal() != Password {
		return &core.Error{Code: core.Unauthenticated, Field: "password", Message: "This is not your password."}
	}
	return f.up()
}

// SignOut implements core.Service.
func (f *Fake) SignOut(context.Context) error { return nil }

// BeginFactor implements core.Service.
func (f *Fake) BeginFactor(context.Context, core.Secret) (core.FactorOffer, error) {
	const s = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
	return core.FactorOffer{Secret: core.NewSecret(s),
		URI: core.NewSecret("otpauth://totp/Stint:alice?secret=" + s + "&issuer=Stint")}, f.up()
}

// ConfirmFactor implements core.Service.
func (f *Fake) ConfirmFactor(_ context.Context, code core.Secret) ([]string, error) {
	if err := codeOK(code.Reveal()); err != nil {
		return nil, err
	}
	return []string{"k7mp-2wxq-9ftd", "b3nz-8vhj-4rsy", "q6ct-5gkw-1mpd", "x9rf-7zbn-3hvk", "t2js-6ymq-8wcg",
		"d5hv-1pkx-9nrz", "w8gb-4tfm-2qjc", "n1yk-7rdh-6sxp", "f4zq-3cwv-5btm", "h6xs-9jng-8kdr"}, nil
}

// RenewRecovery implements core.Service.
func (f *Fake) RenewRecovery(ctx context.Context, code core.Secret) ([]string, error) {
	return f.ConfirmFactor(ctx, code)
}

// ChangePassword implements core.Service.
func (f *Fake) ChangePassword(_ context.Context, present, _ core.Secret) error {
	if present.Reveal() != Password {
		return &core.Error{Code: core.Unauthenticated, Field: "present", Message: "This is not your password."}
	}
	return nil
}

// PreviewMail implements core.Service.
func (f *Fake) PreviewMail(_ context.Context, m core.MailSample) (core.MailPreview, error) {
	return core.MailPreview{Subject: "Sample: " + string(m.Kind) + " " + m.Language, Text: "This is a sample with made-up names.\n\nWho:   Alice Meyer\nRole:  db-admin\n"}, f.up()
}

// SendTestMail implements core.Service.
func (f *Fake) SendTestMail(_ context.Context, m core.MailSettings, _ core.Secret, _ string, sample core.MailSample) error {
	f.Sample = sample
	if m.Host == "" || strings.HasPrefix(m.Host, "bad") {
		return core.Errorf(core.Unavailable, "host", "mail.unreachable")
	}
	return f.up()
}
