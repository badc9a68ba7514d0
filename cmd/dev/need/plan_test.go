package need_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stint-pim/stint/cmd/dev/need"
)

// fakeHost has what its fields say. Running its package manager gives it
// brings.
type fakeHost struct {
	goos     string
	user     bool // not root
	programs []string
	headers  []string
	files    []string
	terminal bool
	answer   bool
	brings   []string
	fails    error

	asked []string
	ran   []string
}

func (h *fakeHost) OS() string                  { return h.goos }
func (h *fakeHost) Root() bool                  { return !h.user }
func (h *fakeHost) Has(p string) bool           { return slices.Contains(h.programs, p) }
func (h *fakeHost) HasHeaders(name string) bool { return slices.Contains(h.headers, name) }
func (h *fakeHost) HasFiles(glob string) bool   { return slices.Contains(h.files, glob) }
func (h *fakeHost) Terminal() bool              { return h.terminal }

func (h *fakeHost) Ask(q string) bool {
	h.asked = append(h.asked, q)
	return h.answer
}

func (h *fakeHost) Run(_ context.Context, argv []string) error {
	h.ran = append(h.ran, strings.Join(argv, " "))
	h.programs = append(h.programs, h.brings...)
	return h.fails
}

func window() []need.Need {
	return []need.Need{need.Compiler(), need.PkgConfig(), need.Graphics()}
}

func TestAPlanForEveryManager(t *testing.T) {
	const pc = "pkgconfig(gl) pkgconfig(egl) pkgconfig(glesv2) pkgconfig(x11) pkgconfig(xcursor) pkgconfig(xrandr) pkgconfig(xinerama) pkgconfig(xi) pkgconfig(xxf86vm)"
	const apt = "env DEBIAN_FRONTEND=noninteractive apt-get"
	for _, c := range []struct {
		manager string
		files   []string
		needs   []need.Need
		want    []string
	}{
		{"apt-get", nil, window(), []string{
			apt + " update",
			apt + " install -y --no-install-recommends --no-remove gcc libc6-dev pkg-config libgl-dev libegl-dev libgles-dev libx11-dev libxcursor-dev libxrandr-dev libxinerama-dev libxi-dev libxxf86vm-dev",
		}},
		{"apt-get", []string{"/var/lib/apt/lists/*Packages*"}, []need.Need{need.PostgreSQL(), need.LDAP(), need.MailServer()}, []string{
			apt + " install -y --no-install-recommends --no-remove postgresql slapd ldap-utils opensmtpd",
		}},
		{"dnf", nil, window(), []string{"dnf install -y gcc glibc-devel pkgconf-pkg-config " + pc}},
		{"dnf", nil, []need.Need{need.PostgreSQL(), need.Keyring()}, []string{"dnf install -y postgresql-server gnome-keyring"}},
		{"pacman", nil, []need.Need{need.Compiler()}, []string{"pacman -Sy --noconfirm", "pacman -S --needed --noconfirm gcc"}},
		{"pacman", []string{"/var/lib/pacman/sync/*.db"}, window(), []string{
			"pacman -S --needed --noconfirm gcc pkgconf libglvnd libx11 libxcursor libxrandr libxinerama libxi libxxf86vm",
		}},
		{"zypper", nil, window(), []string{"zypper --non-interactive install --no-recommends gcc glibc-devel pkg-config " + pc}},
		{"apk", []string{"/var/cache/apk/APKINDEX*"}, []need.Need{need.Display(), need.WindowManager(), need.Bus()}, []string{
			"apk add xvfb mesa-dri-gallium mesa-egl mesa-gles openbox dbus",
		}},
	} {
		t.Run(c.manager, func(t *testing.T) {
			h := &fakeHost{goos: "linux", programs: []string{c.manager}, files: c.files}
			var got []string
			p := need.Make(h, c.needs)
			for _, argv := range p.Commands {
				got = append(got, strings.Join(argv, " "))
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Errorf("commands (-want +got):\n%s", d)
			}
			if p.Advice != "" {
				t.Errorf("advice %q", p.Advice)
			}
		})
	}
}

func TestHomebrewRunsAsThePersonAndNeverAsRoot(t *testing.T) {
	h := &fakeHost{goos: "darwin", user: true, programs: []string{"brew", "sudo", "clang"}}
	p := need.Make(h, []need.Need{need.Compiler(), need.PostgreSQL()})
	if d := cmp.Diff([][]string{{"brew", "install", "postgresql@17"}}, p.Commands); d != "" {
		t.Errorf("commands (-want +got):\n%s", d)
	}
	h.user = false
	if p := need.Make(h, []need.Need{need.PostgreSQL()}); p.Commands != nil || p.Advice == "" {
		t.Errorf("as root: commands %v, advice %q", p.Commands, p.Advice)
	}
}

func TestWhatCannotBeInstalledIsSaidInOneSentence(t *testing.T) {
	for _, c := range []struct {
		name  string
		host  fakeHost
		needs []need.Need
		want  string
	}{
		{"macOS compiler", fakeHost{goos: "darwin", user: true, programs: []string{"brew"}}, window(), "a C compiler is missing: type: xcode-select --install."},
		{"Windows compiler", fakeHost{goos: "windows"}, []need.Need{need.Compiler()}, "a C compiler is missing: install gcc, for instance with: winget install BrechtSanders.WinLibs.POSIX.UCRT."},
		{"unknown Linux", fakeHost{goos: "linux"}, []need.Need{need.LDAP()}, "an LDAP server is missing: install OpenLDAP's slapd and put it into PATH."},
		{"nobody may", fakeHost{goos: "linux", user: true, programs: []string{"dnf"}}, []need.Need{need.Graphics()},
			"the headers of OpenGL and X11 are missing; as root, type: dnf install -y 'pkgconfig(gl)' 'pkgconfig(egl)' 'pkgconfig(glesv2)' 'pkgconfig(x11)' 'pkgconfig(xcursor)' 'pkgconfig(xrandr)' 'pkgconfig(xinerama)' 'pkgconfig(xi)' 'pkgconfig(xxf86vm)'."},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := need.Make(&c.host, c.needs)
			if p.Advice != c.want || p.Commands != nil {
				t.Errorf("got  %q, commands %v\nwant %q", p.Advice, p.Commands, c.want)
			}
		})
	}
}

