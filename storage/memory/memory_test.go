package memory_test

import (
	"testing"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/storage/memory"
	"github.com/stint-pim/stint/storage/storagetest"
)

func TestStore(t *testing.T) {
	storagetest.Run(t, func(testing.TB) core.Store { return memory.New() })
}
