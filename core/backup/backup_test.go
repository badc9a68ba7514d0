package backup_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/google/go-cmp/cmp"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/backup"
)

var (
	passphrase = core.NewSecret("seven grey herons by the weir")
	keyText    = core.NewSecret("QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWY")
)

// database is bytes that neither compress to nothing nor repeat.
func database(n int) []byte {
	b := make([]byte, n)
	r := rand.New(rand.NewPCG(1, 2))
	for i := range b {
		b[i] = byte(r.Uint32()) & 0x1f
	}
	return b
}

func manifest(n int) backup.Manifest {
	return backup.Manifest{
		Format: backup.Format, Made: time.Date(2026, 11, 25, 16, 0, 0, 0, time.UTC), High: time.Date(2026, 11, 25, 16, 0, 1, 0, time.UTC),
		Version: "1.2.3", Schema: 2, Host: "workstation", Organisation: "Nordwind", Store: core.Hash{1}, Seq: 7, Head: core.Hash{2},
		People: 3, Systems: 1, Live: 4, Grants: 2, Database: int64(n), Key: "0011223344",
	}
}

func write(t testing.TB, db []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	c := backup.Contents{Work: 4, Manifest: manifest(len(db)), Key: keyText, Database: bytes.NewBuffer(bytes.Clone(db))}
	if err := backup.Write(context.Background(), &b, c, passphrase, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// read opens a backup and returns what it holds.
func read(b []byte, p core.Secret) (m backup.Manifest, key core.Secret, db []byte, err error) {
	var to bytes.Buffer
	m, key, err = backup.Read(context.Background(), bytes.NewReader(b), p, func(backup.Manifest) (io.Writer, error) { return &to, nil }, nil)
	return m, key, to.Bytes(), err
}

func TestThereAndBack(t *testing.T) {
	db := database(300_000)
	file := write(t, db)
	m, key, got, err := read(file, passphrase)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(manifest(len(db)), m); diff != "" {
		t.Errorf("manifest (-want +got):\n%s", diff)
	}
	if key != keyText || !bytes.Equal(got, db) {
		t.Error("the key or the database came back changed")
	}
	for _, secret := range []string{keyText.Reveal(), "Nordwind", passphrase.Reveal(), string(db[:40])} {
		if bytes.Contains(file, []byte(secret)) {
			t.Errorf("%q stands in the file in clear", secret)
		}
	}
	if bytes.Equal(file, write(t, db)) {
		t.Error("the same twice is sealed alike")
	}
}

// Umlauts are typed composed on one keyboard and in two parts on another.
func TestPassphraseComposed(t *testing.T) {
	var b bytes.Buffer
	c := backup.Contents{Work: 4, Manifest: manifest(5), Key: keyText, Database: strings.NewReader("12345")}
	if err := backup.Write(t.Context(), &b, c, core.NewSecret("sieben graue Fischreiher im Ma\u0308rz"), nil); err != nil {
		t.Fatal(err)
	}
	if _, _, _, err := read(b.Bytes(), core.NewSecret("sieben graue Fischreiher im M\u00e4rz")); err != nil {
		t.Error(err)
	}
}

func TestWrongPassphrase(t *testing.T) {
	file := write(t, database(1000))
	_, key, db, err := read(file, core.NewSecret("eight grey herons by the weir"))
	if !errors.Is(err, &core.Error{Code: core.Refused, Key: "backup.wrong_passphrase"}) || !key.Empty() || len(db) > 0 {
		t.Errorf("wrong: %v", err)
	}
	if _, _, _, err := read(file, core.Secret{}); core.CodeOf(err) != core.Invalid {
		t.Errorf("empty: %v", err)
	}
	if err := backup.Write(t.Context(), io.Discard, backup.Contents{Manifest: manifest(0)}, core.Secret{}, nil); core.CodeOf(err) != core.Invalid {
		t.Errorf("written with an empty one: %v", err)
	}
}

// Whatever one byte of the file is, changing it is found, and so is any end
// that comes too early or too late.
func TestEveryByteCounts(t *testing.T) {
	file := write(t, database(200))
	try := func(what string, b []byte) {
		t.Helper()
		_, key, _, err := read(b, passphrase)
		if code := core.CodeOf(err); code != core.Invalid && code != core.Refused {
			t.Errorf("%s: %v", what, err)
		}
		if !key.Empty() {
			t.Errorf("%s: the key was given out", what)
		}
	}
	r := rand.New(rand.NewPCG(3, 4))
	header := bytes.Index(file, []byte("\n---"))
	at := []int{len(file) - 1}
	for i := range header + 60 {
		at = append(at, i)
	}
	for range 40 {
		at = append(at, header+60+r.IntN(len(file)-header-60))
	}
	for _, i := range at {
		if bytes.HasPrefix(file[i:], []byte("4\n")) {
			continue // "4 rounds" with a bit flipped may ask for 2^20, which is allowed and slow
		}
		bad := bytes.Clone(file)
		bad[i] ^= 1
		try("a flipped bit", bad)
	}
	for _, n := range []int{0, 10, header, len(file) / 2, len(file) - 1} {
		try("cut off", file[:n])
	}
	try("something behind the end", append(bytes.Clone(file), 0))
	try("no backup", []byte("SQLite format 3\x00 and so on"))
}

// A whole chunk missing at the end is what a lost connection leaves.
func TestCutAtAChunk(t *testing.T) {
	file := write(t, database(400_000))
	header := bytes.Index(file, []byte("\n---"))
	start := header + 4 + bytes.IndexByte(file[header+4:], '\n') + 1 + 16
	if _, _, _, err := read(file[:start+2*(64<<10+16)], passphrase); core.CodeOf(err) != core.Invalid {
		t.Errorf("cut at a chunk: %v", err)
	}
}

func TestFailuresAreToldApart(t *testing.T) {
	file := write(t, database(100_000))
	full := errors.New("no space left")
	_, _, err := backup.Read(t.Context(), bytes.NewReader(file), passphrase, func(backup.Manifest) (io.Writer, error) { return failing{full}, nil }, nil)
	if !errors.Is(err, &core.Error{Code: core.Unavailable, Key: "backup.unwritable"}) || !errors.Is(err, full) {
		t.Errorf("a full disk: %v", err)
	}
	no := core.Errorf(core.Conflict, "", "backup.present")
	if _, _, err = backup.Read(t.Context(), bytes.NewReader(file), passphrase, func(backup.Manifest) (io.Writer, error) { return nil, no }, nil); !errors.Is(err, no) {
		t.Errorf("refused by the place: %v", err)
	}
	medium := io.MultiReader(bytes.NewReader(file[:len(file)/2]), failing{errors.New("input/output error")})
	if _, _, err = backup.Read(t.Context(), medium, passphrase, func(backup.Manifest) (io.Writer, error) { return io.Discard, nil }, nil); !errors.Is(err, &core.Error{Code: core.Unavailable, Key: "backup.unreadable"}) {
		t.Errorf("a broken medium: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	_, _, err = backup.Read(ctx, bytes.NewReader(file), passphrase, func(backup.Manifest) (io.Writer, error) { cancel(); return io.Discard, nil }, nil)
	if core.CodeOf(err) != core.Canceled {
		t.Errorf("canceled: %v", err)
	}
	ctx, cancel = context.WithCancel(t.Context())
	c := backup.Contents{Work: 4, Manifest: manifest(100_000), Key: keyText, Database: bytes.NewBuffer(database(100_000))}
	err = backup.Write(ctx, io.Discard, c, passphrase, func(int64, int64) { cancel() })
	if err != nil {
		t.Errorf("canceled at the last byte, when it is whole: %v", err)
	}
	c.Database = bytes.NewBuffer(database(100_000))
	if err = backup.Write(ctx, io.Discard, c, passphrase, nil); core.CodeOf(err) != core.Canceled {
		t.Errorf("canceled: %v", err)
	}
	c.Database = bytes.NewBuffer(database(99_000))
	if err = backup.Write(t.Context(), io.Discard, c, passphrase, nil); err == nil {
		t.Error("a database shorter than it says was written")
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }
func (f failing) Read([]byte) (int, error)  { return 0, f.err }

// A backup can be opened without Stint: it is what the package says it is.
func TestOpensWithAge(t *testing.T) {
	by, err := age.NewScryptIdentity(passphrase.Reveal())
	if err != nil {
		t.Fatal(err)
	}
	r, err := age.Decrypt(bytes.NewReader(write(t, []byte("tables"))), by)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(r)
	if err != nil || len(b) < 20 || b[0] != 0x1f || b[1] != 0x8b {
		t.Errorf("no gzip within: %x, %v", b[:min(4, len(b))], err)
	}
}
