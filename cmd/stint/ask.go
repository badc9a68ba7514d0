package main

import (
	"fmt"
	"os"

	"golang.org/x/term"

	"github.com/stint-pim/stint/core"
)

// terminal returns the file descriptor of standard input if somebody sits
// there, who can be asked.
func (a *app) terminal() (int, bool) {
	f, ok := a.In.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return 0, false
	}
	return int(f.Fd()), true
}

// askHidden asks for a secret without showing it.
func (a *app) askHidden(prompt string) (core.Secret, error) {
	fd, ok := a.terminal()
	if !ok {
		return core.Secret{}, nil
	}
	fmt.Fprint(a.Err, prompt)
	b, err := term.ReadPassword(fd)
	fmt.Fprintln(a.Err)
	if err != nil {
		return core.Secret{}, core.Wrap(core.Canceled, "api.canceled", err)
	}
	return core.NewSecret(string(b)), nil
}

// ask asks for a line, or returns empty where nobody sits.
func (a *app) ask(prompt string) (string, error) {
	if _, ok := a.terminal(); !ok {
		return "", nil
	}
	fmt.Fprint(a.Err, prompt)
	return a.line()
}

// password takes a password from where flag says ("-": standard input), from
// the environment, or asks for it. It is never taken from an argument: other
// accounts of the machine can read those.
func (a *app) password(flag, env, prompt string) (core.Secret, error) {
	switch {
	case flag == "-":
		s, err := a.line()
		return core.NewSecret(s), err
	case flag != "":
		return core.Secret{}, core.Errorf(core.Invalid, "password", "cli.password_argument")
	}
	if s := a.Getenv(env); s != "" {
		return core.NewSecret(s), nil
	}
	s, err := a.askHidden(prompt)
	if err == nil && s.Empty() {
		err = core.Errorf(core.Invalid, "password", "cli.password_missing", "env", env)
	}
	return s, err
}

// newPassword is password, asked for twice at a terminal.
func (a *app) newPassword(flag, env string) (core.Secret, error) {
	s, err := a.password(flag, env, "New password: ")
	if err != nil || flag != "" || a.Getenv(env) != "" {
		return s, err
	}
	again, err := a.askHidden("The same again: ")
	if err == nil && again != s {
		err = core.Errorf(core.Invalid, "password", "cli.password_differs")
	}
	return s, err
}

// givenCode returns the code of --code or STINT_CODE; empty if none was given.
// A code is good once, so that it may stand on the command line.
func (a *app) givenCode(flag string) (core.Secret, error) {
	switch flag {
	case "":
		return core.NewSecret(a.Getenv("STINT_CODE")), nil
	case "-":
		s, err := a.line()
		return core.NewSecret(s), err
	}
	return core.NewSecret(flag), nil
}

// askCode asks for a code at a terminal; empty where nobody sits.
func (a *app) askCode() (core.Secret, error) { return a.askHidden("Code of your second factor: ") }
