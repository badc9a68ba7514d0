package memory_test

import (
	"context"
	"fmt"

	"github.com/stint-pim/stint/core/connector"
	"github.com/stint-pim/stint/core/connector/memory"
)

// A system for a test that loses the answer to the first change.
func ExampleSystem_Fail() {
	kind := memory.NewKind(nil)
	driver, _ := kind.Open(connector.Config{Name: "db", Settings: map[string]string{"roles": "dba", "accounts": "alice"}})
	kind.System("db").Fail(memory.LoseAnswer, 1)

	task := connector.Task{Privilege: connector.Privilege{Role: "dba", Account: "alice"}, Grant: true}
	_, err := driver.Apply(context.Background(), []connector.Task{task})
	fmt.Println(connector.Problem(err))
	fmt.Println(kind.System("db").Holds("dba", "alice"))
	// Output:
	// The system can't be reached: nothing answers at its address. Check that it is running, that the address is right, and that nothing stands between, such as a firewall.
	// true
}
