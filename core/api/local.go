package api

import (
	"encoding/json"
	"errors"
	"io"
	"os"

	"github.com/stint-pim/stint/core"
)

// Local is how to reach the server of this user where there are no Unix
// sockets: an address on loopback, and the token that proves that the client
// may read the file, and so is this user.
type Local struct {
	Address string
	Token   core.Secret
}

type localFile struct {
	Address string `json:"address"`
	Token   string `json:"token"`
}

// ReadLocal reads what WriteLocal wrote. Where there is no file the error
// is of code NotFound.
func ReadLocal(path string) (Local, error) {
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return Local{}, core.Wrap(core.NotFound, "api.local_file", err, "address", path)
	}
	if err != nil {
		return Local{}, core.Wrap(core.Unavailable, "api.local_file", err, "address", path)
	}
	defer f.Close()
	var l localFile
	if err := json.NewDecoder(io.LimitReader(f, 4096)).Decode(&l); err != nil || l.Address == "" || l.Token == "" {
		return Local{}, core.Errorf(core.Unavailable, "", "api.local_file", "address", path)
	}
	return Local{l.Address, core.NewSecret(l.Token)}, nil
}

// WriteLocal puts the file in place in one step, readable by this user alone.
func WriteLocal(path, address string, token core.Secret) error {
	fail := func(err error) error {
		return core.Wrap(core.Unavailable, "api.local_file", err, "address", path)
	}
	b, err := json.Marshal(localFile{address, token.Reveal()})
	if err != nil {
		return fail(err)
	}
	tmp := path + ".new"
	_ = os.Remove(tmp) // its mode may be another
	if err := os.WriteFile(tmp, b, 0o600); err != nil {
		return fail(err)
	}
	if err := os.Rename(tmp, path); err != nil {
		_ = os.Remove(tmp)
		return fail(err)
	}
	return nil
}
