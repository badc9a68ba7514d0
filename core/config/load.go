package config

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/BurntSushi/toml"

	"github.com/stint-pim/stint/core"
)

// maxFile bounds the file, in bytes.
const maxFile = 64 << 10

// System returns the surroundings of this process.
func System() Env {
	home, _ := os.UserHomeDir() // without one, Validate asks for data_dir
	return Env{Get: os.Getenv, Home: home, OS: runtime.GOOS}
}

// Path returns where the file is looked for if none is named: $STINT_CONFIG,
// else stint.toml in the user's directory of configuration. It is empty where
// there is no such directory.
func Path(env Env) string {
	if p := env.Get("STINT_CONFIG"); p != "" {
		return p
	}
	switch {
	case env.OS == "windows":
		if dir := env.Get("APPDATA"); dir != "" {
			return join(env, dir, "Stint", "stint.toml")
		}
	case env.OS == "darwin" && env.Home != "":
		return join(env, env.Home, "Library", "Application Support", "Stint", "stint.toml")
	default:
		if dir := xdg(env, "XDG_CONFIG_HOME"); dir != "" {
			return join(env, dir, "stint", "stint.toml")
		}
		if env.Home != "" {
			return join(env, env.Home, ".config", "stint", "stint.toml")
		}
	}
	return ""
}

// Load reads the configuration: the defaults, the file, the environment's
// STINT_ variables (STINT_DATA_DIR for data_dir, and so on), and validates what
// came of it. An empty path is Path(env); a file there may be missing, one that
// was named (or by STINT_CONFIG) may not.
func Load(path string, env Env) (Config, error) {
	named := path != "" || env.Get("STINT_CONFIG") != ""
	if path == "" {
		path = Path(env)
	}
	c := Default(env)
	given := map[string]bool{} // keys that somebody set
	if path != "" {
		text, err := readFile(path)
		switch {
		case errors.Is(err, fs.ErrNotExist) && !named:
		case err != nil:
			return Config{}, err
		default:
			if err := c.decode(path, text, given); err != nil {
				return Config{}, err
			}
		}
	}
	for key, field := range c.fields() {
		if v := env.Get("STINT_" + strings.ToUpper(key)); v != "" {
			field.SetString(v)
			given[key] = true
		}
	}
	if given["data_dir"] && !given["socket"] && (xdg(env, "XDG_RUNTIME_DIR") == "" || env.Get("STINT_DATA_DIR") != "") {
		// Another store is another server: two of them must not share a socket.
		c.Socket = socketIn(env, c.DataDir)
	}
	if err := c.Validate(); err != nil {
		return Config{}, err
	}
	return c, nil
}

// LoadFor is Load where a program was told on its command line in which directory
// the store is; empty: it wasn't. Another store than the usual one has a socket
// of its own, as Load says.
func LoadFor(data string, env Env) (Config, error) {
	c, err := Load("", env)
	if data == "" || err != nil {
		return c, err
	}
	if full, err := filepath.Abs(data); err == nil { // else Load refuses what is relative
		data = full
	}
	if data == c.DataDir {
		return c, nil
	}
	get := env.Get
	env.Get = func(name string) string {
		if name == "STINT_DATA_DIR" {
			return data
		}
		return get(name)
	}
	return Load("", env)
}

func readFile(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", core.Wrap(core.Invalid, "config.unreadable", err, "file", path)
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return "", core.Wrap(core.Invalid, "config.unreadable", err, "file", path)
	}
	if len(b) > maxFile {
		return "", core.Errorf(core.Invalid, "", "config.too_long", "file", path, "limit", strconv.Itoa(maxFile/1024))
	}
	return string(b), nil
}

func (c *Config) decode(path, text string, given map[string]bool) error {
	meta, err := toml.Decode(text, c)
	if err != nil {
		line, why := 0, ""
		var parse toml.ParseError
		if errors.As(err, &parse) {
			line, why = parse.Position.Line, parse.Message
		}
		if line == 0 {
			return core.Wrap(core.Invalid, "config.syntax", err, "file", path)
		}
		return core.Wrap(core.Invalid, "config.syntax_line", err, "file", path, "line", strconv.Itoa(line), "reason", core.Clip(why, 200))
	}
	if unknown := meta.Undecoded(); len(unknown) > 0 {
		key := unknown[0]
		known := make([]string, 0, 8)
		for k := range c.fields() {
			known = append(known, k)
		}
		slices.Sort(known)
		return core.Errorf(core.Invalid, core.Clip(key.String(), 60), "config.unknown_key",
			"file", path, "line", strconv.Itoa(lineOf(text, key)), "key", core.Clip(key.String(), 60), "known", strings.Join(known, ", "))
	}
	for _, key := range meta.Keys() {
		given[key.String()] = true
	}
	return nil
}

// lineOf returns the line in which a key stands, or that of its table; the
// TOML package doesn't tell. A text that was decoded is well formed, so that a
// look at the beginnings of lines will do.
func lineOf(text string, key toml.Key) int {
	last := key[len(key)-1]
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		name, _, isPair := strings.Cut(line, "=")
		if !isPair {
			name = strings.Trim(line, "[] \t\r")
		}
		parts := strings.Split(name, ".")
		if strings.Trim(parts[len(parts)-1], "\"' \t") == last {
			return i + 1
		}
	}
	return 1
}

// fields returns every field by its key.
func (c *Config) fields() map[string]reflect.Value {
	v := reflect.ValueOf(c).Elem()
	all := make(map[string]reflect.Value, v.NumField())
	for i := range v.NumField() {
		all[v.Type().Field(i).Tag.Get("toml")] = v.Field(i)
	}
	return all
}
