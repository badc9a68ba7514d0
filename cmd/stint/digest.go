package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/stint-pim/stint/core"
)

// mailDigest says and sets when administrators get the digest of a week, and
// whether oneself does.
func (a *app) mailDigest() *cobra.Command {
	var set core.DigestSettings
	var all, me string
	var p proof
	cmd := a.command("digest", "When administrators get the week in numbers, and whether you do", none, nil)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		a.began = true
		ctx := cmd.Context()
		svc, err := a.service(ctx)
		if err != nil {
			return err
		}
		given := cmd.Flags().Changed
		if given("day") || given("at") || given("zone") || given("all") {
			now, err := svc.Settings(ctx)
			if err != nil {
				return err
			}
			for name, x := range map[string]struct{ from, to *string }{
				"day": {&set.Weekday, &now.Digest.Weekday}, "at": {&set.At, &now.Digest.At}, "zone": {&set.Zone, &now.Digest.Zone},
			} {
				if given(name) {
					*x.to = *x.from
				}
			}
			if given("all") {
				on, err := onOff("all", all)
				if err != nil {
					return err
				}
				now.Digest.Off = !on
			}
			if _, err := a.do(ctx, svc, core.ChangeSettings{Settings: now}, p); err != nil {
				return err
			}
		}
		if given("me") {
			if err := a.ownDigest(ctx, svc, me, p); err != nil {
				return err
			}
		}
		return a.showDigest(ctx, svc)
	}
	cmd.Example = "  stint mail digest\n  stint mail digest --day friday --at 16:30 --zone Europe/Berlin\n  stint mail digest --me off"
	f := cmd.Flags()
	f.StringVar(&set.Weekday, "day", "", "monday to sunday")
	f.StringVar(&set.At, "at", "", "at what time, with 24 hours: 08:00")
	f.StringVar(&set.Zone, "zone", "", "in which time zone: Europe/Berlin, UTC; empty for that of the server")
	f.StringVar(&all, "all", "", "on or off, for all administrators")
	f.StringVar(&me, "me", "", "on or off, for you alone")
	p.flags(cmd)
	return cmd
}

func onOff(field, value string) (bool, error) {
	if value != "on" && value != "off" {
		return false, core.Errorf(core.Invalid, field, "cli.on_off", "flag", field)
	}
	return value == "on", nil
}

func (a *app) ownDigest(ctx context.Context, svc core.Service, value string, p proof) error {
	on, err := onOff("me", value)
	if err != nil {
		return err
	}
	me, err := svc.Me(ctx)
	if err != nil {
		return err
	}
	_, err = a.do(ctx, svc, core.ChooseDigest(me.Person, on), p)
	return err
}

func (a *app) showDigest(ctx context.Context, svc core.Service) error {
	set, err := svc.Settings(ctx)
	if err != nil {
		return err
	}
	me, err := svc.Me(ctx)
	if err != nil {
		return err
	}
	if a.json {
		return a.writeJSON(struct {
			core.DigestSettings
			Me bool `json:"me"`
		}{set.Digest, !me.Person.NoDigest})
	}
	if set.Digest.Off {
		a.say("No digest of the week is sent.")
		return nil
	}
	a.say("Administrators get the digest of the week by mail: %s.", set.Digest)
	if me.Person.NoDigest {
		a.say("You have switched it off for yourself.")
	}
	return nil
}
