package sqlite_test

import (
	"context"
	"testing"
	"time"

	"github.com/stint-pim/stint/core"
)

// BenchmarkDigest is what the digest of a week costs with 100,000 assignments
// and 1,000,000 entries, more than half of them of that week: a page of the log
// and the counts, which are read beside the writer, and the transaction, which
// is all that others wait for.
func BenchmarkDigest(b *testing.B) {
	const entries = 1_000_000
	db, _ := installation(b, 100_000, entries)
	ctx := context.Background()
	end := start.Add(entries * time.Second)
	settings := core.DefaultSettings()
	settings.Mail = core.MailSettings{Host: "mail.example.org", Port: 587, Security: core.MailSTARTTLS, Auth: core.MailAuthNone, From: "stint@example.org"}
	settings.Digest.Zone = "Europe/Berlin"
	monday := settings.Digest.After(end.AddDate(0, 0, -7), nil)
	update := func(b *testing.B, f func(core.Tx) error) {
		if err := db.Update(ctx, f); err != nil {
			b.Fatal(err)
		}
	}
	due := core.DigestMark{Next: monday}
	update(b, func(tx core.Tx) error {
		changes := []core.Change{settings, due}
		for i := range 100 { // as many administrators as are told at most
			p, _ := tx.Person(person(i))
			p.Mail = p.Login + "@example.org"
			changes = append(changes, p, core.Assignment{ID: core.AssignmentID("as_admin_" + p.Login), Principal: p.ID, Role: core.StintRole(core.SecurityAdministrator),
				System: core.StintSystem, Scope: "/", Kind: core.Active, Origin: core.Assigned, State: core.InForce, Start: start, Created: start})
		}
		return tx.Apply(core.Event{Changes: changes})
	})
	var span core.DigestSpan
	now := monday.Add(time.Second)
	view := func(b *testing.B, f func(core.View)) {
		if err := db.Read(ctx, func(v core.View) error { f(v); return v.Err() }); err != nil {
			b.Fatal(err)
		}
	}
	view(b, func(v core.View) { span, _ = core.DigestDue(v, now, nil) })
	tally := core.NewTally(span)
	var standing core.Standing
	b.Run("page", func(b *testing.B) {
		next, read := "", 0
		for b.Loop() {
			l, err := db.Entries(ctx, tally.Filter(), core.Page{After: next, Limit: 500})
			if err != nil {
				b.Fatal(err)
			}
			view(b, func(v core.View) { tally.Add(v, l.Items) })
			next, read = l.Next, read+len(l.Items)
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(read), "ns/entry")
	})
	b.Run("standing", func(b *testing.B) {
		for b.Loop() {
			var err error
			if standing, err = db.Standing(ctx, now, now.Add(core.ExtendWindow)); err != nil {
				b.Fatal(err)
			}
		}
	})
	digest := tally.Digest(standing, true)
	b.Run("transaction", func(b *testing.B) {
		for b.Loop() {
			update(b, func(tx core.Tx) error {
				if err := tx.Apply(core.Event{Changes: []core.Change{due}}); err != nil {
					return err
				}
				d, err := core.Decide(tx, core.EngineActor(), core.SendDigest{Digest: digest}, core.Env{Now: now, Wall: now})
				if err != nil {
					return err
				}
				mails := 0
				for _, ev := range d.Events {
					if ev.Entry.Action != "" {
						ev.Entry.Seal(tx.Head())
					}
					if err := tx.Apply(ev); err != nil {
						return err
					}
					mails += len(ev.Notices)
				}
				if mails != 100 {
					b.Fatalf("%d mails", mails)
				}
				return nil
			})
		}
	})
}
