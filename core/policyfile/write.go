package policyfile

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/stint-pim/stint/core"
)

const preamble = `Settings of roles in Stint. “stint policy apply” takes this file, or the page of
roles in the window. A level that stands here is replaced as a whole; what is not
set there is inherited: from the role's system, from the defaults, from Stint.`

// Write makes the file of the levels that have settings, in the order of the
// catalog.
func Write(c Catalog, levels map[string]core.PolicySettings) ([]byte, error) {
	root := mapping()
	add(root, "stint", text("policy"))
	add(root, "version", number(Version))
	if set, ok := levels[core.DefaultLevel]; ok && len(set.Made()) > 0 {
		add(root, "default", c.settings(set))
	}
	systems := &yaml.Node{Kind: yaml.SequenceNode}
	for _, s := range c.Systems {
		node := mapping()
		add(node, "name", text(s.Name))
		if set := levels[string(s.ID)]; len(set.Made()) > 0 {
			add(node, "settings", c.settings(set))
		}
		roles := &yaml.Node{Kind: yaml.SequenceNode}
		for _, r := range c.Roles {
			if set := levels[string(r.ID)]; r.System == s.ID && len(set.Made()) > 0 {
				role := mapping()
				add(role, "name", text(r.Name))
				add(role, "external", text(r.External))
				add(role, "settings", c.settings(set))
				roles.Content = append(roles.Content, role)
			}
		}
		if len(roles.Content) > 0 {
			add(node, "roles", roles)
		}
		if len(node.Content) > 2 {
			systems.Content = append(systems.Content, node)
		}
	}
	if len(systems.Content) > 0 {
		add(root, "systems", systems)
	}
	var out bytes.Buffer
	enc := yaml.NewEncoder(&out)
	enc.SetIndent(2)
	doc := &yaml.Node{Kind: yaml.DocumentNode, Content: []*yaml.Node{root}, HeadComment: preamble}
	if err := enc.Encode(doc); err != nil {
		return nil, fmt.Errorf("write settings: %w", err)
	}
	if err := enc.Close(); err != nil {
		return nil, fmt.Errorf("write settings: %w", err)
	}
	return out.Bytes(), nil
}

// settings writes what is made at one level, in the order of the window.
func (c Catalog) settings(s core.PolicySettings) *yaml.Node {
	node := mapping()
	var p core.Policy
	p.Lay(s, "", nil)
	for _, name := range s.Made() {
		add(node, name, c.value(p.Field(name)))
	}
	return node
}

func (c Catalog) value(v any) *yaml.Node {
	switch v := v.(type) {
	case *bool:
		return plain("!!bool", strconv.FormatBool(*v))
	case *core.Duration:
		return text(v.Plain())
	case *string:
		return text(*v)
	case *[]core.DropReason:
		list := &yaml.Node{Kind: yaml.SequenceNode, Style: yaml.FlowStyle}
		for _, r := range *v {
			list.Content = append(list.Content, text(string(r)))
		}
		return list
	case *core.Recipients:
		return c.recipients(*v)
	case *[]core.Stage:
		list := &yaml.Node{Kind: yaml.SequenceNode}
		for _, s := range *v {
			list.Content = append(list.Content, c.stage(s))
		}
		return list
	}
	panic(fmt.Sprintf("policyfile: no form for %T", v)) // TestEverySetting makes each
}

func (c Catalog) recipients(r core.Recipients) *yaml.Node {
	node := mapping()
	add(node, "defaults", plain("!!bool", strconv.FormatBool(r.Defaults)))
	if len(r.Extra) > 0 {
		list := &yaml.Node{Kind: yaml.SequenceNode}
		for _, s := range r.Extra {
			list.Content = append(list.Content, text(s))
		}
		add(node, "extra", list)
	}
	if r.Critical {
		add(node, "critical", plain("!!bool", "true"))
	}
	return node
}

func (c Catalog) stage(s core.Stage) *yaml.Node {
	node := mapping()
	add(node, "quorum", number(s.Quorum))
	if len(s.Approvers) > 0 {
		add(node, "approvers", c.approvers(s.Approvers))
	}
	if s.EscalateAfter != 0 {
		add(node, "escalate_after", text(s.EscalateAfter.Plain()))
	}
	if len(s.EscalateTo) > 0 {
		add(node, "escalate_to", c.approvers(s.EscalateTo))
	}
	return node
}

func (c Catalog) approvers(all []core.Approver) *yaml.Node {
	list := &yaml.Node{Kind: yaml.SequenceNode}
	for _, a := range all {
		node := mapping()
		if a.Person != "" {
			login, ok := c.Login(a.Person)
			if !ok {
				login = string(a.Person)
			}
			add(node, "person", text(login))
		} else if a.Group != "" {
			name, ok := c.GroupName(a.Group)
			if !ok {
				name = string(a.Group)
			}
			add(node, "group", text(name))
		} else if r, ok := c.role(a.Role); ok {
			s, _ := c.system(r.System)
			// The external id names one role, the name perhaps several.
			add(node, "role", text(r.Name))
			add(node, "external", text(r.External))
			add(node, "system", text(s.Name))
		} else {
			add(node, "role", text(string(a.Role)))
		}
		list.Content = append(list.Content, node)
	}
	return list
}

func mapping() *yaml.Node { return &yaml.Node{Kind: yaml.MappingNode} }

func add(m *yaml.Node, key string, v *yaml.Node) {
	m.Content = slices.Concat(m.Content, []*yaml.Node{text(key), v})
}

func plain(tag, v string) *yaml.Node { return &yaml.Node{Kind: yaml.ScalarNode, Tag: tag, Value: v} }
func number(n int) *yaml.Node        { return plain("!!int", strconv.Itoa(n)) }

// switches are words that readers of YAML 1.1 take for true or false.
var switches = []string{"y", "n", "yes", "no", "on", "off"}

// text is a string, in quotes where it would be read as something else without.
func text(s string) *yaml.Node {
	n := &yaml.Node{}
	n.SetString(s)
	if slices.Contains(switches, strings.ToLower(s)) {
		n.Style = yaml.DoubleQuotedStyle
	}
	return n
}
