package memory_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/connector"
	"github.com/stint-pim/stint/core/connector/connectortest"
	"github.com/stint-pim/stint/core/connector/memory"
)

// world is a System reached directly.
type world struct{ *memory.System }

func (w world) Open(*testing.T) connector.Driver        { return w.Driver() }
func (w world) AddRole(_ *testing.T, n string)          { w.System.AddRole(core.FoundRole{External: n}) }
func (w world) AddAccount(_ *testing.T, n string)       { w.System.AddAccount(n) }
func (w world) DropRole(_ *testing.T, n string)         { w.System.DropRole(n) }
func (w world) DropAccount(_ *testing.T, n string)      { w.System.DropAccount(n) }
func (w world) RenameRole(_ *testing.T, a, b string)    { w.System.RenameRole(a, b) }
func (w world) RenameAccount(_ *testing.T, a, b string) { w.System.RenameAccount(a, b) }
func (w world) Put(_ *testing.T, r, a string, h bool)   { w.System.Put(r, a, h) }
func (w world) Holds(_ *testing.T, r, a string) bool    { return w.System.Holds(r, a) }

func TestConformance(t *testing.T) {
	sys := memory.NewSystem("sample", nil)
	connectortest.Run(t, connectortest.Suite{
		System:  world{sys},
		Carries: func(n string) bool { return n != "" && utf8.ValidString(n) && !strings.Contains(n, "\x00") },
		Break: func(*testing.T) func() {
			sys.Fail(memory.Unreachable, -1)
			return sys.Heal
		},
	})
}

// TestFailures: each way of failing is told as it is, and only the last two
// have changed something.
func TestFailures(t *testing.T) {
	task := []connector.Task{{Privilege: connector.Privilege{Role: "dba", Account: "alice"}, Grant: true}}
	for _, c := range []struct {
		failure memory.Failure
		want    error
		changed bool
	}{
		{memory.Unreachable, connector.ErrUnreachable, false},
		{memory.Refuse, connector.ErrRefused, false},
		{memory.Hang, context.DeadlineExceeded, false},
		{memory.LoseAnswer, connector.ErrUnreachable, true},
		{memory.HangThenAnswer, context.DeadlineExceeded, true},
	} {
		synctest.Test(t, func(t *testing.T) {
			sys := memory.NewSystem("sample", nil)
			sys.AddRole(core.FoundRole{External: "dba"})
			sys.AddAccount("alice")
			sys.Fail(c.failure, 1)
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			if _, err := sys.Driver().Apply(ctx, task); !errors.Is(err, c.want) {
				t.Errorf("failure %d: %v, want %v", c.failure, err, c.want)
			}
			if sys.Holds("dba", "alice") != c.changed {
				t.Errorf("failure %d: holds %v, want %v", c.failure, !c.changed, c.changed)
			}
			if out, err := sys.Driver().Apply(t.Context(), task); err != nil || out[0].Err != nil || out[0].HeldBefore != c.changed {
				t.Errorf("failure %d, the next call: %v, %v", c.failure, out, err)
			}
		})
	}
}

func TestKind(t *testing.T) {
	kind := memory.NewKind(nil)
	cfg := connector.Config{Name: "crm", Settings: map[string]string{
		"as": "ldap", "roles": "cn=a,dc=x\ncn=b", "accounts": "uid=alice,dc=x\n\nbob", "holders": "cn=a,dc=x => uid=alice,dc=x",
	}}
	d, err := kind.Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	found, err := d.Discover(t.Context())
	want := connector.Found{
		Version:  "OpenLDAP 2.6 (sample)",
		Roles:    []core.FoundRole{{External: "cn=a,dc=x", Holders: []string{"uid=alice,dc=x"}}, {External: "cn=b", Holders: []string{}}},
		Accounts: []string{"bob", "uid=alice,dc=x"},
	}
	if diff := cmp.Diff(want, found); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
	if kind.System("crm").Put("cn=b", "bob", true); !slices.Contains(kind.System("crm").All(), "cn=b ← bob") {
		t.Error("the system of a name is not the same each time")
	}
	if again, err := kind.Open(cfg); err != nil || again != d {
		t.Errorf("opened again: %v, %v", again, err)
	}
	for _, as := range kind.Info().Fields[0].Choices {
		d, err := kind.Open(connector.Config{Name: as, Settings: map[string]string{"as": as}})
		if err != nil {
			t.Fatal(err)
		}
		if f, err := d.Discover(t.Context()); err != nil || len(f.Roles) == 0 {
			t.Errorf("%s has %d roles, %v", as, len(f.Roles), err)
		}
	}
	if _, err := kind.Open(connector.Config{Settings: map[string]string{"as": "toaster"}}); core.CodeOf(err) != core.Invalid {
		t.Errorf("an unknown part: %v", err)
	}
}
