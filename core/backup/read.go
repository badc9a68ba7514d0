package backup

import (
	"archive/tar"
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"strings"

	"filippo.io/age"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/audit"
)

// Read opens a backup and streams its database to where place says. place is
// told of the manifest first and may refuse; what it was given is only good if
// Read returns nil, because the last bytes prove all the others. A wrong
// passphrase is Refused; what is no backup, damaged or cut off is Invalid.
func Read(ctx context.Context, r io.Reader, passphrase core.Secret, place func(Manifest) (io.Writer, error), tell core.Progress) (Manifest, core.Secret, error) {
	m, key, err := read(ctx, r, passphrase, place, tell)
	var known *core.Error
	switch {
	case err == nil:
		return m, key, nil
	case ctx.Err() != nil:
		err = core.Wrap(core.Canceled, "call.canceled", ctx.Err())
	case !errors.As(err, &known):
		err = bad("backup.damaged", err)
	}
	return m, core.Secret{}, err
}

func read(ctx context.Context, r io.Reader, passphrase core.Secret, place func(Manifest) (io.Writer, error), tell core.Progress) (m Manifest, key core.Secret, err error) {
	opened, err := unseal(&source{r: r}, passphrase)
	if err != nil {
		return m, key, err
	}
	packed, err := gzip.NewReader(opened)
	if err != nil {
		return m, key, err
	}
	a := &parts{tar: tar.NewReader(packed)}
	page, err := a.small(manifestName, maxManifest)
	if err != nil {
		return m, key, err
	}
	if m, err = readManifest(page); err != nil {
		return m, key, err
	}
	text, err := a.small(keyName, maxKey)
	if err != nil {
		return m, key, err
	}
	w, err := place(m)
	if err != nil {
		return m, key, err
	}
	if err := a.database(ctx, w, m.Database, tell); err != nil {
		return m, key, err
	}
	want := a.sums.String()
	sums, err := a.small(sumsName, maxSums)
	if err != nil {
		return m, key, err
	}
	if string(sums) != want {
		return m, key, errors.New("the sums do not fit")
	}
	if _, err := a.tar.Next(); !errors.Is(err, io.EOF) {
		return m, key, fmt.Errorf("more than there should be: %w", err)
	}
	// To the very end: there stands what proves that nothing was cut off.
	if n, err := io.Copy(io.Discard, io.LimitReader(packed, maxManifest)); err != nil || n == maxManifest {
		return m, key, errors.Join(errors.New("no end"), err)
	}
	if n, err := io.Copy(io.Discard, io.LimitReader(opened, 1)); err != nil || n > 0 {
		return m, key, errors.Join(errors.New("more behind the end"), err)
	}
	return m, core.NewSecret(strings.TrimSpace(string(text))), nil
}

// unseal opens the age file. Its header is read by us first, because age takes
// lines of any length.
func unseal(src *source, passphrase core.Secret) (io.Reader, error) {
	in := bufio.NewReaderSize(src, maxHeader)
	head, err := in.Peek(maxHeader)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if !bytes.HasPrefix(head, []byte("age-encryption.org/")) {
		return nil, bad("backup.none", nil)
	}
	if !bytes.Contains(head, []byte("\n---")) {
		return nil, errors.New("the header has no end")
	}
	by, err := age.NewScryptIdentity(typed(passphrase))
	if err != nil {
		return nil, core.Errorf(core.Invalid, "passphrase", "backup.passphrase_missing")
	}
	by.SetMaxWorkFactor(maxWorkFactor)
	opened, err := age.Decrypt(in, by)
	var none *age.NoIdentityMatchError
	if errors.As(err, &none) || errors.Is(err, age.ErrIncorrectIdentity) {
		e := core.Errorf(core.Refused, "passphrase", "backup.wrong_passphrase")
		e.Err = err
		return nil, e
	}
	if err != nil && src.err != nil {
		return nil, src.err
	}
	return opened, err
}

// source remembers that the medium failed, which is not the backup's fault.
type source struct {
	r   io.Reader
	err error
}

func (s *source) Read(b []byte) (int, error) {
	n, err := s.r.Read(b)
	if err != nil && !errors.Is(err, io.EOF) {
		s.err = core.Wrap(core.Unavailable, "backup.unreadable", err)
		err = s.err
	}
	return n, err
}

// parts reads the archive: these parts in this order, and nothing else.
type parts struct {
	tar  *tar.Reader
	sums strings.Builder
}

func (a *parts) next(name string, most int64) (int64, error) {
	h, err := a.tar.Next()
	switch {
	case err != nil:
		return 0, fmt.Errorf("%s: %w", name, err)
	case h.Name != name, h.Typeflag != tar.TypeReg, h.Size < 0:
		return 0, fmt.Errorf("%q where %s should be", core.Clip(h.Name, 80), name)
	case h.Size > most:
		return 0, fmt.Errorf("%s has %d bytes", name, h.Size)
	}
	return h.Size, nil
}

func (a *parts) small(name string, most int64) ([]byte, error) {
	size, err := a.next(name, most)
	if err != nil {
		return nil, err
	}
	b := make([]byte, size)
	if _, err := io.ReadFull(a.tar, b); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	sum := sha256.Sum256(b)
	fmt.Fprintf(&a.sums, "%x  %s\n", sum, name)
	return b, nil
}

func (a *parts) database(ctx context.Context, w io.Writer, want int64, tell core.Progress) error {
	size, err := a.next(databaseName, want)
	if err != nil {
		return err
	}
	if size != want {
		return fmt.Errorf("the database has %d bytes, the manifest says %d", size, want)
	}
	sum := sha256.New()
	t := &told{ctx: ctx, from: copier{a.tar}, tell: audit.Pace(tell), total: want}
	if n, err := t.WriteTo(io.MultiWriter(&sink{w: w}, sum)); err != nil || n != want {
		return errors.Join(fmt.Errorf("%d bytes of the database", n), err)
	}
	fmt.Fprintf(&a.sums, "%s  %s\n", hexSum(sum), databaseName)
	return nil
}

type copier struct{ r io.Reader }

func (c copier) WriteTo(w io.Writer) (int64, error) {
	return io.CopyBuffer(struct{ io.Writer }{w}, struct{ io.Reader }{c.r}, make([]byte, 64<<10))
}

// sink tells a failure of the place apart from one of the backup.
type sink struct{ w io.Writer }

func (s *sink) Write(b []byte) (int, error) {
	n, err := s.w.Write(b)
	if err != nil {
		err = core.Wrap(core.Unavailable, "backup.unwritable", err)
	}
	return n, err
}
