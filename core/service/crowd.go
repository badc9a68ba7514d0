package service

import (
	"sync"

	"github.com/stint-pim/stint/core"
)

// maxStreams is how many streams of changes one person may have open: some
// windows and scripts. Each costs a read of the store at every commit.
const maxStreams = 32

// crowd counts the open streams of each person. The zero value is ready.
type crowd struct {
	mu   sync.Mutex
	open map[core.PersonID]int // only who has some. guarded by mu
}

// enter reports whether p may open one more, and counts it.
func (c *crowd) enter(p core.PersonID) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.open[p] >= maxStreams {
		return false
	}
	if c.open == nil {
		c.open = map[core.PersonID]int{}
	}
	c.open[p]++
	return true
}

func (c *crowd) leave(p core.PersonID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.open[p]--; c.open[p] == 0 {
		delete(c.open, p)
	}
}
