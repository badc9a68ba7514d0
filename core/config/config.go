// Package config is the configuration of one machine's Stint: where things
// lie and where it listens. It comes from defaults, then a TOML file, then the
// environment; each later one wins. Whatever concerns the organisation (mail,
// rules, people) is no configuration but stands in the store, under the rules
// and in the audit log.
//
// There is nothing secret in it, and nothing in it is guessed: a key that is
// misspelt is refused with its line, because one that is passed over would
// leave somebody believing in a setting that isn't there.
package config

import (
	"log/slog"
	"net"
	"net/url"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"github.com/stint-pim/stint/core"
)

// Config is everything that is configured.
type Config struct {
	// DataDir holds the store and what belongs to it. Only its owner may enter.
	DataDir string `toml:"data_dir"`
	// Socket is the Unix socket by which programs of the same user reach the
	// server. Ignored on Windows, where it is a loopback port with a token.
	Socket string `toml:"socket"`
	// Listen is an address and port for others to reach the server, such as
	// "10.0.0.5:8443" or ":8443"; empty: none besides the socket.
	Listen string `toml:"listen"`
	// TLSCert and TLSKey are PEM files, needed to listen to other machines.
	TLSCert string `toml:"tls_cert"`
	TLSKey  string `toml:"tls_key"`
	// PublicURL is where people reach this server with a browser, such as
	// "https://stint.example.org:8443"; mails to approvers lead there. Empty: no
	// links.
	PublicURL string `toml:"public_url"`
	// KeyFile holds the key that seals stored secrets; empty: the desktop's
	// keyring, or stint.key in DataDir (core/seal).
	KeyFile string `toml:"key_file"`
	// LogLevel is debug, info, warn or error.
	LogLevel string `toml:"log_level"`
}

// Env is the part of the surroundings that a configuration depends on.
type Env struct {
	Get  func(name string) string // of the environment; empty where it isn't set
	Home string                   // the user's home directory; empty where there is none
	OS   string                   // as runtime.GOOS
}

// maxSocket is how long the path of a Unix socket may be, in bytes: macOS has
// 104 with the closing zero, Linux 108.
const maxSocket = 103

// Default returns the configuration of a machine where nothing is configured.
// Directories follow the XDG Base Directory Specification on Unix, and the
// system's customs on macOS and Windows.
func Default(env Env) Config {
	c := Config{DataDir: dataDir(env), LogLevel: "info"}
	// What is in XDG_RUNTIME_DIR is the user's alone and gone after sign-out,
	// as a socket should be.
	if run := xdg(env, "XDG_RUNTIME_DIR"); run != "" {
		c.Socket = join(env, run, "stint", "stint.sock")
	}
	if c.Socket == "" || len(c.Socket) > maxSocket {
		c.Socket = socketIn(env, c.DataDir)
	}
	return c
}

func socketIn(env Env, dataDir string) string {
	if dataDir == "" {
		return ""
	}
	return join(env, dataDir, "stint.sock")
}

func dataDir(env Env) string {
	switch {
	case env.OS == "windows":
		if dir := env.Get("LOCALAPPDATA"); dir != "" {
			return join(env, dir, "Stint")
		}
	case env.OS == "darwin" && env.Home != "":
		return join(env, env.Home, "Library", "Application Support", "Stint")
	default:
		if dir := xdg(env, "XDG_DATA_HOME"); dir != "" {
			return join(env, dir, "stint")
		}
		if env.Home != "" {
			return join(env, env.Home, ".local", "share", "stint")
		}
	}
	return "" // Validate says so
}

// xdg returns a directory that the specification's variable names; a relative
// one is to be ignored, it says.
func xdg(env Env, name string) string {
	if dir := env.Get(name); strings.HasPrefix(dir, "/") {
		return dir
	}
	return ""
}

// join joins as the configured system does, which in a test isn't this one.
func join(env Env, parts ...string) string {
	if env.OS == "windows" && runtime.GOOS != "windows" {
		return strings.Join(parts, `\`)
	}
	return filepath.Join(parts...)
}

// publicURL reports whether s is empty, or names a server and nothing on it. What
// is not encrypted is for this machine alone, as in Listen.
func publicURL(s string) bool {
	if s == "" {
		return true
	}
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || u.Path != "" && u.Path != "/" || len(s) > 300 {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Scheme == "https" || u.Scheme == "http" && (u.Hostname() == "localhost" || ip.IsLoopback())
}

// HTTPS reports whether browsers reach this server by https, wherever TLS ends.
func (c Config) HTTPS() bool {
	u, err := url.Parse(c.PublicURL)
	return err == nil && u.Scheme == "https"
}

// Level returns LogLevel for slog; info where it isn't valid.
func (c Config) Level() slog.Level {
	var l slog.Level
	if err := l.UnmarshalText([]byte(c.LogLevel)); err != nil {
		return slog.LevelInfo
	}
	return l
}

// Validate says in plain words what can't work. The error is of code Invalid
// with the key as its field. It looks at no file.
func (c Config) Validate() error {
	bad := func(field string, key core.TextKey, args ...string) error {
		return core.Errorf(core.Invalid, field, key, append(args, "key", field)...)
	}
	if c.DataDir == "" {
		return bad("data_dir", "config.no_data_dir")
	}
	for _, p := range []struct{ field, path string }{
		{"data_dir", c.DataDir}, {"socket", c.Socket}, {"tls_cert", c.TLSCert}, {"tls_key", c.TLSKey}, {"key_file", c.KeyFile},
	} {
		if p.path != "" && !filepath.IsAbs(p.path) {
			return bad(p.field, "config.relative", "path", core.Clip(p.path, 200))
		}
		if strings.ContainsRune(p.path, 0) || len(p.path) > 4000 {
			return bad(p.field, "config.bad_path")
		}
	}
	switch {
	case c.Socket == "":
		return bad("socket", "config.no_socket")
	case len(c.Socket) > maxSocket:
		return bad("socket", "config.long_socket", "path", c.Socket, "limit", strconv.Itoa(maxSocket))
	case c.TLSCert == "" && c.TLSKey != "":
		return bad("tls_cert", "config.half_tls", "given", "tls_key")
	case c.TLSCert != "" && c.TLSKey == "":
		return bad("tls_key", "config.half_tls", "given", "tls_cert")
	}
	switch c.LogLevel {
	case "debug", "info", "warn", "error":
	default:
		return bad("log_level", "config.log_level", "value", core.Clip(c.LogLevel, 40))
	}
	if !publicURL(c.PublicURL) {
		return bad("public_url", "config.public_url", "value", core.Clip(c.PublicURL, 100))
	}
	if c.Listen == "" {
		return nil
	}
	host, port, err := net.SplitHostPort(c.Listen)
	n, errPort := strconv.ParseUint(port, 10, 16)
	if err != nil || errPort != nil || n == 0 {
		return bad("listen", "config.listen", "value", core.Clip(c.Listen, 100))
	}
	ip := net.ParseIP(host)
	if host != "" && host != "localhost" && ip == nil {
		// A name would be looked up at each start, and may mean something else then.
		return bad("listen", "config.listen", "value", core.Clip(c.Listen, 100))
	}
	if c.TLSCert == "" && host != "localhost" && !ip.IsLoopback() {
		return bad("listen", "config.open_listen", "value", core.Clip(c.Listen, 100))
	}
	return nil
}
