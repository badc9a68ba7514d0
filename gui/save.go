package gui

import (
	"context"
	"io"
)

// SaveFunc writes a file's content. It runs off the render goroutine and ends
// soon after ctx does.
type SaveFunc func(ctx context.Context, w io.Writer) error
