//go:build failpoints

package failpoint

import (
	"os"
	"strings"
	"time"
)

// SkewVariable names a file that holds by how much the wall clock of a process
// is set forward, as "1h" or "-90m": the process reads it whenever it looks at
// the clock, so that the clock of a running one can be moved from outside. A
// file that is missing or empty moves nothing; put it there by renaming.
const SkewVariable = "STINT_SKEW"

// Skew is by how much the wall clock is to be moved.
func Skew() time.Duration {
	path := os.Getenv(SkewVariable)
	if path == "" {
		return 0
	}
	b, err := os.ReadFile(path)
	text := strings.TrimSpace(string(b))
	if err != nil || text == "" {
		return 0
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		panic(SkewVariable + ": " + err.Error()) // a test must not pass because its fault was misspelt
	}
	return d
}
