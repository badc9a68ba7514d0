package sqlite_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/storage/sqlite"
)

// A new store holds Stint's own system and roles.
func Example() {
	dir, err := os.MkdirTemp("", "stint")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	ctx := context.Background()
	db, err := sqlite.Open(ctx, filepath.Join(dir, "stint.db"), sqlite.Options{})
	if err != nil {
		panic(err)
	}
	defer db.Close()
	err = db.Update(ctx, func(tx core.Tx) error {
		return tx.Apply(core.Event{Changes: []core.Change{core.Person{ID: "pe_1", Name: "Anna Ström", Login: "anna"}}})
	})
	if err != nil {
		panic(err)
	}
	people, err := db.PeopleList(ctx, core.PersonFilter{Text: "STRÖM"}, core.Page{})
	if err != nil {
		panic(err)
	}
	roles, err := db.Roles(ctx, core.RoleFilter{}, core.Page{Limit: 1})
	if err != nil {
		panic(err)
	}
	fmt.Println(people.Items[0].Login, roles.Items[0].Name)
	// Output: anna Global Administrator
}
