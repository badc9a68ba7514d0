package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
)

// fyneTools packs the window as each system expects it.
const fyneTools = "fyne.io/tools/cmd/fyne@v1.7.4"

// pack builds what people download. The server and command line are built for
// every platform asked for; the window only for this machine, because its
// driver is C.
func (d *dev) pack(ctx context.Context, args []string) error {
	fs := d.flags("package", "package [--platforms list] [--window=false] [--plain]")
	platforms := fs.String("platforms", "linux/amd64,linux/arm64,windows/amd64,darwin/amd64,darwin/arm64", "of stint, the server and command line")
	window := fs.Bool("window", true, "also the window, for this machine")
	plain := fs.Bool("plain", false, "on Linux, a plain archive of the window without Fyne's packager")
	if err := parse(fs, args); err != nil {
		return err
	}
	version := d.version(ctx)
	dist := filepath.Join(d.root, "dist")
	if err := os.MkdirAll(dist, 0o755); err != nil {
		return err
	}
	d.say("Packaging %s", version)
	for p := range strings.SplitSeq(*platforms, ",") {
		if p == "" {
			continue
		}
		if err := d.packServer(ctx, dist, version, p); err != nil {
			return err
		}
	}
	if *window {
		if err := d.packWindow(ctx, dist, version, *plain); err != nil {
			return err
		}
	}
	return d.listDist(dist, version)
}

// release are the flags of what is given away: no paths of this machine, no
// debugging tables, and a version. -trimpath costs a build cache of its own,
// which only this verb pays for.
func release(version string) []string {
	return []string{"-trimpath", "-ldflags", "-s -w -X main.version=" + version}
}

