package engine_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/engine/enginetest"
	memstore "github.com/stint-pim/stint/storage/memory"
)

// digests is a company that gets the digest of a week, with two administrators.
func digests(t testing.TB, s core.Store, inner *memstore.Store) *enginetest.Company {
	c := enginetest.New(t, s)
	cleo := c.Person("Cleo")
	c.Must(c.Boss, core.Assign{Role: core.StintRole(core.SecurityAdministrator), Principals: []core.PersonID{cleo}, Kind: core.Active, Justification: "she looks after it"})
	var set core.Settings
	c.View(func(v core.View) { set = v.Settings() })
	set.Mail = core.MailSettings{Host: "127.0.0.1", Port: 25, Security: core.MailPlain, Auth: core.MailAuthNone, From: "stint@example.org"}
	c.Must(c.Boss, core.ChangeSettings{Settings: set})
	return c
}

func digestsTo(s *memstore.Store) map[string]int {
	out := map[string]int{}
	for _, d := range s.Deliveries() {
		if d.Notice.Kind == core.NoticeDigest {
			out[d.Notice.ToName+" "+d.Notice.Digest.First]++
		}
	}
	return out
}

// A process that dies at any point, also in the commit of which nobody knows
// whether it happened: each administrator has one mail of each week.
func TestDigestOnceAcrossKills(t *testing.T) {
	gone := errors.New("power is gone")
	for name, h := range map[string]hooks{
		"while it is applied": {refuse: func(e core.Event) error {
			for _, c := range e.Changes {
				if _, ok := c.(core.DigestMark); ok {
					return gone
				}
			}
			return nil
		}},
		"before the commit": {commit: func() error { return gone }},
		"behind the commit": {hide: func() error { return gone }},
	} {
		inner := memstore.New()
		s := &trouble{Store: inner}
		c := digests(t, s, inner)
		for range 3 {
			c.Clock.Set(c.Clock.Now().Add(7 * 24 * time.Hour))
			s.set(h)
			for range 3 {
				c.Engine.Turn(context.Background())
				c.Restart() // what it counted is gone with it
			}
			s.set(hooks{})
			c.Engine.Turn(context.Background())
			c.Engine.Turn(context.Background())
		}
		got := digestsTo(inner)
		for _, first := range []string{"2026-11-23", "2026-11-30", "2026-12-07"} {
			for _, who := range []string{"Bo Boss", "Cleo"} {
				if n := got[who+" "+first]; n != 1 {
					t.Errorf("%s: %s has %d mails of the week from %s", name, who, n, first)
				}
			}
		}
		if len(got) != 6 {
			t.Errorf("%s: %v", name, got)
		}
		c.Verify()
	}
}

// While a long log is counted, what ends does so at once.
func TestDigestWaitsForEnds(t *testing.T) {
	inner := memstore.New()
	s := &counted{Store: inner}
	c := digests(t, s, inner)
	ann := c.Person("Ann")
	_, roles := c.System("prod", []string{"dba"}, ann)
	basis := c.Eligible(ann, roles[0])
	for i := range 1200 { // more than two pages
		c.Must(c.Boss, core.UpdatePerson{Person: ann, FullName: fmt.Sprint("Ann ", i), Login: "ann", Language: "en"})
	}
	c.Clock.Set(time.Date(2026, 11, 30, 7, 30, 0, 0, time.UTC))
	a := c.Activate(ann, basis, 30*time.Minute+time.Second)
	c.Clock.Set(time.Date(2026, 11, 30, 8, 0, 0, 0, time.UTC))
	s.page = func() {
		c.Clock.Set(time.Date(2026, 11, 30, 8, 0, 1, 0, time.UTC))
		if s.pages == 2 && c.Assignment(a).State != core.Expired {
			t.Errorf("a page later it is %s", c.Assignment(a).State)
		}
	}
	c.Engine.Turn(context.Background())
	if s.pages < 3 {
		t.Errorf("the log was read in %d pages", s.pages)
	}
	if got := digestsTo(inner); got["Bo Boss 2026-11-23"] != 1 || len(got) != 2 {
		t.Errorf("mailed: %v", got)
	}
}

// counted counts the pages of the log that are read.
type counted struct {
	core.Store
	pages int
	page  func() // nil: nothing; before each
}

func (s *counted) Entries(ctx context.Context, f core.EntryFilter, p core.Page) (core.List[core.Entry], error) {
	if s.page != nil {
		s.pages++
		s.page()
	}
	return s.Store.Entries(ctx, f, p)
}
