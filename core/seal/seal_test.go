package seal_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/seal"
)

var unreadable = &core.Error{Code: core.Internal, Key: "seal.wrong_key"}

func TestSealRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		key := [32]byte(rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "key"))
		context := rapid.StringN(1, 60, 200).Draw(t, "context")
		plain := rapid.SliceOfN(rapid.Byte(), 0, 300).Draw(t, "plain")
		box := seal.New(key)
		sealed, err := box.Seal(context, plain)
		if err != nil {
			t.Fatal(err)
		}
		got, err := box.Open(context, sealed)
		if err != nil || !bytes.Equal(got, plain) {
			t.Fatalf("Open = %q, %v; want %q", got, err, plain)
		}
		if len(plain) >= 8 && bytes.Contains(sealed, plain) {
			t.Fatal("the plaintext stands in what was sealed")
		}
		if _, err := box.Open(context+"x", sealed); !errors.Is(err, unreadable) {
			t.Fatalf("another context: %v", err)
		}
		sealed[rapid.IntRange(0, len(sealed)-1).Draw(t, "at")] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
		if _, err := box.Open(context, sealed); !errors.Is(err, unreadable) {
			t.Fatalf("a changed bit: %v", err)
		}
	})
}

func TestSealTwiceDiffers(t *testing.T) {
	box := seal.New([32]byte{1})
	a, _ := box.Seal("x", []byte("same"))
	b, _ := box.Seal("x", []byte("same"))
	if bytes.Equal(a, b) {
		t.Error("two sealings of the same are the same")
	}
}

func TestSealLimits(t *testing.T) {
	box := seal.New([32]byte{1})
	if _, err := box.Seal("x", make([]byte, seal.MaxPlain)); err != nil {
		t.Errorf("at the limit: %v", err)
	}
	if _, err := box.Seal("x", make([]byte, seal.MaxPlain+1)); core.CodeOf(err) != core.Invalid {
		t.Errorf("above the limit: %v", err)
	}
	if _, err := box.Seal("", nil); err == nil {
		t.Error("sealed without a context")
	}
	for _, sealed := range [][]byte{nil, {1}, make([]byte, seal.Overhead), make([]byte, seal.MaxPlain+seal.Overhead+1)} {
		if _, err := box.Open("x", sealed); !errors.Is(err, unreadable) {
			t.Errorf("Open of %d bytes: %v", len(sealed), err)
		}
	}
}

func TestOpenWithAnotherKey(t *testing.T) {
	sealed, err := seal.New([32]byte{1}).Seal("x", []byte("secret"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := seal.New([32]byte{2}).Open("x", sealed); !errors.Is(err, unreadable) {
		t.Errorf("another key: %v", err)
	}
}

func ExampleBox() {
	box := seal.New([32]byte{ /* from OpenKey */ })
	sealed, _ := box.SealSecret(seal.SystemContext("sy_1"), core.NewSecret("s3cret"))
	_, err := box.OpenSecret(seal.SystemContext("sy_2"), sealed)
	secret, _ := box.OpenSecret(seal.SystemContext("sy_1"), sealed)
	fmt.Println(err != nil, secret, secret.Reveal())
	// Output: true (secret) s3cret
}

func FuzzOpen(f *testing.F) {
	box := seal.New([32]byte{7})
	// Fixed, because a fuzzer's processes must all know the same: each sealing differs.
	good, err := hex.DecodeString("01a7f9b49b2c49134791f85c311be89bae5a9f13d0ec9819c904bd99fa3dc9e2f283df7e9c142ab5b0bd1f220c86")
	if err != nil {
		f.Fatal(err)
	}
	if plain, err := box.Open("x", good); err != nil || string(plain) != "plain" {
		f.Fatalf("got %q, %v", plain, err)
	}
	f.Add(good)
	f.Add([]byte{1})
	f.Fuzz(func(t *testing.T, sealed []byte) {
		plain, err := box.Open("x", sealed)
		if err == nil && !bytes.Equal(sealed, good) {
			t.Errorf("opened forged bytes as %q", plain)
		}
	})
}
