package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

const fyneModule = "fyne.io/fyne/v2"

// cocoa are the files of Fyne 2.7 that ask macOS something through C even with
// the ci tag, and what answers in their place where the build for macOS is
// only checked. Without them nothing that draws compiles for macOS on another
// system.
func cocoa() map[string]string {
	return map[string]string{
		"internal/widget/scroller_behavior_darwin.go": "package widget\n\nfunc isScrollerPageOnTap() bool { return false }\n",
		"internal/app/theme_darwin.go": "package app\n\nimport (\n\t\"fyne.io/fyne/v2\"\n\t\"fyne.io/fyne/v2/internal/theme\"\n)\n\n" +
			"func DefaultVariant() fyne.ThemeVariant { return theme.VariantLight }\n",
	}
}

// buildDarwin compiles everything for macOS without its SDK. The go command
// lets nobody replace files of a downloaded module, so a copy of Fyne stands
// in through a go.mod of its own. It proves that our code compiles there; the
// real program for macOS is built on macOS.
func (d *dev) buildDarwin(ctx context.Context) error {
	source, err := d.output(ctx, "go", "list", "-m", "-f", "{{.Version}} {{.Dir}}", fyneModule)
	if err != nil {
		return fmt.Errorf("find Fyne: %w", err)
	}
	version, dir, _ := strings.Cut(source, " ")
	if dir == "" {
		if _, err := d.output(ctx, "go", "mod", "download", fyneModule); err != nil {
			return fmt.Errorf("download Fyne: %w", err)
		}
		if dir, err = d.output(ctx, "go", "list", "-m", "-f", "{{.Dir}}", fyneModule); err != nil || dir == "" {
			return fmt.Errorf("find Fyne: %w", err)
		}
	}
	standIn, err := d.cache("darwin", "fyne-"+version)
	if err != nil {
		return err
	}
	if err := copyFyne(dir, standIn); err != nil {
		return fmt.Errorf("copy Fyne: %w", err)
	}
	modfile := filepath.Join(filepath.Dir(standIn), "go.mod")
	if err := deriveModfile(d.root, modfile, standIn); err != nil {
		return err
	}
	return d.gotool(ctx, []string{"GOOS=darwin", "CGO_ENABLED=0"}, "build", "-modfile", modfile, "-tags", headless, "./...")
}

// copyFyne copies a module once and puts the stand-ins into the copy.
func copyFyne(from, to string) error {
	if _, err := os.Stat(to); err == nil {
		return nil // versions never change
	}
	half := to + ".half"
	if err := os.RemoveAll(half); err != nil {
		return err
	}
	if err := os.CopyFS(half, os.DirFS(from)); err != nil {
		return err
	}
	for name, text := range cocoa() {
		p := filepath.Join(half, filepath.FromSlash(name))
		// The file name already says darwin. The rest of the constraint is kept,
		// so that the same builds see the file as before.
		old, err := os.ReadFile(p)
		if err != nil {
			return fmt.Errorf("this version of Fyne is another: %w", err)
		}
		constraint := ""
		if first, _, _ := bytes.Cut(old, []byte("\n")); bytes.HasPrefix(first, []byte("//go:build ")) {
			constraint = string(first) + "\n\n"
		}
		if err := os.Remove(p); err != nil { // it may be read-only
			return err
		}
		if err := os.WriteFile(p, []byte(constraint+text), 0o644); err != nil {
			return err
		}
	}
	return os.Rename(half, to)
}

// deriveModfile writes the module's go.mod with Fyne replaced, and go.sum
// beside it, where the go command looks for it.
func deriveModfile(root, modfile, fyne string) error {
	mod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		return err
	}
	sum, err := os.ReadFile(filepath.Join(root, "go.sum"))
	if err != nil {
		return err
	}
	mod = fmt.Appendf(mod, "\nreplace %s => %q\n", fyneModule, filepath.ToSlash(fyne))
	if err := os.WriteFile(modfile, mod, 0o644); err != nil {
		return err
	}
	return os.WriteFile(strings.TrimSuffix(modfile, ".mod")+".sum", sum, 0o644)
}