func (d *dev) packServer(ctx context.Context, dist, version, platform string) error {
	goos, arch, ok := strings.Cut(platform, "/")
	if !ok {
		return fmt.Errorf("a platform is written linux/amd64, not %q", platform)
	}
	stage, err := os.MkdirTemp("", "stint-package-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(stage)
	program := "stint"
	if goos == "windows" {
		program += ".exe"
	}
	env := []string{"GOOS=" + goos, "GOARCH=" + arch, "CGO_ENABLED=0"}
	built := filepath.Join(stage, program)
	if err := d.gotool(ctx, env, slices.Concat([]string{"build"}, release(version), []string{"-o", built, "./cmd/stint"})...); err != nil {
		return err
	}
	name := fmt.Sprintf("stint-%s-%s-%s", version, goos, arch)
	files := append([]packed{{from: built, as: name + "/" + program, mode: 0o755}}, d.papers(name)...)
	if goos == "windows" {
		return writeZip(filepath.Join(dist, name+".zip"), files)
	}
	return writeTar(filepath.Join(dist, name+".tar.gz"), files)
}

// papers are what goes with every program.
func (d *dev) papers(under string) []packed {
	var files []packed
	for _, name := range []string{"LICENSE", "README.md", "CHANGELOG.md"} {
		files = append(files, packed{from: filepath.Join(d.root, name), as: under + "/" + name, mode: 0o644})
	}
	return files
}

// packWindow builds the window and wraps it: with Fyne's packager, or on
// Linux, where that can't run, as a plain archive with a desktop file.
func (d *dev) packWindow(ctx context.Context, dist, version string, plain bool) error {
	if err := d.install(ctx, windowNeeds()...); err != nil {
		return err
	}
	built, err := d.cache("package", exe("stint-desktop"))
	if err != nil {
		return err
	}
	if err := d.buildWindow(ctx, built, release(version)...); err != nil {
		return err
	}
	if !plain {
		err := d.fynePackage(ctx, built, dist, version)
		if err == nil || runtime.GOOS != "linux" {
			return err
		}
		d.say("Fyne's packager could not (%v); a plain archive instead.", err)
	}
	if runtime.GOOS != "linux" {
		return errors.New("--plain is for Linux")
	}
	name := fmt.Sprintf("stint-desktop-%s-linux-%s", version, runtime.GOARCH)
	return writeTar(filepath.Join(dist, name+".tar.gz"), append([]packed{
		{from: built, as: name + "/bin/stint-desktop", mode: 0o755},
		{from: filepath.Join(d.root, "packaging", "linux", "stint.desktop"), as: name + "/share/applications/stint.desktop", mode: 0o644},
		{from: filepath.Join(d.root, "resources", "app", "stint.png"), as: name + "/share/icons/hicolor/512x512/apps/stint.png", mode: 0o644},
	}, d.papers(name)...))
}

// fynePackage wraps a built window and moves the result into dist.
func (d *dev) fynePackage(ctx context.Context, built, dist, version string) error {
	meta := filepath.Join(d.root, "cmd", "stint-desktop", "FyneApp.toml")
	text, err := os.ReadFile(filepath.Join(d.root, "FyneApp.toml"))
	if err != nil {
		return err
	}
	if err := os.WriteFile(meta, deriveMeta(text, d.root, version), 0o644); err != nil {
		return err
	}
	defer os.Remove(meta)
	// The packager writes where it is started, and only there.
	stage, err := os.MkdirTemp(dist, "stage-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(stage)
	d.say("$ go run %s package --executable %s", fyneTools, built)
	c := d.cmd(ctx, "go", "run", fyneTools, "package", "--target", runtime.GOOS, "--executable", built,
		"--src", filepath.Dir(meta), "--release")
	c.Dir = stage
	if err := c.Run(); err != nil {
		return err
	}
	made, err := filepath.Glob(filepath.Join(stage, "*"))
	if err != nil {
		return err
	}
	if len(made) == 0 { // on Windows it works beside the program
		return errors.New("the packager made nothing")
	}
	for _, m := range made {
		_, ext, _ := strings.Cut(filepath.Base(m), ".")
		to := filepath.Join(dist, fmt.Sprintf("stint-desktop-%s-%s-%s.%s", version, runtime.GOOS, runtime.GOARCH, ext))
		if err := os.RemoveAll(to); err != nil {
			return err
		}
		if err := os.Rename(m, to); err != nil {
			return err
		}
	}
	return nil
}

// deriveMeta fits FyneApp.toml for one release: the icon's path becomes
// absolute, because the packager looks for it beside the program's source, and
// the version is the release's, cut to the three numbers that Windows and
// macOS accept.
func deriveMeta(text []byte, root, version string) []byte {
	icon := regexp.MustCompile(`(?m)^(\s*Icon\s*=\s*")([^"]*)"`)
	text = icon.ReplaceAllFunc(text, func(m []byte) []byte {
		parts := icon.FindSubmatch(m)
		abs := filepath.ToSlash(filepath.Join(root, filepath.FromSlash(string(parts[2]))))
		return []byte(string(parts[1]) + abs + `"`)
	})
	number := regexp.MustCompile(`^v?(\d+\.\d+\.\d+)`).FindStringSubmatch(version)
	if number == nil {
		return text
	}
	return regexp.MustCompile(`(?m)^(\s*Version\s*=\s*")[^"]*"`).ReplaceAll(text, []byte("${1}"+number[1]+`"`))
}

// version is what git calls this commit: the tag, or the tag with what came
// after it, or the bare commit; "dev" outside of git.
func (d *dev) version(ctx context.Context) string {
	v, err := d.output(ctx, "git", "describe", "--tags", "--always", "--dirty")
	if err != nil || v == "" {
		return "dev"
	}
	return strings.ReplaceAll(v, "/", "-")
}

func (d *dev) listDist(dist, version string) error {
	made, err := filepath.Glob(filepath.Join(dist, "*-"+version+"-*"))
	if err != nil {
		return err
	}
	for _, m := range made {
		fi, err := os.Stat(m)
		if err != nil {
			return err
		}
		d.say("%s  %.1f MB", m, float64(fi.Size())/1e6)
	}
	return nil
}
