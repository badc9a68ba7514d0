package connectortest

import (
	"errors"
	"slices"
	"testing"

	"github.com/stint-pim/stint/core/connector"
)

// Renamer is a System whose roles and accounts keep what they are when they
// are renamed. Its driver gives them an Object.
type Renamer interface {
	RenameRole(t *testing.T, from, to string)
	RenameAccount(t *testing.T, from, to string)
}

// renamed: with its Object a privilege is found and taken away under whatever
// name it has, also by a driver that has never seen it, and nothing is granted
// to what is called otherwise.
func renamed(s *story) {
	r, ok := s.System.(Renamer)
	if !ok {
		return // names are all this system has
	}
	role, alice := s.pair()
	p := connector.Privilege{Role: role, Account: alice, Object: s.done(grant(role, alice))[0].Object}
	if p.Object == "" || len(p.Object) > 200 {
		s.Fatalf("Object is %q", p.Object)
	}
	if got := s.read(role, alice).Object; got != p.Object {
		s.Errorf("Read calls it %q, Apply %q", got, p.Object)
	}
	role2, alice2 := s.Name("role2"), s.Name("alice2")
	s.Cleanup(func() { s.System.DropAccount(s.T, alice2); s.System.DropRole(s.T, role2) })
	r.RenameAccount(s.T, alice, alice2)
	r.RenameRole(s.T, role, role2)

	fresh := &story{T: s.T, Suite: s.Suite}
	out, err := fresh.driver().Read(s.ctx(), []connector.Privilege{p})
	if err != nil {
		s.Fatal(err)
	}
	s.complete(out[0], true)
	if now := out[0].Now; now.Role != role2 || now.Account != alice2 || out[0].Object != p.Object {
		s.Errorf("it is called %+v now", out[0])
	}
	o := fresh.apply(connector.Task{Privilege: p, Grant: true})[0]
	if !errors.Is(o.Err, connector.ErrRenamed) || !o.HeldBefore {
		s.Errorf("grant to what was renamed: %v, held before %v; want ErrRenamed of what was there", o.Err, o.HeldBefore)
	}
	o = fresh.done(connector.Task{Privilege: p})[0]
	s.holds(role2, alice2, false)
	if o.Object != p.Object {
		s.Errorf("after the removal it is called %q, before %q", o.Object, p.Object)
	}
}

// impostor: somebody else has the old name. He is given nothing, nothing is
// taken from him, and what the right one holds goes.
func impostor(s *story) {
	r, ok := s.System.(Renamer)
	if !ok {
		return
	}
	role, alice := s.pair()
	p := connector.Privilege{Role: role, Account: alice, Object: s.done(grant(role, alice))[0].Object}
	other := s.role(s.Name("other"))
	q := connector.Privilege{Role: other, Account: alice, Object: s.read(other, alice).Object}
	alice2 := s.Name("alice2")
	s.Cleanup(func() { s.System.DropAccount(s.T, alice2) })
	r.RenameAccount(s.T, alice, alice2)
	s.System.AddAccount(s.T, alice)
	s.System.Put(s.T, role, alice, true)
	s.done(connector.Task{Privilege: p}) // alone: a driver may take a shorter way then
	if o := s.apply(connector.Task{Privilege: q, Grant: true})[0]; !errors.Is(o.Err, connector.ErrRenamed) {
		s.Errorf("grant: %v; want ErrRenamed", o.Err)
	}
	s.holds(role, alice2, false)
	s.holds(role, alice, true)
	s.holds(other, alice, false)
	s.holds(other, alice2, false)

	// Once the old one is dropped, the name is all there is.
	s.System.DropAccount(s.T, alice2)
	o := s.done(connector.Task{Privilege: q, Grant: true})[0]
	s.holds(other, alice, true)
	if o.Object == q.Object {
		s.Error("another account has the same Object")
	}
}

// holders: who holds roles is told for all of them at once.
func holders(s *story) {
	l, ok := s.driver().(connector.Lister)
	if !ok {
		s.Fatal("the driver does not tell who holds roles (connector.Lister)")
	}
	dba, reader, alice, bob := s.role(s.Name("dba")), s.role(s.Name("reader")), s.account(s.Name("alice")), s.account(s.Name("bob"))
	unasked := s.role(s.Name("unasked"))
	s.done(grant(dba, alice))
	s.System.Put(s.T, dba, bob, true)
	s.System.Put(s.T, reader, bob, true)
	s.System.Put(s.T, unasked, bob, true)
	held, err := l.Holders(s.ctx(), []string{dba, reader, s.Name("norole"), "", "nul\x00byte"})
	if err != nil {
		s.Fatal(err)
	}
	var got []string
	for _, p := range held {
		got = append(got, p.Role+" "+p.Account)
		if o := s.read(p.Role, p.Account); o.Object != p.Object {
			s.Errorf("%s of %s is %q here and %q to Read", p.Role, p.Account, p.Object, o.Object)
		}
	}
	slices.Sort(got)
	want := []string{dba + " " + alice, dba + " " + bob, reader + " " + bob}
	if !slices.Equal(got, want) {
		s.Errorf("held: %q, want %q", got, want)
	}
	if held, err := l.Holders(s.ctx(), nil); err != nil || len(held) != 0 {
		s.Errorf("of no role: %v, %v", held, err)
	}
}

// readMany asks for many privileges at once, of which few are held.
func readMany(s *story) {
	const roles, accounts = 4, 6
	var ps []connector.Privilege
	held := map[int]bool{}
	for r := range roles {
		s.role(s.Name("r" + string(rune('a'+r))))
	}
	for a := range accounts {
		s.account(s.Name("p" + string(rune('a'+a))))
	}
	for n := range 600 {
		p := connector.Privilege{Role: s.Name("r" + string(rune('a'+n%roles))), Account: s.Name("p" + string(rune('a'+n/roles%accounts)))}
		if n%7 == 0 && n < 20 {
			s.System.Put(s.T, p.Role, p.Account, true)
			held[n%(roles*accounts)] = true
		}
		ps = append(ps, p)
	}
	out, err := s.driver().Read(s.ctx(), ps)
	if err != nil || len(out) != len(ps) {
		s.Fatalf("%d outcomes for %d questions, %v", len(out), len(ps), err)
	}
	for n, o := range out {
		if o.Evidence.Holds != held[n%(roles*accounts)] {
			s.Fatalf("question %d, %+v: holds %v", n, ps[n], o.Evidence.Holds)
		}
	}
}
