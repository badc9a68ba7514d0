package sqlite

import (
	"os"

	"github.com/stint-pim/stint/storage"
)

const (
	// reserveSize is kept for ending access on a full disk. An access that ends
	// takes some 3 KiB for good, and up to 4 MiB for the write-ahead log, which
	// is used again and again: enough for 4,000 ends.
	reserveSize = 16 << 20
	// reservePiece is given away at a time.
	reservePiece = 512 << 10
	// reserveMargin must be free besides before the reserve is made again, or
	// the first change would find the disk full once more.
	reserveMargin = 2 << 20
	// reserveSuffix is what the reserve's name has behind the database's.
	reserveSuffix = ".reserve"
)

// reserve is a file beside the database that holds nothing. It is storage.Reserve.
type reserve struct{ path string }

var _ storage.Reserve = reserve{}

// Give implements storage.Reserve.
func (r reserve) Give() bool {
	left := r.size()
	return left > 0 && os.Truncate(r.path, max(0, left-reservePiece)) == nil
}

// Left implements storage.Reserve.
func (r reserve) Left() bool { return r.size() > 0 }

func (r reserve) size() int64 {
	info, err := os.Stat(r.path)
	if err != nil {
		return 0
	}
	return info.Size()
}

// Keep implements storage.Reserve.
func (r reserve) Keep() bool {
	there := r.size()
	if there == reserveSize {
		return true
	}
	f, err := os.OpenFile(r.path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return false
	}
	err = allocate(f, reserveSize+reserveMargin)
	if err == nil {
		err = f.Truncate(reserveSize)
	}
	if err != nil {
		_ = f.Truncate(there) // what was got besides would only be missing elsewhere
	}
	return f.Close() == nil && err == nil
}

// fill writes what can't be left out: for file systems that promise no room.
func fill(f *os.File, size int64) error {
	block := make([]byte, 1<<20)
	for i := range block {
		block[i] = byte(i*i>>8) ^ byte(i) // nothing that a file system would make small
	}
	for at := int64(0); at < size; at += int64(len(block)) {
		if _, err := f.WriteAt(block[:min(int64(len(block)), size-at)], at); err != nil {
			return err
		}
	}
	return f.Sync() // some find out only then that there is no room
}
