package backup

import (
	"archive/tar"
	"cmp"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"io"
	"strings"
	"time"

	"filippo.io/age"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/audit"
)

// Contents are what goes into a backup.
type Contents struct {
	Manifest Manifest    // Format is filled in
	Key      core.Secret // as it stands in the key's file
	// Work is log2 of the rounds of scrypt; 0: what is right for people. Less is for tests.
	Work int
	// Database writes exactly Manifest.Database bytes.
	Database io.WriterTo
}

// Write seals c with the passphrase and streams it to w. tell, if not nil, is
// called at most ten times a second with how many bytes of the database are done.
// What was written is a backup only if the error is nil.
func Write(ctx context.Context, w io.Writer, c Contents, passphrase core.Secret, tell core.Progress) error {
	c.Manifest.Format = Format
	if err := c.Manifest.check(); err != nil {
		return err
	}
	page, err := json.MarshalIndent(c.Manifest, "", "  ")
	if err != nil {
		return core.Wrap(core.Internal, "internal.fault", err)
	}
	to, err := age.NewScryptRecipient(typed(passphrase))
	if err != nil {
		return core.Errorf(core.Invalid, "passphrase", "backup.passphrase_missing")
	}
	to.SetWorkFactor(cmp.Or(c.Work, workFactor))
	sealed, err := age.Encrypt(w, to)
	if err != nil {
		return fmt.Errorf("begin to seal: %w", err)
	}
	packed, err := gzip.NewWriterLevel(sealed, gzip.BestSpeed)
	if err != nil {
		return core.Wrap(core.Internal, "internal.fault", err)
	}
	a := &archive{tar: tar.NewWriter(packed), manifest: c.Manifest}
	err = a.add(manifestName, int64(len(page))+1, strings.NewReader(string(page)+"\n"))
	if err == nil {
		key := c.Key.Reveal() + "\n"
		err = a.add(keyName, int64(len(key)), strings.NewReader(key))
	}
	if err == nil {
		err = a.add(databaseName, c.Manifest.Database, &told{ctx: ctx, from: c.Database, tell: audit.Pace(tell), total: c.Manifest.Database})
	}
	if err == nil {
		sums := a.sums.String()
		err = a.add(sumsName, int64(len(sums)), strings.NewReader(sums))
	}
	// Closed in this order, each flushes into the next; after a failure none is,
	// so that what is there can't be taken for whole.
	for _, c := range []io.Closer{a.tar, packed, sealed} {
		if err == nil {
			err = c.Close()
		}
	}
	if err != nil && ctx.Err() != nil {
		return core.Wrap(core.Canceled, "call.canceled", ctx.Err())
	}
	return err
}

// archive writes parts and notes their sums as sha256sum does.
type archive struct {
	tar      *tar.Writer
	manifest Manifest
	sums     strings.Builder
}

func (a *archive) add(name string, size int64, from io.WriterTo) error {
	h := &tar.Header{Typeflag: tar.TypeReg, Name: name, Size: size, Mode: 0o600, ModTime: a.manifest.Made.Truncate(time.Second)}
	if err := a.tar.WriteHeader(h); err != nil {
		return fmt.Errorf("begin %s: %w", name, err)
	}
	sum := sha256.New()
	n, err := from.WriteTo(io.MultiWriter(a.tar, sum))
	if err == nil && n != size {
		err = fmt.Errorf("%d bytes instead of %d", n, size)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	fmt.Fprintf(&a.sums, "%s  %s\n", hexSum(sum), name)
	return nil
}

func hexSum(h hash.Hash) string { return hex.EncodeToString(h.Sum(nil)) }

// told copies while it tells of it, and stops when ctx does.
type told struct {
	ctx         context.Context
	from        io.WriterTo
	to          io.Writer
	done, total int64
	tell        core.Progress
}

func (t *told) WriteTo(w io.Writer) (int64, error) {
	t.to = w
	_, err := t.from.WriteTo(t)
	return t.done, err
}

func (t *told) Write(b []byte) (int, error) {
	if err := t.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := t.to.Write(b)
	t.done += int64(n)
	t.tell(t.done, t.total)
	return n, err
}
