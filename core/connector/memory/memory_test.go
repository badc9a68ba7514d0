package memory_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/connector"
	"github.com/stint-pim/stint/core/connector/connectortest"
	"github.com/stint-pim/stint/core/connector/memory"
)

// world is a System reached directly.
type world struct{ *memory.System }

func (w world) Open(*testing.T) connector.Driver      { return w.Driver() }
func (w world) AddRole(_ *testing.T, n string)        { w.System.AddRole(core.FoundRole{External: n}) }
func (w world) AddAccount(_ *testing.T, n string)     { w.System.AddAccount(n) }
func (w world) DropRole(_ *testing.T, n string)       { w.System.DropRole(n) }
func (w world) DropAccount(_ *testing.T, n string)    { w.System.DropAccount(n) }
func (w world) Put(_ *testing.T, r, a string, h bool) { w.System.Put(r, a, h) }
func (w world) Holds(_ *testing.T, r, a string) bool  { return w.System.Holds(r, a) }

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
