package policyfile

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/stint-pim/stint/core"
)

// Read takes a file apart. With problems there are no levels: a file is taken
// as a whole or not at all.
func Read(file []byte, c Catalog) ([]Level, []core.PolicyProblem) {
	r := &reader{c: c}
	if root := r.document(file); root != nil {
		r.file(root)
	}
	if len(r.problems) > 0 {
		slices.SortStableFunc(r.problems, func(a, b core.PolicyProblem) int { return a.Line - b.Line })
		return nil, r.problems[:min(len(r.problems), maxProblems)]
	}
	return r.levels, nil
}

// ReadSetting reads one setting as a file has it: a value of YAML.
func ReadSetting(name, value string, c Catalog) (core.PolicySettings, []core.PolicyProblem) {
	r := &reader{c: c}
	var set core.PolicySettings
	root := r.document([]byte(value))
	if root != nil {
		r.setting(&set, name, root, root)
	}
	if len(r.problems) > 0 {
		for i := range r.problems {
			r.problems[i].Line = 0
		}
		return core.PolicySettings{}, r.problems
	}
	return set, nil
}

// reader collects what is wrong.
type reader struct {
	c        Catalog
	problems []core.PolicyProblem
	levels   []Level
	where    string // the level being read, for people
}

func (r *reader) wrong(line int, field string, key core.TextKey, args ...string) {
	r.fail(line, field, core.Errorf(core.Invalid, field, key, args...))
}

func (r *reader) fail(line int, field string, err *core.Error) {
	if len(r.problems) < maxProblems {
		r.problems = append(r.problems, core.PolicyProblem{Line: line, Where: r.where, Field: field, Err: err})
	}
}

// document parses the YAML and refuses what is not read here. It returns nil
// where there is nothing to go on with.
func (r *reader) document(file []byte) *yaml.Node {
	if len(file) > core.MaxPolicyFile {
		r.wrong(0, "file", "policyfile.long", "max", strconv.Itoa(core.MaxPolicyFile), "got", strconv.Itoa(len(file)))
		return nil
	}
	dec := yaml.NewDecoder(bytes.NewReader(file))
	var doc, more yaml.Node
	switch err := dec.Decode(&doc); {
	case errors.Is(err, io.EOF):
		r.wrong(0, "file", "policyfile.empty")
		return nil
	case err != nil:
		r.syntax(err)
		return nil
	}
	if err := dec.Decode(&more); err == nil {
		r.wrong(max(more.Line, 1), "file", "policyfile.documents")
		return nil
	} else if !errors.Is(err, io.EOF) {
		r.syntax(err)
		return nil
	}
	if doc.Kind != yaml.DocumentNode || len(doc.Content) != 1 || empty(doc.Content[0]) {
		r.wrong(0, "file", "policyfile.empty")
		return nil
	}
	if !r.simple(doc.Content[0], 0) {
		return nil
	}
	return doc.Content[0]
}

// yamlLine finds the line in what the library says.
var yamlLine = regexp.MustCompile(`^(?:yaml: )?(?:line (\d+): )?(.*)$`)

func (r *reader) syntax(err error) {
	first, _, _ := strings.Cut(err.Error(), "\n")
	m := yamlLine.FindStringSubmatch(first)
	if m == nil {
		r.wrong(0, "file", "policyfile.yaml", "why", core.Clip(first, 200))
		return
	}
	line, _ := strconv.Atoi(m[1])
	r.wrong(line, "file", "policyfile.yaml", "why", core.Clip(strings.TrimPrefix(m[2], "yaml: "), 200))
}

var tags = []string{"", "!", "!!str", "!!int", "!!float", "!!bool", "!!null", "!!map", "!!seq", "!!timestamp"}

// simple refuses what makes a file mean something else than it shows.
func (r *reader) simple(n *yaml.Node, depth int) bool {
	switch {
	case n.Kind == yaml.AliasNode || n.Anchor != "" || n.Tag == "!!merge":
		r.wrong(n.Line, "file", "policyfile.anchor")
		return false
	case n.Style&yaml.TaggedStyle != 0 || !slices.Contains(tags, n.Tag):
		r.wrong(n.Line, "file", "policyfile.tag", "tag", core.Clip(n.Tag, 60))
		return false
	case depth > maxDepth:
		r.wrong(n.Line, "file", "policyfile.deep", "max", strconv.Itoa(maxDepth))
		return false
	}
	for _, child := range n.Content {
		if !r.simple(child, depth+1) {
			return false
		}
	}
	return true
}

func empty(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.Tag == "!!null" }

// entry is a key with its value.
type entry struct {
	key        string
	line       int
	name, node *yaml.Node
}

// fields reads a mapping whose keys are known, each once.
func (r *reader) fields(n *yaml.Node, field string, known ...string) map[string]entry {
	out := map[string]entry{}
	if n.Kind != yaml.MappingNode {
		r.wrong(n.Line, field, "policyfile.want_map", "field", field)
		return out
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k := n.Content[i]
		switch {
		case k.Kind != yaml.ScalarNode || !slices.Contains(known, k.Value):
			r.wrong(k.Line, field, "policyfile.key", "key", core.Clip(k.Value, 60), "field", field, "known", strings.Join(known, ", "))
		case out[k.Value].node != nil:
			r.wrong(k.Line, k.Value, "policyfile.twice", "key", k.Value, "line", strconv.Itoa(out[k.Value].line))
		default:
			out[k.Value] = entry{key: k.Value, line: k.Line, name: k, node: n.Content[i+1]}
		}
	}
	return out
}

