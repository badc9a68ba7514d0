package postgres_test

import (
	"fmt"

	"github.com/stint-pim/stint/core/connector"
	"github.com/stint-pim/stint/core/connector/postgres"
)

// The statements that make the account Stint signs in with.
func ExampleKind_Statements() {
	fmt.Print(postgres.Kind{}.Statements(connector.Config{Settings: map[string]string{"user": "stint"}}))
	// Output:
	// -- Run this with psql as a superuser, and choose the password when asked.
	// CREATE ROLE "stint" LOGIN NOINHERIT NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION;
	// \password "stint"
	//
	// -- For each role that Stint shall hand out:
	// GRANT "name of the role" TO "stint" WITH ADMIN OPTION;
	//
	// -- To end the open sessions of an account together with its privilege
	// -- (not those of superusers, which only a superuser may end):
	// GRANT pg_signal_backend TO "stint";
}
