package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/stint-pim/stint/core"
)

func (a *app) loginCommand() *cobra.Command {
	var password, code string
	cmd := a.command("login [LOGIN]", "Sign in and stay signed in here", atMost(1), func(ctx context.Context, args []string) error {
		gate, err := a.connect(ctx)
		if err != nil {
			return err
		}
		in := core.SignIn{From: "command line"}
		if len(args) == 1 {
			in.Login = args[0]
		} else if in.Login, err = a.ask("Login: "); err != nil {
			return err
		}
		if in.Login == "" {
			return core.Errorf(core.Invalid, "login", "cli.login_missing")
		}
		if in.Password, err = a.password(password, "STINT_PASSWORD", "Password: "); err != nil {
			return err
		}
		if in.Code, err = a.givenCode(code); err != nil {
			return err
		}
		in.Device = a.loadDevice(in.Login)
		adm, err := gate.SignIn(ctx, in)
		if core.CodeOf(err) == core.ProofRequired && in.Code.Empty() {
			var held *core.Error
			if errors.As(err, &held) && held.Key == "signin.held" {
				fmt.Fprintln(a.Err, "stint: "+plain(held.Message)) // why a code is asked for at once
			}
			asked, askErr := a.askCode()
			if askErr != nil {
				return askErr
			}
			if asked.Empty() {
				return err
			}
			in.Code = asked
			adm, err = gate.SignIn(ctx, in)
		}
		if err != nil {
			return err
		}
		return a.admitted(ctx, in.Login, in.Password, adm)
	})
	cmd.Long = "Signs in and keeps the session's token in a file that only you can read, one for each server."
	cmd.Example = "  stint login alice\n  STINT_PASSWORD=… STINT_CODE=… stint login alice --server https://stint.example.org"
	cmd.Flags().StringVar(&password, "password", "", "- reads it from standard input")
	cmd.Flags().StringVar(&code, "code", "", "code of the second factor; - reads it from standard input")
	return cmd
}

// admitted keeps a new session and says what has to be done next.
func (a *app) admitted(ctx context.Context, login string, password core.Secret, adm core.Admission) error {
	if err := a.saveToken(login, adm.Token); err != nil {
		return err
	}
	if err := a.saveDevice(login, adm.Device); err != nil {
		return err
	}
	if a.json {
		return a.writeJSON(map[string]any{
			"session": adm.Session, "must_change_password": adm.MustChangePassword, "must_enrol": adm.MustEnrol,
		})
	}
	a.say("Signed in as %s.", login)
	_, asks := a.terminal()
	if adm.MustChangePassword {
		a.say("Your password was set by somebody else. Change it now.")
		if !asks {
			a.say("  stint password")
		} else if err := a.changePassword(ctx, adm.Service, password, ""); err != nil {
			return err
		}
	}
	if adm.MustEnrol {
		a.say("You need a second factor before you can do anything else.")
		if !asks {
			a.say("  stint factor begin, then stint factor confirm CODE")
		} else if err := a.enrol(ctx, adm.Service); err != nil {
			return err
		}
	}
	return nil
}

func (a *app) logoutCommand() *cobra.Command {
	return a.command("logout", "Sign out here", none, func(ctx context.Context, _ []string) error {
		svc, err := a.service(ctx)
		if err == nil {
			err = svc.SignOut(ctx)
		}
		// A session that is over already needs no more.
		if code := core.CodeOf(err); err != nil && code != core.Unauthenticated {
			return err
		}
		if err := a.forgetToken(); err != nil {
			return err
		}
		if a.json {
			return a.writeJSON(struct{}{})
		}
		a.say("Signed out.")
		return nil
	})
}

func (a *app) passwordCommand() *cobra.Command {
	var present, next string
	cmd := a.command("password", "Change your password", none, func(ctx context.Context, _ []string) error {
		svc, err := a.service(ctx)
		if err != nil {
			return err
		}
		old, err := a.password(present, "STINT_PASSWORD", "Present password: ")
		if err != nil {
			return err
		}
		if err := a.changePassword(ctx, svc, old, next); err != nil || !a.json {
			return err
		}
		return a.writeJSON(struct{}{})
	})
	cmd.Example = "  stint password\n  STINT_PASSWORD=… STINT_NEW_PASSWORD=… stint password"
	cmd.Flags().StringVar(&present, "password", "", "- reads the present one from standard input")
	cmd.Flags().StringVar(&next, "new-password", "", "- reads the new one from standard input")
	return cmd
}

func (a *app) changePassword(ctx context.Context, svc core.Service, present core.Secret, nextFlag string) error {
	for {
		next, err := a.newPassword(nextFlag, "STINT_NEW_PASSWORD")
		if err != nil {
			return err
		}
		err = svc.ChangePassword(ctx, present, next)
		if err == nil {
			break
		}
		// One that is too weak can be thought over; a wrong present one can't.
		var e *core.Error
		_, asks := a.terminal()
		if !asks || nextFlag != "" || a.Getenv("STINT_NEW_PASSWORD") != "" || !errors.As(err, &e) || e.Code != core.Invalid {
			return err
		}
		fmt.Fprintln(a.Err, plain(e.Message))
	}
	a.say("Your password is changed.")
	return nil
}

