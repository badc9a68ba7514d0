//go:build !failpoints

package failpoint

// Hit does nothing.
func Hit(string) {}

// Err returns nil.
func Err(string) error { return nil }

// Arm panics: a test that needs a fault must not pass without it.
func Arm(string, func() error) (disarm func()) {
	panic("this test arms a failpoint; run it with: go test -tags ci,failpoints")
}
