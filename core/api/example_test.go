package api_test

import (
	"fmt"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/api"
)

func ExampleProblemOf() {
	err := core.Errorf(core.Invalid, "duration", "duration.malformed", "value", "soon")
	p := api.ProblemOf(err)
	fmt.Println(p.Status, p.Code, p.Field, api.Exit(err))
	// Output: 400 invalid duration 2
}
