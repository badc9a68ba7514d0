// Package need finds out what a machine lacks for a piece of work, and how its
// own package manager would bring it. It decides from what a Host tells and
// changes nothing before Install; it never downloads anything but through the
// package manager.
//
// Read Need, then Manager, then Make.
package need

import "slices"

// A Need is one thing that a machine must have.
type Need struct {
	Name string // for people: "a C compiler"
	// Any one of Programs will do; every one of Headers (as pkg-config calls
	// them) must be there.
	Programs []string
	Headers  []string
	// Packages names what to install, by Manager.Name. A manager that is not
	// there can't bring it.
	Packages map[string][]string
	// Hint says what to do where no manager can help, by GOOS; "" is for all
	// others.
	Hint map[string]string
}

// The needs of Stint's development follow. The names for apt were tried on
// Debian 12; the others are those the distributions use and wait for somebody
// who has one at hand. dnf and zypper also take "pkgconfig(x)" and paths, which
// outlive renamed packages.

// Compiler is a C compiler: the window's driver and the race detector are C.
func Compiler() Need {
	return Need{
		Name: "a C compiler", Programs: []string{"gcc", "cc", "clang"},
		Packages: map[string][]string{
			"apt": {"gcc", "libc6-dev"}, "dnf": {"gcc", "glibc-devel"}, "pacman": {"gcc"},
			"zypper": {"gcc", "glibc-devel"}, "apk": {"gcc", "musl-dev"},
		},
		Hint: map[string]string{
			"darwin":  "type: xcode-select --install",
			"windows": "install gcc, for instance with: winget install BrechtSanders.WinLibs.POSIX.UCRT",
			"":        "install gcc with your package manager",
		},
	}
}

// PkgConfig tells cgo where headers are.
func PkgConfig() Need {
	return Need{
		Name: "pkg-config", Programs: []string{"pkg-config", "pkgconf"},
		Packages: map[string][]string{
			"apt": {"pkg-config"}, "dnf": {"pkgconf-pkg-config"}, "pacman": {"pkgconf"},
			"zypper": {"pkg-config"}, "apk": {"pkgconf"}, "brew": {"pkgconf"},
		},
		Hint: map[string]string{"": "install pkg-config with your package manager"},
	}
}

// Graphics is what the window's driver is compiled against on Linux.
func Graphics() Need {
	headers := []string{"gl", "egl", "glesv2", "x11", "xcursor", "xrandr", "xinerama", "xi", "xxf86vm"}
	provided := make([]string, len(headers))
	for i, h := range headers {
		provided[i] = "pkgconfig(" + h + ")"
	}
	return Need{
		Name: "the headers of OpenGL and X11", Headers: headers,
		Packages: map[string][]string{
			"apt": {"libgl-dev", "libegl-dev", "libgles-dev", "libx11-dev", "libxcursor-dev", "libxrandr-dev", "libxinerama-dev", "libxi-dev", "libxxf86vm-dev"},
			"dnf": provided, "zypper": provided,
			"pacman": {"libglvnd", "libx11", "libxcursor", "libxrandr", "libxinerama", "libxi", "libxxf86vm"},
			"apk":    {"mesa-dev", "libx11-dev", "libxcursor-dev", "libxrandr-dev", "libxinerama-dev", "libxi-dev", "libxxf86vm-dev"},
		},
		Hint: map[string]string{"": "install the development files of OpenGL ES, EGL, X11, Xcursor, Xrandr, Xinerama, Xi and Xxf86vm"},
	}
}

// PostgreSQL is the server that connector and story tests hand rights out on.
func PostgreSQL() Need {
	return Need{
		Name: "a PostgreSQL server", Programs: []string{"initdb"},
		Packages: map[string][]string{
			"apt": {"postgresql"}, "dnf": {"postgresql-server"}, "pacman": {"postgresql"},
			"zypper": {"postgresql-server"}, "apk": {"postgresql"}, "brew": {"postgresql@17"},
		},
		Hint: map[string]string{"": "install PostgreSQL's server programs (initdb, postgres) and put them into PATH"},
	}
}

