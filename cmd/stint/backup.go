package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/backup"
)

func (a *app) backupCommand() *cobra.Command {
	var file, phrase string
	var force bool
	var p proof
	cmd := a.command("backup", "Copy everything into one sealed file, while Stint runs", none, func(ctx context.Context, _ []string) error {
		svc, err := a.service(ctx)
		if err != nil {
			return err
		}
		if file == "" {
			file = "stint-" + a.Now().Format("2006-01-02-1504") + backup.Extension
		}
		if info, err := os.Stat(file); file != "-" && err == nil && info.Mode().IsRegular() && !force {
			return core.Errorf(core.Conflict, "output", "cli.exists", "path", file)
		}
		passphrase, err := a.passphrase(phrase, true)
		if err != nil {
			return err
		}
		code, err := a.givenCode(p.code)
		if err == nil && code.Empty() {
			code, err = a.askCode()
		}
		if err != nil {
			return err
		}
		var made core.BackupFile
		write := func(w io.Writer) (err error) {
			made, err = svc.Backup(ctx, passphrase, code, w, a.progress(file != "-", "written"))
			return err
		}
		if file == "-" {
			return write(a.Out)
		}
		err = writeFile(file, write)
		a.progressEnd()
		var ce *core.Error
		if err != nil && !errors.As(err, &ce) {
			return core.Wrap(core.Unavailable, "cli.output", err)
		}
		if err != nil {
			return err
		}
		if a.json {
			return a.writeJSON(map[string]any{"file": file, "bytes": made.Bytes, "sha256": made.Hash})
		}
		a.say("Backed up to %s (%s).", file, size(made.Bytes))
		a.say("SHA-256: %s", made.Hash)
		a.say("Only the passphrase opens it, and nobody can replace the passphrase: keep it apart from the file.\nSee that it opens: stint restore --check %s", file)
		return nil
	})
	cmd.Long = `Writes the database as it is at this moment and the key that opens its secrets into one
file, sealed with a passphrase. Stint goes on working meanwhile. It takes a Global
Administrator and a fresh code, and is in the audit log.

The passphrase is asked for at a terminal. Scripts give it in a file, or on standard input
with --passphrase-file -. The file is an age file: without Stint, age -d opens it.`
	cmd.Example = "  stint backup -o /media/safe/stint.age\n  stint backup -o stint.age --passphrase-file /run/secrets/stint --code 123456"
	f := cmd.Flags()
	f.StringVarP(&file, "output", "o", "", "file to write; - is standard output (default: stint-DATE-TIME.age)")
	f.StringVar(&phrase, "passphrase-file", "", "file whose first line is the passphrase; - is standard input")
	f.StringVar(&p.code, "code", "", "fresh code of the second factor; - reads it from standard input")
	f.BoolVar(&force, "force", false, "replace a file of that name")
	return cmd
}

// passphrase reads one from a file or asks for it, twice if it is a new one. It
// is never taken from an argument or the environment: both are shown to others
// too easily for what opens everything.
func (a *app) passphrase(file string, fresh bool) (core.Secret, error) {
	var line string
	var err error
	switch file {
	case "":
		s, err := a.askHidden("Passphrase of the backup: ")
		if err != nil || !fresh || s.Empty() {
			return needed(s, err)
		}
		again, err := a.askHidden("The same again: ")
		if err == nil && again != s {
			err = core.Errorf(core.Invalid, "passphrase", "cli.passphrase_differs")
		}
		return s, err
	case "-":
		line, err = a.line()
	default:
		line, err = firstLine(file)
	}
	return needed(core.NewSecret(line), err)
}

func needed(s core.Secret, err error) (core.Secret, error) {
	if err == nil && s.Empty() {
		err = core.Errorf(core.Invalid, "passphrase", "cli.passphrase_missing")
	}
	return s, err
}

func firstLine(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", core.Wrap(core.NotFound, "cli.passphrase_file", err)
	}
	defer f.Close()
	text, err := bufio.NewReaderSize(io.LimitReader(f, 4096), 4096).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", core.Wrap(core.Unavailable, "cli.passphrase_file", err)
	}
	return strings.TrimRight(text, "\r\n"), nil
}

// progress tells on a terminal how far a long work is.
func (a *app) progress(on bool, what string) core.Progress {
	if !on || a.json || !a.colours(a.Err) {
		return nil
	}
	return func(done, total int64) {
		if total > 0 {
			fmt.Fprintf(a.Err, "\r%3d %% %s\x1b[K", 100*done/total, what)
		} else {
			fmt.Fprintf(a.Err, "\r%s %s\x1b[K", size(done), what)
		}
	}
}

func (a *app) progressEnd() {
	if !a.json && a.colours(a.Err) {
		fmt.Fprint(a.Err, "\r\x1b[K")
	}
}

// size writes a number of bytes as people do.
func size(n int64) string {
	switch {
	case n < 1000:
		return fmt.Sprintf("%d bytes", n)
	case n < 1000_000:
		return fmt.Sprintf("%d kB", n/1000)
	case n < 1000_000_000:
		return fmt.Sprintf("%.1f MB", float64(n)/1e6)
	}
	return fmt.Sprintf("%.1f GB", float64(n)/1e9)
}
