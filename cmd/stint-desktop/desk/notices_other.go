//go:build !(linux || freebsd || netbsd || openbsd)

package desk

import "context"

// showNotices shows words alone: the ways to a button there are of macOS and
// Windows want a signed program that is registered with them.
func showNotices(ctx context.Context, _ Options, n *Notices) {
	for {
		select {
		case o := <-n.orders:
			if o.show != nil {
				plain(*o.show)
			}
		case <-ctx.Done():
			return
		}
	}
}
