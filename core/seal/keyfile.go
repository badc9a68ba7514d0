package seal

import (
	"crypto/rand"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/stint-pim/stint/core"
)

// readKeyFile returns nil, nil where there is no such file.
func readKeyFile(path string) (*Key, error) {
	f, err := openNoFollow(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, core.Wrap(core.Refused, "seal.file_unreadable", err, "path", path)
	}
	defer f.Close()
	// What was opened is looked at, not the name: a file swapped in between
	// would be read unseen.
	info, err := f.Stat()
	if err != nil {
		return nil, core.Wrap(core.Refused, "seal.file_unreadable", err, "path", path)
	}
	if !info.Mode().IsRegular() {
		return nil, core.Errorf(core.Refused, "key", "seal.file_irregular", "path", path)
	}
	if !private(info) {
		return nil, core.Errorf(core.Refused, "key", "seal.file_open", "path", path)
	}
	text, err := io.ReadAll(io.LimitReader(f, 200))
	if err != nil {
		return nil, core.Wrap(core.Refused, "seal.file_unreadable", err, "path", path)
	}
	secret, err := decodeKey(string(text))
	if err != nil {
		return nil, core.Wrap(core.Refused, "seal.file_damaged", err, "path", path)
	}
	return &Key{secret: secret, Source: FromFile, Path: path}, nil
}

// makeKeyFile writes a new key so that after a crash at any moment there is
// either no file or a whole one, and never writes over one that is there.
func makeKeyFile(path string) (*Key, error) {
	key := &Key{secret: newKey(), Source: FromFile, Path: path, Fresh: true}
	if err := writeOnce(path, encodeKey(key.secret)+"\n"); err != nil {
		return nil, core.Wrap(core.Unavailable, "seal.file_unwritable", err, "path", path)
	}
	return key, nil
}

func writeOnce(path, text string) (err error) {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	temp := filepath.Join(dir, "."+filepath.Base(path)+"."+rand.Text()[:8])
	f, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer os.Remove(temp)
	_, err = f.WriteString(text)
	err = errors.Join(err, f.Sync(), f.Close())
	if err != nil {
		return err
	}
	if err := os.Link(temp, path); err != nil {
		// Link fails where the name is taken, which is what it is for, and on
		// file systems without hard links; there only the look beforehand protects.
		if _, there := os.Lstat(path); !errors.Is(there, fs.ErrNotExist) {
			return err
		}
		if err := os.Rename(temp, path); err != nil {
			return err
		}
	}
	return syncDir(dir)
}
