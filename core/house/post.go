package house

import (
	"context"
	"time"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/seal"
	"github.com/stint-pim/stint/mail"
)

// post reads the settings of mail as they are when something is sent.
type post struct {
	store core.Store
	box   *seal.Box
	url   string // of this server, for links
	// works is told that the mail server took a mail: what waits for it may go.
	works func()
}

func (p *post) outgoing(ctx context.Context) (mail.Outgoing, error) {
	var set core.Settings
	if err := p.store.Read(ctx, func(v core.View) error { set = v.Settings(); return v.Err() }); err != nil {
		return mail.Outgoing{}, err
	}
	out := mail.Outgoing{Organisation: set.Organisation, Settings: set.Mail, Server: p.url}
	if set.Mail.Auth == core.MailAuthNone || len(set.Mail.Sealed) == 0 {
		return out, nil
	}
	var err error
	out.Password, err = p.box.OpenSecret(core.MailSealContext, set.Mail.Sealed)
	return out, err
}

// SendTest see service.Mailer.
func (p *post) SendTest(ctx context.Context, s core.MailSettings, password core.Secret, to string, sample core.MailSample) error {
	out, err := p.outgoing(ctx)
	if err != nil {
		return err
	}
	out.Settings, out.Password = s, password
	err = mail.SendTest(ctx, out, to, sample, time.Now())
	if err == nil && p.works != nil {
		p.works()
	}
	return err
}

// Preview see service.Mailer.
func (p *post) Preview(ctx context.Context, sample core.MailSample) (core.MailPreview, error) {
	out, err := p.outgoing(ctx)
	if err != nil {
		return core.MailPreview{}, err
	}
	return mail.Preview(out, sample, time.Now())
}
