package service

import (
	"encoding/base64"
	"encoding/binary"
	"strconv"
	"time"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/auth"
	"github.com/stint-pim/stint/core/seal"
)

// A device's token is a random name and the time it was made, sealed for one
// person and one password of his: who changes his password is a stranger
// everywhere once. Nothing of it is stored here; it opens nothing, and whoever
// steals it wins a budget of tries of his own (core/auth).

const (
	deviceName = 16 // random bytes
	deviceSize = deviceName + 8
	// deviceLife is how long a device is known after the last sign-in there.
	deviceLife = 180 * 24 * time.Hour
	// maxDevice bounds the text that is looked at, in bytes.
	maxDevice = 200
)

func deviceContext(c core.Credential) string {
	return seal.DeviceContext(c.Person) + ":" + strconv.FormatInt(c.Changed.UnixMicro(), 10)
}

// newDevice makes the token of a device; name is that of a known one, which
// keeps it, or empty.
func (g *Gate) newDevice(c core.Credential, name string) (core.Secret, error) {
	if name == "" {
		name = auth.NewToken().Reveal()[:deviceName]
	}
	plain := binary.BigEndian.AppendUint64([]byte(name), uint64(g.cfg.Engine.Now().Unix()))
	sealed, err := g.cfg.Box.Seal(deviceContext(c), plain)
	if err != nil {
		return core.Secret{}, core.Wrap(core.Internal, "internal.fault", err)
	}
	return core.NewSecret(base64.RawURLEncoding.EncodeToString(sealed)), nil
}

// deviceOf returns the name of the device that a token was made for, or "" if
// it is not one of this person's.
func (g *Gate) deviceOf(c core.Credential, token core.Secret) string {
	text := token.Reveal()
	if c.Person == "" || text == "" || len(text) > maxDevice {
		return ""
	}
	sealed, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return ""
	}
	plain, err := g.cfg.Box.Open(deviceContext(c), sealed)
	if err != nil || len(plain) != deviceSize {
		return ""
	}
	made := time.Unix(int64(binary.BigEndian.Uint64(plain[deviceName:])), 0)
	if g.cfg.Engine.Now().Sub(made) > deviceLife {
		return ""
	}
	return string(plain[:deviceName])
}
