package engine_test

import (
	"context"
	"testing"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/engine/enginetest"
	memstore "github.com/stint-pim/stint/storage/memory"
)

// Mail is written down for those who are concerned, and not at all where none
// is set up: nobody wants last month's when it is.
func TestDeliveriesWhereMailIsSetUp(t *testing.T) {
	store := memstore.New()
	c := enginetest.New(t, store)
	ann, bob := c.Person("ann"), c.Person("bob")
	_, roles := c.System("db", []string{"writer"}, ann, bob)
	assign := func(host string, p core.PersonID) (mails int) {
		t.Helper()
		err := store.Update(context.Background(), func(tx core.Tx) error {
			set := tx.Settings()
			set.Mail.Host = host
			return tx.Apply(core.Event{Changes: []core.Change{set}})
		})
		if err != nil {
			t.Fatal(err)
		}
		before := len(store.Deliveries())
		c.Eligible(p, roles[0])
		return len(store.Deliveries()) - before
	}
	if n := assign("", ann); n != 0 {
		t.Errorf("without a mail server there are %d deliveries", n)
	}
	if n := assign("mail.example.org", bob); n == 0 {
		t.Error("with a mail server there is no delivery")
	}
}
