//go:build !failpoints

package failpoint

import "time"

// Hit does nothing.
func Hit(string) {}

// Err returns nil.
func Err(string) error { return nil }

// Arm panics: a test that needs a fault must not pass without it.
func Arm(string, func() error) (disarm func()) {
	panic("this test arms a failpoint; run it with: go test -tags ci,failpoints")
}

// Skew is 0: the machine's clock is what it says.
func Skew() time.Duration { return 0 }