func (r *reader) list(n *yaml.Node, field string) []*yaml.Node {
	if n.Kind != yaml.SequenceNode {
		r.wrong(n.Line, field, "policyfile.want_list", "field", field)
		return nil
	}
	return n.Content
}

// file reads the whole document.
func (r *reader) file(n *yaml.Node) {
	f := r.fields(n, "file", "stint", "version", "default", "systems")
	if kind := f["stint"]; kind.node == nil || kind.node.Value != "policy" {
		r.wrong(max(kind.line, 1), "stint", "policyfile.kind")
	}
	if v := f["version"]; v.node == nil || v.node.Value != strconv.Itoa(Version) {
		value := ""
		if v.node != nil {
			value = core.Clip(v.node.Value, 20)
		}
		r.wrong(max(v.line, 1), "version", "policyfile.version", "value", value, "version", strconv.Itoa(Version))
		return // what follows means perhaps something else
	}
	if d := f["default"]; d.node != nil {
		r.where = core.DefaultLevel
		r.level(core.DefaultLevel, d.line, d.node)
	}
	if s := f["systems"]; s.node != nil {
		for _, n := range r.list(s.node, "systems") {
			r.where = ""
			r.system(n)
		}
	}
}

func (r *reader) system(n *yaml.Node) {
	f := r.fields(n, "systems", "name", "settings", "roles")
	name, ok := r.word(n, f, "name")
	if !ok {
		return
	}
	i := slices.IndexFunc(r.c.Systems, func(s core.System) bool { return strings.EqualFold(s.Name, name) })
	if i < 0 {
		r.wrong(f["name"].line, "name", "policyfile.system", "value", core.Clip(name, 80))
		return
	}
	s := r.c.Systems[i]
	r.where = s.Name
	if set := f["settings"]; set.node != nil {
		r.level(string(s.ID), set.line, set.node)
	}
	if roles := f["roles"]; roles.node != nil {
		for _, n := range r.list(roles.node, "roles") {
			r.where = s.Name
			r.role(s, n)
		}
	}
}

func (r *reader) role(s core.System, n *yaml.Node) {
	f := r.fields(n, "roles", "name", "external", "settings")
	role, ok := r.find(s, n, f, "name")
	if !ok {
		return
	}
	r.where = r.c.Name(string(role.ID))
	set := f["settings"]
	if set.node == nil {
		r.wrong(n.Line, "settings", "policyfile.needs", "field", "settings")
		return
	}
	r.level(string(role.ID), set.line, set.node)
}

// find finds a role by its external id, which outranks the name, or by a name
// that only one has.
func (r *reader) find(s core.System, n *yaml.Node, f map[string]entry, key string) (core.Role, bool) {
	if f["external"].node == nil {
		name, ok := r.word(n, f, key)
		if !ok {
			return core.Role{}, false
		}
		var hits []core.Role
		for _, x := range r.c.Roles {
			if x.System == s.ID && x.Name == name {
				hits = append(hits, x)
			}
		}
		switch len(hits) {
		case 1:
			return hits[0], true
		case 0:
			r.wrong(f[key].line, key, "policyfile.role", "value", core.Clip(name, 80), "system", s.Name)
		default:
			r.wrong(f[key].line, key, "policyfile.many_roles", "value", core.Clip(name, 80), "system", s.Name)
		}
		return core.Role{}, false
	}
	ext, ok := r.word(n, f, "external")
	if !ok {
		return core.Role{}, false
	}
	i := slices.IndexFunc(r.c.Roles, func(x core.Role) bool { return x.System == s.ID && x.External == ext })
	if i < 0 {
		r.wrong(f["external"].line, "external", "policyfile.external", "value", core.Clip(ext, 80), "system", s.Name)
		return core.Role{}, false
	}
	role := r.c.Roles[i]
	if f[key].node == nil {
		return role, true
	}
	name, ok := r.word(n, f, key)
	if ok && name != role.Name {
		r.wrong(f[key].line, key, "policyfile.mismatch", "value", core.Clip(name, 80), "system", s.Name, "external", core.Clip(ext, 80), "name", role.Name)
		return core.Role{}, false
	}
	return role, ok
}

// word reads a name that must be there.
func (r *reader) word(n *yaml.Node, f map[string]entry, key string) (string, bool) {
	e := f[key]
	switch {
	case e.node == nil:
		r.wrong(n.Line, key, "policyfile.needs", "field", key)
		return "", false
	case e.node.Kind != yaml.ScalarNode || empty(e.node) || e.node.Value == "":
		r.wrong(e.line, key, "policyfile.want_text", "field", key)
		return "", false
	}
	return e.node.Value, true
}

// level reads the settings of one level.
func (r *reader) level(level string, line int, n *yaml.Node) {
	if i := slices.IndexFunc(r.levels, func(l Level) bool { return l.Level == level }); i >= 0 {
		r.wrong(line, "settings", "policyfile.level_twice", "line", strconv.Itoa(r.levels[i].Line))
		return
	}
	l := Level{Level: level, Name: r.where, Line: line, Lines: map[string]int{}}
	for name, e := range r.fields(n, "settings", core.PolicyFields()...) {
		l.Lines[name] = e.line
		r.setting(&l.Settings, name, e.name, e.node)
	}
	r.levels = append(r.levels, l)
}
