package memory_test

import (
	"context"
	"testing"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/connector"
	"github.com/stint-pim/stint/core/connector/memory"
)

// The sample's systems are filled anew at each start, in another order than
// when they were lived with: what a grant remembers still leads to the same
// role and account. (It led to another role, so that nothing could be activated.)
func TestObjectsOutliveARestart(t *testing.T) {
	object := func(fill func(*memory.System)) string {
		t.Helper()
		s := memory.NewSystem("db", nil)
		fill(s)
		out, err := s.Driver().Read(context.Background(), []connector.Privilege{{Role: "owner", Scope: "/", Account: "ann"}})
		if err != nil || out[0].Object == "" {
			t.Fatal(out, err)
		}
		return out[0].Object
	}
	was := object(func(s *memory.System) {
		s.AddRole(core.FoundRole{External: "owner"})
		s.AddRole(core.FoundRole{External: "admin"})
		s.AddAccount("ann", "ben")
	})
	is := object(func(s *memory.System) {
		s.AddAccount("ben", "ann")
		s.AddRole(core.FoundRole{External: "admin"})
		s.AddRole(core.FoundRole{External: "owner"})
	})
	if is != was {
		t.Errorf("got %s, want %s", is, was)
	}
	namesake := object(func(s *memory.System) {
		s.AddRole(core.FoundRole{External: "owner"})
		s.AddAccount("ann")
		s.DropAccount("ann")
		s.AddAccount("ann")
	})
	if namesake == was {
		t.Error("who has the name of an account that was dropped is taken for it")
	}
}