// LDAP is OpenLDAP's server.
func LDAP() Need {
	return Need{
		Name: "an LDAP server", Programs: []string{"slapd"},
		Packages: map[string][]string{
			"apt": {"slapd", "ldap-utils"}, "dnf": {"openldap-servers", "openldap-clients"}, "pacman": {"openldap"},
			"zypper": {"openldap2", "openldap2-client"}, "apk": {"openldap", "openldap-back-mdb", "openldap-clients"}, "brew": {"openldap"},
		},
		Hint: map[string]string{"": "install OpenLDAP's slapd and put it into PATH"},
	}
}

// MailServer is OpenSMTPD, which mail is sent to in tests.
func MailServer() Need {
	return Need{
		Name: "a mail server", Programs: []string{"smtpd"},
		Packages: map[string][]string{
			"apt": {"opensmtpd"}, "dnf": {"opensmtpd"}, "pacman": {"opensmtpd"},
			"zypper": {"OpenSMTPD"}, "apk": {"opensmtpd"}, "brew": {"opensmtpd"},
		},
		Hint: map[string]string{"": "install OpenSMTPD and put its smtpd into PATH"},
	}
}

// Display is a screen without a screen, with a software renderer.
func Display() Need {
	return Need{
		Name: "a virtual display", Programs: []string{"Xvfb"},
		Packages: map[string][]string{
			"apt": {"xvfb", "libgl1-mesa-dri"}, "dnf": {"xorg-x11-server-Xvfb", "mesa-dri-drivers"}, "pacman": {"xorg-server-xvfb", "mesa"},
			"zypper": {"/usr/bin/Xvfb", "Mesa-dri"}, "apk": {"xvfb", "mesa-dri-gallium", "mesa-egl", "mesa-gles"},
		},
		Hint: map[string]string{"": "install Xvfb; on macOS and Windows use a Linux machine or container for this"},
	}
}

// WindowManager gives windows their size and focus.
func WindowManager() Need { return sameEverywhere("a window manager", "openbox") }

// Typist types and clicks in tests of the real window.
func Typist() Need { return sameEverywhere("xdotool", "xdotool") }

// Tracer makes system calls fail, and records them, in tests of disks.
func Tracer() Need { return sameEverywhere("strace", "strace") }

// Keyring is the secret service that a desktop offers.
func Keyring() Need {
	n := sameEverywhere("a keyring", "gnome-keyring-daemon")
	for m := range n.Packages {
		n.Packages[m] = []string{"gnome-keyring"}
	}
	return n
}

// Camera takes pictures of a display.
func Camera() Need {
	return Need{
		Name: "ImageMagick", Programs: []string{"import"},
		Packages: map[string][]string{
			"apt": {"imagemagick"}, "dnf": {"ImageMagick"}, "pacman": {"imagemagick"},
			"zypper": {"ImageMagick"}, "apk": {"imagemagick"},
		},
		Hint: map[string]string{"": "install ImageMagick with its X11 support"},
	}
}

// Browser is one that can be driven without a screen.
func Browser() Need {
	n := sameEverywhere("a browser", "chromium")
	n.Hint = map[string]string{"": "install Chromium and put it into PATH as chromium"}
	return n
}

// Bus is a session bus of one's own.
func Bus() Need {
	return Need{
		Name: "a session bus", Programs: []string{"dbus-run-session"},
		Packages: map[string][]string{
			"apt": {"dbus"}, "dnf": {"/usr/bin/dbus-run-session"}, "pacman": {"dbus"},
			"zypper": {"/usr/bin/dbus-run-session"}, "apk": {"dbus"},
		},
		Hint: map[string]string{"": "install dbus"},
	}
}

// sameEverywhere is a need whose package is called as its program is, in
// every Linux we know.
func sameEverywhere(name, program string) Need {
	n := Need{Name: name, Programs: []string{program}, Packages: map[string][]string{}, Hint: map[string]string{"": "install " + program}}
	for _, m := range []string{"apt", "dnf", "pacman", "zypper", "apk"} {
		n.Packages[m] = []string{program}
	}
	return n
}

// Met reports whether the host has it.
func (n Need) Met(h Host) bool {
	if len(n.Programs) > 0 && !slices.ContainsFunc(n.Programs, h.Has) {
		return false
	}
	return !slices.ContainsFunc(n.Headers, func(name string) bool { return !h.HasHeaders(name) })
}
