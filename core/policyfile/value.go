package policyfile

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/stint-pim/stint/core"
)

// setting reads one setting and holds it to its limits.
func (r *reader) setting(to *core.PolicySettings, name string, at, n *yaml.Node) {
	var p core.Policy
	had, ok := len(r.problems), true
	switch v := p.Field(name).(type) {
	case *bool:
		ok = r.flag(n, name, v)
	case *core.Duration:
		ok = r.span(n, name, v)
	case *string:
		if ok = n.Kind == yaml.ScalarNode && n.Tag == "!!str"; !ok {
			r.wrong(n.Line, name, "policyfile.want_text", "field", name)
		}
		*v = n.Value
	case *[]core.DropReason:
		*v = []core.DropReason{}
		for _, x := range r.list(n, name) {
			*v = append(*v, core.DropReason(x.Value))
		}
	case *core.Recipients:
		*v = r.recipients(n, name)
	case *[]core.Stage:
		*v = []core.Stage{}
		for _, x := range r.list(n, name) {
			*v = append(*v, r.stage(x, name))
		}
	default:
		r.wrong(at.Line, name, "policyfile.key", "key", core.Clip(name, 60), "field", "settings", "known", strings.Join(core.PolicyFields(), ", "))
		return
	}
	if !ok || len(r.problems) > had {
		return
	}
	var set core.PolicySettings
	set.Make(p, name)
	var e *core.Error
	if err := core.CheckPolicy(set); errors.As(err, &e) {
		r.fail(at.Line, name, e)
		return
	}
	to.Take(set, name)
}

func (r *reader) flag(n *yaml.Node, field string, to *bool) bool {
	if n.Kind != yaml.ScalarNode || n.Tag != "!!bool" {
		r.wrong(n.Line, field, "policyfile.want_switch", "field", field)
		return false
	}
	*to = strings.EqualFold(n.Value, "true")
	return true
}

func (r *reader) span(n *yaml.Node, field string, to *core.Duration) bool {
	d, err := core.ParseDuration(n.Value)
	if n.Kind != yaml.ScalarNode || err != nil {
		r.wrong(n.Line, field, "policyfile.want_span", "field", field, "value", core.Clip(n.Value, 40))
		return false
	}
	*to = d
	return true
}

func (r *reader) recipients(n *yaml.Node, field string) core.Recipients {
	out := core.Recipients{Defaults: true}
	f := r.fields(n, field, "defaults", "extra", "critical")
	if e := f["defaults"]; e.node != nil {
		r.flag(e.node, "defaults", &out.Defaults)
	}
	if e := f["critical"]; e.node != nil {
		r.flag(e.node, "critical", &out.Critical)
	}
	if e := f["extra"]; e.node != nil {
		for _, x := range r.list(e.node, "extra") {
			out.Extra = append(out.Extra, x.Value)
		}
	}
	return out
}

func (r *reader) stage(n *yaml.Node, field string) core.Stage {
	f := r.fields(n, field, "quorum", "approvers", "escalate_after", "escalate_to")
	s := core.Stage{Quorum: 1}
	if e := f["quorum"]; e.node != nil {
		q, err := strconv.Atoi(e.node.Value)
		if e.node.Tag != "!!int" || err != nil || q < 1 || q > core.MaxQuorum {
			r.wrong(e.line, "quorum", "policyfile.want_number", "field", "quorum", "min", "1", "max", strconv.Itoa(core.MaxQuorum))
		}
		s.Quorum = q
	}
	if e := f["approvers"]; e.node != nil {
		s.Approvers = r.approvers(e.node, "approvers")
	}
	if e := f["escalate_after"]; e.node != nil {
		r.span(e.node, "escalate_after", &s.EscalateAfter)
	}
	if e := f["escalate_to"]; e.node != nil {
		s.EscalateTo = r.approvers(e.node, "escalate_to")
	}
	return s
}

func (r *reader) approvers(n *yaml.Node, field string) []core.Approver {
	var out []core.Approver
	for _, x := range r.list(n, field) {
		if a, ok := r.approver(x, field); ok {
			out = append(out, a)
		}
	}
	return out
}

// known reads the name of a person or a group that there is.
func known[ID any](r *reader, n *yaml.Node, f map[string]entry, key string, find func(string) (ID, bool)) (ID, bool) {
	var none ID
	name, ok := r.word(n, f, key)
	if !ok {
		return none, false
	}
	id, ok := find(name)
	if !ok {
		r.wrong(f[key].line, key, core.TextKey("policyfile."+key), "value", core.Clip(name, 80))
	}
	return id, ok
}

// approver reads a person, a group, or a role with its system.
func (r *reader) approver(n *yaml.Node, field string) (core.Approver, bool) {
	f := r.fields(n, field, "person", "group", "role", "external", "system")
	has := func(key string) bool { return f[key].node != nil }
	kinds := 0
	for _, key := range []string{"person", "group", "system"} {
		if has(key) {
			kinds++
		}
	}
	if kinds != 1 || !has("system") && (has("role") || has("external")) {
		r.wrong(n.Line, field, "policyfile.approver")
		return core.Approver{}, false
	}
	switch {
	case has("person"):
		id, ok := known(r, n, f, "person", r.c.Person)
		return core.Approver{Person: id}, ok
	case has("group"):
		id, ok := known(r, n, f, "group", r.c.Group)
		return core.Approver{Group: id}, ok
	}
	name, ok := r.word(n, f, "system")
	if !ok {
		return core.Approver{}, false
	}
	i := slices.IndexFunc(r.c.Systems, func(s core.System) bool { return strings.EqualFold(s.Name, name) })
	if i < 0 {
		r.wrong(f["system"].line, "system", "policyfile.system", "value", core.Clip(name, 80))
		return core.Approver{}, false
	}
	role, ok := r.find(r.c.Systems[i], n, f, "role")
	return core.Approver{Role: role.ID}, ok
}
