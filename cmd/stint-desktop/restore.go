package main

import (
	"cmp"
	"context"
	"errors"
	"os"
	"os/user"
	"path/filepath"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/house"
	"github.com/stint-pim/stint/gui/model"
)

// restore puts a backup in the place of the data on this computer. All of the
// backup is looked at while the present house still stands: only a good one is
// worth ending what is active.
func (in *inside) restore(ctx context.Context, file string, passphrase core.Secret, replace bool, tell core.Progress) (model.Restored, error) {
	open := func() (*os.File, error) {
		f, err := os.Open(file)
		if err != nil {
			err = core.Wrap(core.NotFound, "cli.backup_file", err)
		}
		return f, err
	}
	f, err := open()
	if err != nil {
		return model.Restored{}, err
	}
	_, err = house.CheckBackup(ctx, f, passphrase, tell)
	if err = errors.Join(err, f.Close()); err != nil {
		return model.Restored{}, err
	}
	if f, err = open(); err != nil {
		return model.Restored{}, err
	}
	defer func() { _ = f.Close() }() // was only read
	in.door.shut(in.leave)
	defer in.door.unlock()
	done, err := house.RestoreBackup(ctx, house.Restore{
		File: f, Passphrase: passphrase, Replace: replace, By: localPerson(), Tell: tell,
		Options: house.Options{Path: filepath.Join(in.place.data, house.FileName), KeyFile: in.place.keyFile, Keyring: true, Version: version, Log: in.log},
	})
	return told(done), err
}

func told(done house.Restored) model.Restored {
	m := done.Backup
	return model.Restored{
		Of: cmp.Or(m.Organisation, m.Host), Made: m.Made, Entries: m.Seq, People: m.People, Systems: m.Systems, Ended: done.Ended, Aside: done.Aside,
	}
}

// leave ends the house that is open and what answers for it; the door can be
// opened again.
func (in *inside) leave() {
	in.mu.Lock()
	end := in.end
	in.end, in.house = nil, nil
	in.mu.Unlock()
	for i := len(end) - 1; i >= 0; i-- {
		if err := end[i](); err != nil && !errors.Is(err, context.Canceled) {
			in.log.Error("leave", "err", err)
		}
	}
}

// localPerson names for the log who restores: nobody is signed in.
func localPerson() string {
	name := "a user of this computer"
	if u, err := user.Current(); err == nil {
		name = u.Username
	}
	if host, err := os.Hostname(); err == nil {
		name += " on " + host
	}
	return name + ", in the window"
}
