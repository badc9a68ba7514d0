package mail

import (
	"context"
	"fmt"
	"time"

	"github.com/stint-pim/stint/core"
)

// Outgoing is what has to be known now to send a mail.
type Outgoing struct {
	Organisation string
	Server       string // its address for browsers; empty: no links
	Settings     core.MailSettings
	Password     core.Secret // opened only for the one sending
}

// Post sends deliveries by the settings as they are when it is their turn; its
// Send is a job.Send.
type Post struct {
	// Outgoing reads the present settings.
	Outgoing func(context.Context) (Outgoing, error)
	// Story reads what the log has of an assignment and of what it stood on; nil: the
	// mail of an end doesn't say whose doing it was.
	Story func(context.Context, core.AssignmentID) ([]core.Entry, error)
	Zone  *time.Location // see Composer
}

// Send sends one delivery. Where mail isn't set up the error is Unavailable
// with the key "mail.unconfigured".
func (p Post) Send(ctx context.Context, d core.Delivery) error {
	out, err := p.Outgoing(ctx)
	if err != nil {
		// Wrapped, so that no rule's refusal on the way to the settings is
		// taken for the mail server's.
		return core.Wrap(core.Unavailable, "mail.no_settings", err)
	}
	if !out.Settings.Configured() {
		return core.Errorf(core.Unavailable, "", "mail.unconfigured")
	}
	if d.Notice.Kind == core.NoticeEnded && p.Story != nil {
		told, err := p.Story(ctx, d.Notice.Assignment)
		if err != nil {
			return core.Wrap(core.Unavailable, "mail.no_story", err)
		}
		d.Notice.Ended, _ = core.EndOf(told, d.Notice.Assignment)
	}
	m, err := Composer{From: out.Settings.From, Organisation: out.Organisation, Server: out.Server, Zone: p.Zone}.Compose(d)
	if err != nil {
		return err
	}
	return Sender{Settings: out.Settings, Password: out.Password}.Send(ctx, m)
}

// SendTest sends one mail to somebody who tries the settings.
func SendTest(ctx context.Context, out Outgoing, to string, sample core.MailSample, now time.Time) error {
	if !out.Settings.Configured() {
		return core.Errorf(core.Unavailable, "", "mail.unconfigured")
	}
	m, err := Composer{From: out.Settings.From, Organisation: out.Organisation}.Sample(core.DeliveryID(core.MintID("de", now)), to, sample, now)
	if err != nil {
		return fmt.Errorf("compose test mail: %w", err)
	}
	return Sender{Settings: out.Settings, Password: out.Password, AnswerTimeout: testPatience}.Send(ctx, m)
}

// testPatience is how long a test waits for the server's yes. Somebody sits
// there, whose program waits two minutes for the whole answer (core/api/client);
// and a test that comes twice harms nobody.
const testPatience = 45 * time.Second

// Preview makes a mail without sending it. It needs no mail server: where none
// is set up the sender is made up, too.
func Preview(out Outgoing, sample core.MailSample, now time.Time) (core.MailPreview, error) {
	from := out.Settings.From
	if from == "" {
		from = "stint@example.org"
	}
	m, err := Composer{From: from, Organisation: out.Organisation}.Sample("de_sample", "somebody@example.org", sample, now)
	return core.MailPreview{Subject: m.Subject, Text: m.Text, HTML: m.HTML}, err
}
