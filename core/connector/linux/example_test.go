package linux_test

import (
	"fmt"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/connector/linux"
)

// Where groups can't be changed, the kind says why.
func ExampleKind_Info() {
	host := linux.Host{OS: "linux", Find: func(p string) string { return "/usr/bin/" + p }}
	info := linux.NewKind(host).Info()
	fmt.Println(info.Available, core.English(info.Why))
	// Output:
	// false Changing groups needs root, and nobody can be asked for permission here because there is no desktop. Run the server as root (stint serve).
}