func TestRightsAreTakenOnlyAsFarAsNeeded(t *testing.T) {
	for _, c := range []struct {
		name     string
		programs []string
		user     bool
		terminal bool
		want     string
	}{
		{"root", []string{"sudo"}, false, false, "dnf"},
		{"person at a terminal", []string{"sudo"}, true, true, "sudo dnf"},
		{"nobody to type a password", []string{"sudo", "doas"}, true, false, "sudo -n dnf"},
		{"doas", []string{"doas"}, true, true, "doas dnf"},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := &fakeHost{goos: "linux", user: c.user, terminal: c.terminal, programs: append([]string{"dnf"}, c.programs...)}
			p := need.Make(h, []need.Need{need.WindowManager()})
			if got := strings.Join(p.Commands[0], " "); got != c.want+" install -y openbox" {
				t.Errorf("got %q", got)
			}
		})
	}
}

func TestNothingMissingAsksNothing(t *testing.T) {
	h := &fakeHost{goos: "linux", terminal: true, programs: []string{"apt-get", "clang", "pkgconf"},
		headers: []string{"gl", "egl", "glesv2", "x11", "xcursor", "xrandr", "xinerama", "xi", "xxf86vm"}}
	var out strings.Builder
	if err := need.Install(t.Context(), h, &out, window()); err != nil || out.Len() > 0 || h.ran != nil || h.asked != nil {
		t.Errorf("err %v, said %q, ran %v, asked %v", err, out.String(), h.ran, h.asked)
	}
	h.headers = h.headers[1:]
	if p := need.Make(h, window()); len(p.Missing) != 1 {
		t.Errorf("without one of the headers %v is missing", p.Missing)
	}
}

func TestSomebodyAtTheTerminalIsAskedFirst(t *testing.T) {
	h := &fakeHost{goos: "linux", terminal: true, programs: []string{"zypper"}, brings: []string{"xdotool"}}
	var out strings.Builder
	err := need.Install(t.Context(), h, &out, []need.Need{need.Typist()})
	if err == nil || !strings.Contains(err.Error(), "zypper --non-interactive install --no-recommends xdotool") || h.ran != nil {
		t.Errorf("after no: err %v, ran %v", err, h.ran)
	}
	if !strings.Contains(out.String(), "xdotool is missing") || len(h.asked) != 1 {
		t.Errorf("said %q, asked %v", out.String(), h.asked)
	}
	h.answer = true
	if err := need.Install(t.Context(), h, &out, []need.Need{need.Typist()}); err != nil || len(h.ran) != 1 {
		t.Errorf("after yes: err %v, ran %v", err, h.ran)
	}
}

func TestInContinuousIntegrationItGoesAhead(t *testing.T) {
	h := &fakeHost{goos: "linux", programs: []string{"apt-get"}, brings: []string{"openbox"}}
	var out strings.Builder
	if err := need.Install(t.Context(), h, &out, []need.Need{need.WindowManager()}); err != nil {
		t.Fatal(err)
	}
	if len(h.asked) != 0 || len(h.ran) != 2 {
		t.Errorf("asked %v, ran %v", h.asked, h.ran)
	}
}

func TestAFailedInstallSaysWhatToType(t *testing.T) {
	refused := errors.New("no such package")
	h := &fakeHost{goos: "linux", programs: []string{"pacman"}, files: []string{"/var/lib/pacman/sync/*.db"}, fails: refused}
	var out strings.Builder
	err := need.Install(t.Context(), h, &out, []need.Need{need.Camera()})
	if !errors.Is(err, refused) || !strings.HasSuffix(fmt.Sprint(err), "type: pacman -S --needed --noconfirm imagemagick") {
		t.Errorf("got %v", err)
	}
	h.fails = nil // ends well and brings nothing
	if err := need.Install(t.Context(), h, &out, []need.Need{need.Camera()}); err == nil {
		t.Error("an install that brought nothing passed")
	}
}

// Every need must either be installable by each Linux manager or say what to
// do instead.
func TestNoNeedIsADeadEnd(t *testing.T) {
	for _, n := range []need.Need{
		need.Compiler(), need.PkgConfig(), need.Graphics(), need.PostgreSQL(), need.LDAP(), need.MailServer(), need.Display(),
		need.WindowManager(), need.Typist(), need.Keyring(), need.Camera(), need.Bus(),
	} {
		for _, m := range need.Managers() {
			if len(n.Packages[m.Name]) == 0 && m.Name != "brew" {
				t.Errorf("%s: nothing to install with %s", n.Name, m.Name)
			}
		}
		if n.Hint[""] == "" {
			t.Errorf("%s: no hint", n.Name)
		}
	}
}

func ExampleMake() {
	bare := &fakeHost{goos: "linux", programs: []string{"apk"}, files: []string{"/var/cache/apk/APKINDEX*"}}
	plan := need.Make(bare, []need.Need{need.Compiler(), need.PostgreSQL()})
	fmt.Println(strings.Join(plan.Commands[0], " "))
	// Output: apk add gcc musl-dev postgresql
}
