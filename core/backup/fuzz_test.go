package backup_test

import (
	"bytes"
	"context"
	"io"
	"testing"

	"filippo.io/age"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/backup"
)

// FuzzRead gives the reader files that somebody else wrote: whole ones, and
// archives that somebody who knows the passphrase has forged.
func FuzzRead(f *testing.F) {
	f.Add([]byte("age-encryption.org/v1\n-> scrypt AAAAAAAAAAAAAAAAAAAAAA 30\nAAAA\n--- AAAA\n"), false)
	f.Add([]byte("age-encryption.org/v1\n-> X25519 AAAA\n"), false)
	f.Add([]byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff}, true)
	f.Add(archive(f, database(40)), true)
	f.Fuzz(func(t *testing.T, b []byte, sealed bool) {
		if bytes.Contains(b, []byte("-> scrypt")) && !sealed && bytes.Contains(b, []byte("\n---")) && !bytes.Contains(b, []byte(" 30\n")) {
			t.Skip() // each costs seconds of scrypt, and that is age's own to test
		}
		if sealed {
			b = seal(t, b)
		}
		_, key, _, err := read(b, passphrase)
		if err == nil && !sealed {
			t.Error("something that nobody sealed was opened")
		}
		if err != nil && (!key.Empty() || core.CodeOf(err) == core.Internal) {
			t.Errorf("refused with %v", err)
		}
	})
}

// seal seals with the least work, which a reader takes.
func seal(t testing.TB, b []byte) []byte {
	t.Helper()
	to, err := age.NewScryptRecipient(passphrase.Reveal())
	if err != nil {
		t.Fatal(err)
	}
	to.SetWorkFactor(1)
	var out bytes.Buffer
	w, err := age.Encrypt(&out, to)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// archive is what is sealed in a backup.
func archive(t testing.TB, db []byte) []byte {
	t.Helper()
	by, err := age.NewScryptIdentity(passphrase.Reveal())
	if err != nil {
		t.Fatal(err)
	}
	r, err := age.Decrypt(bytes.NewReader(write(t, db)), by)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// A header without an end is not read without an end.
func TestEndlessHeader(t *testing.T) {
	endless := io.MultiReader(bytes.NewReader([]byte("age-encryption.org/v1\n-> scrypt ")), zeros{})
	_, _, err := backup.Read(context.Background(), endless, passphrase, func(backup.Manifest) (io.Writer, error) { return io.Discard, nil }, nil)
	if core.CodeOf(err) != core.Invalid {
		t.Error(err)
	}
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = 'A'
	}
	return len(b), nil
}
