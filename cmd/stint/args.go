package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stint-pim/stint/core"
)

// Argument counts that are refused with a sentence, which cobra's are not.

func none(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	if cmd.HasSubCommands() {
		return fmt.Errorf("there is no “%s %s”. See: %s --help", cmd.CommandPath(), core.Clip(args[0], 40), cmd.CommandPath())
	}
	return misused(cmd, fmt.Sprintf("“%s” takes no arguments; “%s” is one too many.", cmd.CommandPath(), core.Clip(args[0], 40)))
}

func exactly(n int) cobra.PositionalArgs { return between(n, n) }

func atLeast(n int) cobra.PositionalArgs { return between(n, -1) }

func atMost(n int) cobra.PositionalArgs { return between(0, n) }

func between(min, max int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) < min:
			missing := "Something"
			if words := strings.Fields(cmd.Use); len(args)+1 < len(words) {
				missing = words[len(args)+1]
			}
			return misused(cmd, missing+" is missing.")
		case max >= 0 && len(args) > max:
			return misused(cmd, fmt.Sprintf("“%s” is one argument too many. Put quotes around what has spaces.", core.Clip(args[max], 40)))
		}
		return nil
	}
}

// misused says how a command is written.
func misused(cmd *cobra.Command, what string) error {
	path := strings.TrimSuffix(cmd.CommandPath(), cmd.Name())
	return fmt.Errorf("%s Write: %s%s. See: %s --help", what, path, cmd.Use, cmd.CommandPath())
}

// group makes a command that only holds others: alone it explains itself, and
// what it doesn't hold is refused, which cobra would answer with status 0.
func group(cmd *cobra.Command) *cobra.Command {
	cmd.Args = none
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
	return cmd
}

// count writes a number with its noun.
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// quoted writes an argument as a shell takes it.
func quoted(s string) string {
	if s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_.@:/", r))
	}) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
