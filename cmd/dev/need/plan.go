package need

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Host is the machine, as far as this package must know it.
type Host interface {
	OS() string                  // as GOOS
	Root() bool                  // may write everywhere
	Has(program string) bool     // in PATH, or where servers are kept out of it
	HasHeaders(name string) bool // pkg-config knows them
	HasFiles(glob string) bool
	// Terminal reports whether somebody is there to answer.
	Terminal() bool
	// Ask puts a yes-or-no question; no answer is no.
	Ask(question string) bool
	// Run runs a command and shows what it prints.
	Run(ctx context.Context, argv []string) error
}

// A Plan is what a machine lacks and how to bring it.
type Plan struct {
	Missing  []Need
	Packages []string
	Commands [][]string // run in order; the last one installs
	// Advice is set where no command can bring all that is missing: one
	// sentence that says what to type.
	Advice string
}

// Make compares needs with the host. It changes nothing.
func Make(h Host, needs []Need) Plan {
	var p Plan
	for _, n := range needs {
		if !n.Met(h) {
			p.Missing = append(p.Missing, n)
		}
	}
	if len(p.Missing) == 0 {
		return p
	}
	m, found := ManagerOf(h)
	for _, n := range p.Missing {
		if !found || len(n.Packages[m.Name]) == 0 {
			p.Advice = fmt.Sprintf("%s is missing: %s.", n.Name, n.hint(h.OS()))
			return p
		}
		for _, name := range n.Packages[m.Name] {
			if !slices.Contains(p.Packages, name) {
				p.Packages = append(p.Packages, name)
			}
		}
	}
	install := append(slices.Clone(m.Install), p.Packages...)
	become, can := rights(h, m)
	if !can {
		p.Advice = fmt.Sprintf("%s missing; as root, type: %s.", isAre(p.Missing), quote(install))
		return p
	}
	if m.Lists != "" && !h.HasFiles(m.Lists) {
		p.Commands = append(p.Commands, append(slices.Clone(become), m.Refresh...))
	}
	p.Commands = append(p.Commands, append(slices.Clone(become), install...))
	return p
}

// rights returns what to put before a command so that it may install.
func rights(h Host, m Manager) (prefix []string, can bool) {
	switch {
	case m.AsUser:
		return nil, !h.Root() // Homebrew refuses root
	case h.Root():
		return nil, true
	case h.Has("sudo") && h.Terminal():
		return []string{"sudo"}, true
	case h.Has("sudo"):
		return []string{"sudo", "-n"}, true // never wait for a password nobody will type
	case h.Has("doas"):
		return []string{"doas"}, true
	}
	return nil, false
}

func (n Need) hint(goos string) string {
	if s := n.Hint[goos]; s != "" {
		return s
	}
	return n.Hint[""]
}

// Install says what is missing and brings it: after a question where somebody
// can answer, at once where nobody can. It returns an error that says what to
// type where it can't or may not.
func Install(ctx context.Context, h Host, out io.Writer, needs []Need) error {
	p := Make(h, needs)
	if len(p.Missing) == 0 {
		return nil
	}
	if p.Advice != "" {
		return fmt.Errorf("%s", strings.TrimSuffix(p.Advice, "."))
	}
	fmt.Fprintf(out, "%s missing. This would be run:\n", isAre(p.Missing))
	for _, c := range p.Commands {
		fmt.Fprintf(out, "    %s\n", quote(c))
	}
	last := p.Commands[len(p.Commands)-1]
	if h.Terminal() && !h.Ask("Install it now?") {
		return fmt.Errorf("nothing was installed; when you are ready, type: %s", quote(last))
	}
	for _, c := range p.Commands {
		if err := h.Run(ctx, c); err != nil {
			return fmt.Errorf("could not install what is missing (%w); type: %s", err, quote(last))
		}
	}
	if again := Make(h, needs); len(again.Missing) > 0 {
		return fmt.Errorf("%s still missing although %s ended well", isAre(again.Missing), last[0])
	}
	return nil
}

func isAre(needs []Need) string {
	names := make([]string, len(needs))
	for i, n := range needs {
		names[i] = n.Name
	}
	all := strings.Join(names, ", ")
	if len(names) == 1 && !strings.HasPrefix(all, "the ") {
		return all + " is"
	}
	return all + " are"
}

// quote shows a command as one would type it.
func quote(argv []string) string {
	shown := make([]string, len(argv))
	for i, a := range argv {
		if strings.ContainsAny(a, " ()'\"$&;|<>*?") {
			a = "'" + strings.ReplaceAll(a, "'", `'\''`) + "'"
		}
		shown[i] = a
	}
	return strings.Join(shown, " ")
}
