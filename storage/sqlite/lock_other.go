//go:build !unix && !windows

package sqlite

import (
	"errors"
	"os"
)

// exclusive refuses: where no lock dies with its process, nothing would keep
// two of them apart.
func exclusive(*os.File) error { return errors.ErrUnsupported }
