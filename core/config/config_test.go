package config_test

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/config"
)

func env(pairs ...string) config.Env {
	vars := map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		vars[pairs[i]] = pairs[i+1]
	}
	return config.Env{Get: func(n string) string { return vars[n] }, Home: "/home/alice", OS: "linux"}
}

func TestDefault(t *testing.T) {
	mac, win, nobody := env(), env("LOCALAPPDATA", `C:\Users\alice\AppData\Local`), env()
	mac.OS, mac.Home = "darwin", "/Users/alice"
	win.OS = "windows"
	nobody.Home = ""
	for name, test := range map[string]struct {
		env          config.Env
		data, socket string
	}{
		"plain":        {env(), "/home/alice/.local/share/stint", "/home/alice/.local/share/stint/stint.sock"},
		"desktop":      {env("XDG_RUNTIME_DIR", "/run/user/1000"), "/home/alice/.local/share/stint", "/run/user/1000/stint/stint.sock"},
		"elsewhere":    {env("XDG_DATA_HOME", "/data"), "/data/stint", "/data/stint/stint.sock"},
		"relative XDG": {env("XDG_DATA_HOME", "data", "XDG_RUNTIME_DIR", "run"), "/home/alice/.local/share/stint", "/home/alice/.local/share/stint/stint.sock"},
		"long runtime": {env("XDG_RUNTIME_DIR", "/run/"+strings.Repeat("x", 100)), "/home/alice/.local/share/stint", "/home/alice/.local/share/stint/stint.sock"},
		"macOS":        {mac, "/Users/alice/Library/Application Support/Stint", "/Users/alice/Library/Application Support/Stint/stint.sock"},
		"Windows":      {win, `C:\Users\alice\AppData\Local\Stint`, `C:\Users\alice\AppData\Local\Stint\stint.sock`},
		"no home":      {nobody, "", ""},
	} {
		got := config.Default(test.env)
		if got.DataDir != test.data || got.Socket != test.socket || got.Listen != "" {
			t.Errorf("%s: %+v", name, got)
		}
		if err := got.Validate(); test.env.OS == "linux" && (err == nil) != (test.data != "") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "stint.toml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestLoad(t *testing.T) {
	path := write(t, `
# A server for a team.
data_dir  = "/var/lib/stint"
listen    = "0.0.0.0:8443"
tls_cert  = "/etc/stint/cert.pem"
tls_key   = "/etc/stint/key.pem"
key_file  = "/etc/stint/stint.key"
log_level = "debug"
public_url = "https://stint.example.org"
`)
	got, err := config.Load(path, env("STINT_LOG_LEVEL", "warn", "STINT_SOCKET", "/run/stint.sock", "STINT_TLS_KEY", "/run/secrets/key.pem"))
	if err != nil {
		t.Fatal(err)
	}
	want := config.Config{
		DataDir: "/var/lib/stint", Socket: "/run/stint.sock", Listen: "0.0.0.0:8443", TLSCert: "/etc/stint/cert.pem", TLSKey: "/run/secrets/key.pem",
		KeyFile: "/etc/stint/stint.key", LogLevel: "warn", PublicURL: "https://stint.example.org",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got.Level() != slog.LevelWarn {
		t.Errorf("level %v", got.Level())
	}
}

func TestWhereTheFileIs(t *testing.T) {
	home := t.TempDir()
	e := env("XDG_CONFIG_HOME", home)
	if c, err := config.Load("", e); err != nil || c.LogLevel != "info" {
		t.Errorf("no file: %+v, %v", c, err)
	}
	if err := os.MkdirAll(filepath.Join(home, "stint"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(home, "stint", "stint.toml"), []byte(`log_level = "error"`), 0o600); err != nil {
		t.Fatal(err)
	}
	if c, err := config.Load("", e); err != nil || c.LogLevel != "error" {
		t.Errorf("its place: %+v, %v", c, err)
	}
	other := write(t, `log_level = "debug"`)
	if c, err := config.Load("", env("XDG_CONFIG_HOME", home, "STINT_CONFIG", other)); err != nil || c.LogLevel != "debug" {
		t.Errorf("STINT_CONFIG: %+v, %v", c, err)
	}
	missing := other + "x"
	for name, load := range map[string]func() error{
		"named":        func() error { _, err := config.Load(missing, e); return err },
		"STINT_CONFIG": func() error { _, err := config.Load("", env("STINT_CONFIG", missing)); return err },
		"a folder":     func() error { _, err := config.Load(home, e); return err },
	} {
		if err := load(); !errors.Is(err, &core.Error{Code: core.Invalid, Key: "config.unreadable"}) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestOwnSocketForOwnData: a second store beside the usual one gets a socket
// of its own without being told.
func TestOwnSocketForOwnData(t *testing.T) {
	c, err := config.Load("", env("XDG_RUNTIME_DIR", "/run/user/1000", "STINT_DATA_DIR", "/tmp/try"))
	if err != nil || c.Socket != "/tmp/try/stint.sock" {
		t.Errorf("%+v, %v", c, err)
	}
}

// TestLoadFor: a directory that the command line names has a socket of its own,
// so that two windows on two stores don't answer for each other; the usual one,
// and a socket that somebody chose, stay as they are.
func TestLoadFor(t *testing.T) {
	here, err := filepath.Abs("try")
	if err != nil {
		t.Fatal(err)
	}
	run := "/run/user/1000"
	for name, test := range map[string]struct {
		data         string
		env          config.Env
		want, socket string
	}{
		"none":          {"", env("XDG_RUNTIME_DIR", run), "/home/alice/.local/share/stint", run + "/stint/stint.sock"},
		"the usual one": {"/home/alice/.local/share/stint/", env("XDG_RUNTIME_DIR", run), "/home/alice/.local/share/stint", run + "/stint/stint.sock"},
		"another":       {"/tmp/try", env("XDG_RUNTIME_DIR", run), "/tmp/try", "/tmp/try/stint.sock"},
		"relative":      {"try", env("XDG_RUNTIME_DIR", run), here, filepath.Join(here, "stint.sock")},
		"before both":   {"/tmp/try", env("XDG_RUNTIME_DIR", run, "STINT_DATA_DIR", "/data"), "/tmp/try", "/tmp/try/stint.sock"},
		"socket chosen": {"/tmp/try", env("XDG_RUNTIME_DIR", run, "STINT_SOCKET", "/run/s.sock"), "/tmp/try", "/run/s.sock"},
	} {
		if c, err := config.LoadFor(test.data, test.env); err != nil || c.DataDir != test.want || c.Socket != test.socket {
			t.Errorf("%s: %+v, %v", name, c, err)
		}
	}
}

func TestRefusals(t *testing.T) {
	for name, test := range map[string]struct {
		text  string
		field string
		key   core.TextKey
		says  []string
	}{
		"misspelt":         {"\n# x\nlisten = \"\"\ndatadir = \"/x\"\n", "datadir", "config.unknown_key", []string{"datadir", "line 4", "data_dir"}},
		"table":            {"[server]\nlisten = \"x\"\n", "server", "config.unknown_key", []string{"server", "line 1"}},
		"syntax":           {"listen = \"x\"\nlog_level = info\n", "", "config.syntax_line", []string{"line 2"}},
		"twice":            {"listen = \"\"\nlisten = \"\"\n", "", "config.syntax_line", []string{"line 2"}},
		"wrong type":       {"listen = 8443\n", "", "", nil},
		"relative":         {`data_dir = "data"`, "data_dir", "config.relative", []string{"data_dir", "data"}},
		"home sign":        {`data_dir = "~/stint"`, "data_dir", "config.relative", nil},
		"zero byte":        {"data_dir = \"/x\\u0000y\"", "data_dir", "config.bad_path", nil},
		"no socket":        {`socket = ""`, "socket", "config.no_socket", nil},
		"long socket":      {`socket = "/` + strings.Repeat("x", 103) + `"`, "socket", "config.long_socket", []string{"103"}},
		"public URL":       {`public_url = "http://stint.example.org"`, "public_url", "config.public_url", []string{"http://stint.example.org"}},
		"path of the URL":  {`public_url = "https://stint.example.org/x"`, "public_url", "config.public_url", []string{"/x"}},
		"level":            {`log_level = "loud"`, "log_level", "config.log_level", []string{"loud", "debug"}},
		"no port":          {`listen = "127.0.0.1"`, "listen", "config.listen", nil},
		"port 0":           {`listen = "127.0.0.1:0"`, "listen", "config.listen", nil},
		"high port":        {`listen = "127.0.0.1:65536"`, "listen", "config.listen", nil},
		"name":             {`listen = "example.org:8443"`, "listen", "config.listen", nil},
		"open without TLS": {`listen = ":8443"`, "listen", "config.open_listen", []string{"tls_cert"}},
		"LAN without TLS":  {`listen = "10.0.0.5:8443"`, "listen", "config.open_listen", nil},
		"half TLS":         {`tls_key = "/k"`, "tls_cert", "config.half_tls", []string{"tls_cert", "tls_key"}},
		"too long":         {"# " + strings.Repeat("x", 65<<10), "", "config.too_long", nil},
	} {
		_, err := config.Load(write(t, test.text), env())
		var e *core.Error
		if !errors.As(err, &e) || e.Code != core.Invalid || e.Field != test.field || test.key != "" && e.Key != test.key {
			t.Errorf("%s: %+v", name, err)
			continue
		}
		for _, s := range test.says {
			if !strings.Contains(e.Message, s) {
				t.Errorf("%s: %q doesn't say %q", name, e.Message, s)
			}
		}
	}
	for _, listen := range []string{"127.0.0.1:8443", "[::1]:8443", "localhost:8443"} {
		if _, err := config.Load("", env("STINT_LISTEN", listen)); err != nil {
			t.Errorf("%s: %v", listen, err)
		}
	}
}

func FuzzLoad(f *testing.F) {
	f.Add("listen = \"x\"\n[a.b]\n\"c d\" = 1\n")
	f.Add("a.b.c = {d = 1}\n[[x]]\ny = [1,\n2]")
	f.Fuzz(func(t *testing.T, text string) {
		_, err := config.Load(write(t, text), env())
		if err != nil && core.CodeOf(err) != core.Invalid {
			t.Errorf("%q: %v", text, err)
		}
	})
}

func ExampleLoad() {
	dir, err := os.MkdirTemp("", "stint")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "stint.toml")
	if err := os.WriteFile(path, []byte("data_dir = \"/var/lib/stint\"\nlog_levl = \"debug\"\n"), 0o600); err != nil {
		panic(err)
	}
	_, err = config.Load(path, config.System())
	fmt.Println(strings.ReplaceAll(err.Error(), dir+string(filepath.Separator), ""))
	// Output: stint.toml, line 2: there is no setting “log_levl”. There are: data_dir, key_file, listen, log_level, public_url, socket, tls_cert, tls_key.
}

func TestHTTPS(t *testing.T) {
	for address, want := range map[string]bool{"": false, "https://stint.example.org": true, "HTTPS://stint.example.org:8443/": true, "http://127.0.0.1:8080": false} {
		if got := (config.Config{PublicURL: address}).HTTPS(); got != want {
			t.Errorf("%q: %v, want %v", address, got, want)
		}
	}
}
