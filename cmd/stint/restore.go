package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/user"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/backup"
	"github.com/stint-pim/stint/core/house"
)

func (a *app) restoreCommand() *cobra.Command {
	var phrase string
	var check, replace bool
	cmd := a.command("restore FILE", "Put a backup in place, or check one", exactly(1), func(ctx context.Context, args []string) error {
		if a.server != "" && !check {
			return core.Errorf(core.Invalid, "server", "cli.restore_server")
		}
		in, closeFile, err := a.openBackup(args[0])
		if err != nil {
			return err
		}
		defer closeFile()
		conf, err := a.configured()
		if err != nil {
			return err
		}
		path := filepath.Join(conf.DataDir, house.FileName)
		if !check && !replace {
			if replace, err = a.agreed(path); err != nil {
				return err
			}
		}
		passphrase, err := a.passphrase(phrase, false)
		if err != nil {
			return err
		}
		tell := a.progress(true, "read")
		if check {
			m, err := house.CheckBackup(ctx, in, passphrase, tell)
			a.progressEnd()
			if err != nil {
				return err
			}
			return a.checked(m)
		}
		done, err := house.RestoreBackup(ctx, house.Restore{
			File: in, Passphrase: passphrase, Replace: replace, By: a.localPerson(), Tell: tell,
			Options: house.Options{Path: path, KeyFile: conf.KeyFile, Keyring: true, Version: version(), Log: slog.New(slog.DiscardHandler)},
		})
		a.progressEnd()
		if err != nil {
			return err
		}
		return a.restored(done, conf.DataDir)
	})
	cmd.Long = `Opens a backup with its passphrase, looks at all of it (its sums, the database, the whole
chain of the audit log, that the key opens the secrets), and only then puts it in the place
of the data here, which are moved aside and kept. No Stint may be running on them.

Everything is then as it was when the backup was made. Everybody signs in anew, codes used
until now stay used, and what was active in the backup is ended and taken back from its
systems when Stint starts. What was granted after the backup is not known to it: Stint
reads every system at its first start and lists what it finds.

With --check it changes nothing and says whether the backup opens and what is in it.`
	cmd.Example = "  stint restore --check stint.age\n  stint restore stint.age\n  stint restore stint.age --data /srv/stint --passphrase-file /run/secrets/stint"
	f := cmd.Flags()
	f.StringVar(&phrase, "passphrase-file", "", "file whose first line is the passphrase; - is standard input")
	f.BoolVar(&check, "check", false, "only look whether the backup is good, and what is in it")
	f.BoolVar(&replace, "replace", false, "move data that are here aside without asking")
	return cmd
}

func (a *app) openBackup(name string) (io.Reader, func(), error) {
	f, err := os.Open(name)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil, core.Wrap(core.NotFound, "cli.backup_file", err)
	}
	if err != nil {
		return nil, nil, core.Wrap(core.Unavailable, "cli.backup_file", err)
	}
	return f, func() { _ = f.Close() }, nil // was only read
}

// agreed asks at a terminal whether data that are there may be moved aside.
func (a *app) agreed(path string) (bool, error) {
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	answer, err := a.ask(fmt.Sprintf("There are data in %s. The backup takes their place; they are moved aside and kept.\nGo on? [y/N] ", filepath.Dir(path)))
	if err != nil {
		return false, err
	}
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "y", "yes":
		return true, nil
	}
	return false, nil // and the restore says that something is there
}

// localPerson names for the log who restores: nobody is signed in.
func (a *app) localPerson() string {
	name := "a user of this computer"
	if u, err := user.Current(); err == nil {
		name = u.Username
	}
	if host, err := os.Hostname(); err == nil {
		name += " on " + host
	}
	return name + ", at the command line"
}

func (a *app) checked(m backup.Manifest) error {
	if a.json {
		return a.writeJSON(m)
	}
	a.say("This backup opens, and all of it is whole.")
	a.describe(m)
	a.say("Its audit log verifies: %d entries, the last with the hash %s.", m.Seq, m.Head)
	return nil
}

// describe says what is in a backup.
func (a *app) describe(m backup.Manifest) {
	of := m.Host
	if m.Organisation != "" {
		of = m.Organisation + " (" + m.Host + ")"
	}
	a.say("It is of %s, made %s by Stint %s.", plain(of), m.Made.Local().Format("2006-01-02 15:04"), plain(m.Version))
	a.say("It holds %s, %s, %s and the key %s.", counted(m.People, "person", "people"), counted(m.Systems, "system", "systems"),
		counted(m.Live, "assignment", "assignments"), plain(m.Key))
}

func counted(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

func (a *app) restored(done house.Restored, dir string) error {
	if a.json {
		return a.writeJSON(map[string]any{"backup": done.Backup, "data": dir, "kept": done.Aside, "ended_activations": done.Ended})
	}
	a.say("Restored into %s.", dir)
	a.describe(done.Backup)
	if done.Aside != "" {
		a.say("The data that were here are kept in %s.", done.Aside)
	}
	if done.Ended > 0 {
		a.say("%s in the backup ended; Stint takes the access back from its systems when it starts.", counted(int64(done.Ended), "activation that was running", "activations that were running"))
	}
	for _, line := range strings.Split(afterRestore, "\n") {
		a.say("%s", line)
	}
	return nil
}

const afterRestore = `
What to know now:
  Passwords, recovery codes and assignments are those of the day of the backup. Whoever was
  disabled or lost a role since has it again: look through people and assignments.
  Recovery codes used since then work again: let their owners make new ones.
  Everybody signs in anew, with the next code of the second factor.
  Access granted after the backup is not known to it. Stint reads every system when it
  starts and lists what it finds there: stint systems drift NAME

Now start Stint: open the window, or run “stint serve”.`