func (a *app) factorCommand() *cobra.Command {
	parent := group(&cobra.Command{Use: "factor", Short: "Your second factor and recovery codes"})
	var code string
	with := func(f func(context.Context, core.Service, core.Secret, []string) error) func(context.Context, []string) error {
		return func(ctx context.Context, args []string) error {
			svc, err := a.service(ctx)
			if err != nil {
				return err
			}
			given, err := a.givenCode(code)
			if err != nil {
				return err
			}
			return f(ctx, svc, given, args)
		}
	}
	begin := a.command("begin", "Make a new second factor; it counts once confirmed", none,
		with(func(ctx context.Context, svc core.Service, code core.Secret, _ []string) error {
			offer, err := svc.BeginFactor(ctx, code)
			if err != nil {
				return err
			}
			if a.json {
				return a.writeJSON(map[string]string{"secret": offer.Secret.Reveal(), "uri": offer.URI.Reveal()})
			}
			a.showOffer(offer)
			a.say("Then: stint factor confirm CODE")
			return nil
		}))
	confirm := a.command("confirm [CODE]", "Confirm it with a first code; prints recovery codes", atMost(1),
		with(func(ctx context.Context, svc core.Service, code core.Secret, args []string) error {
			if len(args) == 1 {
				code = core.NewSecret(args[0])
			}
			codes, err := svc.ConfirmFactor(ctx, code)
			if err != nil {
				return err
			}
			return a.showRecovery(codes)
		}))
	renew := a.command("recovery", "Replace your recovery codes", none,
		with(func(ctx context.Context, svc core.Service, code core.Secret, _ []string) error {
			var err error
			if code.Empty() {
				if code, err = a.askCode(); err != nil {
					return err
				}
			}
			codes, err := svc.RenewRecovery(ctx, code)
			if err != nil {
				return err
			}
			return a.showRecovery(codes)
		}))
	for _, cmd := range []*cobra.Command{begin, confirm, renew} {
		cmd.Flags().StringVar(&code, "code", "", "a code of your present second factor; - reads it from standard input")
		parent.AddCommand(cmd)
	}
	return parent
}

// enrol leads somebody at a terminal through a new second factor.
func (a *app) enrol(ctx context.Context, svc core.Service) error {
	offer, err := svc.BeginFactor(ctx, core.Secret{})
	if err != nil {
		return err
	}
	a.showOffer(offer)
	for {
		code, err := a.askHidden("First code it shows: ")
		if err != nil || code.Empty() {
			return err
		}
		codes, err := svc.ConfirmFactor(ctx, code)
		if core.CodeOf(err) == core.ProofRequired {
			fmt.Fprintln(a.Err, "That code is not right. Take the next one.")
			continue
		}
		if err != nil {
			return err
		}
		return a.showRecovery(codes)
	}
}

func (a *app) showOffer(o core.FactorOffer) {
	fmt.Fprint(a.Out, "Add this to your authenticator:\n\n")
	a.showQR(o.URI.Reveal())
	fmt.Fprintf(a.Out, "  key  %s\n  URI  %s\n\n", plain(grouped(o.Secret.Reveal())), plain(o.URI.Reveal()))
}

func (a *app) showRecovery(codes []string) error {
	if a.json {
		return a.writeJSON(map[string]any{"codes": codes})
	}
	a.say("Your second factor is in place. Keep these recovery codes, each is good once:")
	for _, code := range codes {
		fmt.Fprintln(a.Out, "  "+plain(code))
	}
	return nil
}

func (a *app) setupCommand() *cobra.Command {
	var p core.FirstPerson
	var password string
	cmd := a.command("setup", "Set up an empty installation", none, func(ctx context.Context, _ []string) error {
		// Before anything is made: without a password it would be for nothing.
		if _, asks := a.terminal(); !asks && password == "" && a.Getenv("STINT_PASSWORD") == "" {
			return core.Errorf(core.Invalid, "password", "cli.password_missing", "env", "STINT_PASSWORD")
		}
		a.founding = true
		gate, err := a.connect(ctx)
		if err != nil {
			return err
		}
		state, err := gate.State(ctx)
		if err != nil {
			return err
		}
		if !state.Empty {
			return core.Errorf(core.Conflict, "", "cli.not_empty")
		}
		for _, q := range []struct {
			to     *string
			prompt string
		}{{&p.FullName, "Your name: "}, {&p.Login, "Login: "}, {&p.Mail, "Mail address: "}} {
			if *q.to == "" {
				if *q.to, err = a.ask(q.prompt); err != nil {
					return err
				}
			}
		}
		if p.Password, err = a.newPassword(password, "STINT_PASSWORD"); err != nil {
			return err
		}
		p.From = "command line"
		adm, err := gate.SetUp(ctx, p)
		if err != nil {
			return err
		}
		return a.admitted(ctx, p.Login, p.Password, adm)
	})
	cmd.Long = "Makes the first person, who becomes Global Administrator for good. Works only on the machine of the server."
	cmd.Example = "  stint setup\n  STINT_PASSWORD=… stint setup --name \"Alice Adler\" --login alice --mail alice@example.org"
	f := cmd.Flags()
	f.StringVar(&p.FullName, "name", "", "your name")
	f.StringVar(&p.Login, "login", "", "what you will type to sign in")
	f.StringVar(&p.Mail, "mail", "", "your mail address")
	f.StringVar(&p.Language, "language", "en", "of mails and messages: en or de")
	f.StringVar(&p.Organisation, "organisation", "", "shown in mails")
	f.StringVar(&password, "password", "", "- reads it from standard input")
	return cmd
}
