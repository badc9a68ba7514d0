package need

// A Manager installs packages.
type Manager struct {
	Name    string
	Program string
	// Install is the command line before the packages. It must neither ask
	// nor remove anything: taking somebody's mail server away to run a test
	// would be rude.
	Install []string
	// Refresh fetches the lists, and is run before the install where Lists
	// finds no file.
	Refresh []string
	Lists   string // a glob, or "" where the manager looks after itself
	AsUser  bool   // refuses to run as root
}

// Managers are those we know, in the order in which they are looked for:
// Homebrew last, because on Linux it only ever stands beside another.
func Managers() []Manager {
	apt := []string{"env", "DEBIAN_FRONTEND=noninteractive", "apt-get"}
	return []Manager{
		{
			Name: "apt", Program: "apt-get",
			Install: append(apt[:len(apt):len(apt)], "install", "-y", "--no-install-recommends", "--no-remove"),
			Refresh: append(apt[:len(apt):len(apt)], "update"),
			Lists:   "/var/lib/apt/lists/*Packages*",
		},
		{Name: "dnf", Program: "dnf", Install: []string{"dnf", "install", "-y"}},
		{
			Name: "pacman", Program: "pacman", Install: []string{"pacman", "-S", "--needed", "--noconfirm"},
			Refresh: []string{"pacman", "-Sy", "--noconfirm"}, Lists: "/var/lib/pacman/sync/*.db",
		},
		{Name: "zypper", Program: "zypper", Install: []string{"zypper", "--non-interactive", "install", "--no-recommends"}},
		{
			Name: "apk", Program: "apk", Install: []string{"apk", "add"},
			Refresh: []string{"apk", "update"}, Lists: "/var/cache/apk/APKINDEX*",
		},
		{Name: "brew", Program: "brew", Install: []string{"brew", "install"}, AsUser: true},
	}
}

// ManagerOf returns the host's package manager.
func ManagerOf(h Host) (Manager, bool) {
	for _, m := range Managers() {
		if h.Has(m.Program) {
			return m, true
		}
	}
	return Manager{}, false
}
