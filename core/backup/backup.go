// Package backup is the file in which a whole store travels: the database as
// it was at one moment, the key that opens its secrets, and a page that says
// what it is. Because of the key it is always sealed, with a passphrase.
//
// The file is an age file (age-encryption.org/v1, scrypt) around a compressed
// tar archive, so that it can be opened without Stint in an emergency:
//
//	age -d FILE | tar -xzv && sha256sum -c SHA256SUMS
//
// Write streams a backup out and Read streams it in; neither keeps it in
// memory nor puts it on a disk in clear. Swap puts a restored store in the place
// of another so that a crash leaves the one or the other.
//
// The package knows no database and decides nothing: core/house makes copies
// and judges what was read. Read manifest.go, write.go, read.go, swap.go.
package backup

import (
	"golang.org/x/text/unicode/norm"

	"github.com/stint-pim/stint/core"
)

const (
	// Extension is what names of backups end in: that of the tool that opens them.
	Extension = ".age"

	// workFactor is log2 of scrypt's N: 128 MiB and about half a second for
	// each guess at a passphrase (OWASP's first choice for scrypt).
	workFactor = 17
	// maxWorkFactor bounds what a file may ask of its reader: 1 GiB.
	maxWorkFactor = 20
)

// The parts of the archive, in their order. The sums come last because they
// are known last.
const (
	manifestName = "backup.json"
	keyName      = "stint.key"
	databaseName = "stint.db"
	sumsName     = "SHA256SUMS"
)

// Limits of the parts when reading, in bytes.
const (
	maxManifest = 64 << 10
	maxKey      = 200
	maxSums     = 4 << 10
	maxDatabase = 1 << 42 // 4 TiB
	maxHeader   = 4 << 10 // of the age file: one recipient takes 150 bytes
)

// typed makes one form of a passphrase, however a keyboard composes its letters.
func typed(p core.Secret) string { return norm.NFC.String(p.Reveal()) }

func bad(key core.TextKey, err error) error {
	e := core.Errorf(core.Invalid, "file", key)
	e.Err = err
	return e
}
