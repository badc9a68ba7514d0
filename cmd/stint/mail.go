package main

import (
	"context"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stint-pim/stint/core"
)

func (a *app) mailCommand() *cobra.Command {
	cmd := group(a.command("mail", "Mails that Stint sends: look at them, try them", none, nil))
	cmd.AddCommand(a.mailPreview(), a.mailTest(), a.mailDigest())
	return cmd
}

// sampleFlags choose one of the mails.
func sampleFlags(cmd *cobra.Command, s *core.MailSample) {
	kinds := core.MailKinds()
	names := make([]string, len(kinds))
	for i, k := range kinds {
		names[i] = string(k)
	}
	cmd.Long = cmd.Short + ".\n\nMails: " + strings.Join(names, ", ") + "."
	cmd.Flags().StringVar(&s.Language, "language", "", "en or de (default: your own)")
	cmd.Flags().BoolVar(&s.Other, "others", false, "as administrators and approvers get it, and not the person")
}

func (a *app) mailPreview() *cobra.Command {
	var s core.MailSample
	var html bool
	cmd := a.command("preview MAIL", "Show a mail as it would be sent, with made-up names", exactly(1), func(ctx context.Context, args []string) error {
		svc, err := a.service(ctx)
		if err != nil {
			return err
		}
		s.Kind = core.NoticeKind(args[0])
		m, err := svc.PreviewMail(ctx, s)
		switch {
		case err != nil:
			return err
		case a.json:
			return a.writeJSON(m)
		case html:
			if _, err := io.WriteString(a.Out, m.HTML); err != nil {
				return core.Wrap(core.Unavailable, "cli.output", err)
			}
			return nil
		}
		a.say("Subject: %s\n", m.Subject)
		for line := range strings.SplitSeq(strings.TrimRight(m.Text, "\n"), "\n") {
			a.say("%s", line)
		}
		return nil
	})
	sampleFlags(cmd, &s)
	cmd.Flags().BoolVar(&html, "html", false, "the HTML part instead of the text")
	cmd.Example = "  stint mail preview activated\n  stint mail preview approve --language de --html >approve.html"
	return cmd
}

func (a *app) mailTest() *cobra.Command {
	var s core.MailSample
	var to string
	cmd := a.command("test [MAIL]", "Send a mail with the stored settings, to try them", atMost(1), func(ctx context.Context, args []string) error {
		svc, err := a.service(ctx)
		if err != nil {
			return err
		}
		if len(args) == 1 {
			s.Kind = core.NoticeKind(args[0])
		}
		set, err := svc.Settings(ctx)
		if err != nil {
			return err
		}
		if to == "" {
			me, err := svc.Me(ctx)
			if err != nil {
				return err
			}
			to = me.Person.Mail
		}
		if err := svc.SendTestMail(ctx, set.Mail, core.Secret{}, to, s); err != nil {
			return err
		}
		a.say("Sent to %s.", to)
		return nil
	})
	sampleFlags(cmd, &s)
	cmd.Flags().StringVar(&to, "to", "", "address to send it to (default: your own)")
	cmd.Example = "  stint mail test\n  stint mail test activated --to bob@example.org --language de"
	return cmd
}
