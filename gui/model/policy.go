package model

import (
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/stint-pim/stint/core"
)

// PolicyForm is the settings made at one level, beside what holds without
// them. A setting that is not the level's own shows the inherited value.
type PolicyForm struct {
	Level     string
	own       core.PolicySettings
	inherited core.Policy
	origins   map[string]core.PolicyOrigin // of inherited
	at        core.PolicyOrigin            // what this level is called
	// Names are those of whoever stands in the stages of an approval, by Approver.ID;
	// of a role with its system.
	Names map[string]string
}

// PolicyKind says which control a setting has.
type PolicyKind string

const (
	PolicySwitch PolicyKind = "switch"
	PolicySpan   PolicyKind = "span" // hours of an activation
	PolicyDays   PolicyKind = "days" // days of an assignment
	PolicyText   PolicyKind = "text"
	PolicyWait   PolicyKind = "wait"   // how long a request waits
	PolicyStages PolicyKind = "stages" // who has to agree
	PolicyDrops  PolicyKind = "drops"  // what ends an activation at once
	PolicyNotify PolicyKind = "notify" // who is told
)

// PolicyRow is one setting on the page.
type PolicyRow struct {
	Name         string // the setting's JSON name
	Section      string // key of its section's title
	Label, Help  string
	Kind         PolicyKind
	On           bool   // of a switch
	Value        string // as shown in words
	Edit         string // as typed in a field
	Origin       core.PolicyOrigin
	OriginText   string
	Own          bool
	Least, Worst string // limits of a span, in words
}

// Sections of the settings' page.
const (
	SectionActivation = "pages.policy.section.activation"
	SectionApproval   = "pages.policy.section.approval"
	SectionAssignment = "pages.policy.section.assignment"
	SectionNotify     = "pages.policy.section.notify"
)

// setting binds a name to its place in both structures.
type setting struct {
	name, section string
	kind          PolicyKind
	flag          func(*core.Policy) *bool
	ownFlag       func(*core.PolicySettings) **bool
	span          func(*core.Policy) *core.Duration
	ownSpan       func(*core.PolicySettings) **core.Duration
	event         core.PolicyEvent // of a cell of the notification matrix
	audience      core.Audience
}

// settings are all settings in the order of the page.
func settings() []setting {
	type p = core.Policy
	type s = core.PolicySettings
	all := []setting{
		{name: "max_duration", section: SectionActivation, kind: PolicySpan,
			span: func(x *p) *core.Duration { return &x.MaxDuration }, ownSpan: func(x *s) **core.Duration { return &x.MaxDuration }},
		{name: "require_mfa", section: SectionActivation, kind: PolicySwitch,
			flag: func(x *p) *bool { return &x.RequireMFA }, ownFlag: func(x *s) **bool { return &x.RequireMFA }},
		{name: "require_justification", section: SectionActivation, kind: PolicySwitch,
			flag: func(x *p) *bool { return &x.RequireJustification }, ownFlag: func(x *s) **bool { return &x.RequireJustification }},
		{name: "require_ticket", section: SectionActivation, kind: PolicySwitch,
			flag: func(x *p) *bool { return &x.RequireTicket }, ownFlag: func(x *s) **bool { return &x.RequireTicket }},
		{name: "ticket_pattern", section: SectionActivation, kind: PolicyText},
		{name: "allow_prolong", section: SectionActivation, kind: PolicySwitch,
			flag: func(x *p) *bool { return &x.AllowProlong }, ownFlag: func(x *s) **bool { return &x.AllowProlong }},
		{name: "drop_on", section: SectionActivation, kind: PolicyDrops},
		{name: "require_approval", section: SectionApproval, kind: PolicySwitch,
			flag: func(x *p) *bool { return &x.RequireApproval }, ownFlag: func(x *s) **bool { return &x.RequireApproval }},
		{name: "approval_stages", section: SectionApproval, kind: PolicyStages},
		{name: "approval_timeout", section: SectionApproval, kind: PolicyWait,
			span: func(x *p) *core.Duration { return &x.ApprovalTimeout }, ownSpan: func(x *s) **core.Duration { return &x.ApprovalTimeout }},
		{name: "approver_justification", section: SectionApproval, kind: PolicySwitch,
			flag: func(x *p) *bool { return &x.ApproverJustification }, ownFlag: func(x *s) **bool { return &x.ApproverJustification }},
		{name: "permanent_eligible", section: SectionAssignment, kind: PolicySwitch,
			flag: func(x *p) *bool { return &x.PermanentEligible }, ownFlag: func(x *s) **bool { return &x.PermanentEligible }},
		{name: "eligible_for", section: SectionAssignment, kind: PolicyDays,
			span: func(x *p) *core.Duration { return &x.EligibleFor }, ownSpan: func(x *s) **core.Duration { return &x.EligibleFor }},
		{name: "permanent_active", section: SectionAssignment, kind: PolicySwitch,
			flag: func(x *p) *bool { return &x.PermanentActive }, ownFlag: func(x *s) **bool { return &x.PermanentActive }},
		{name: "active_for", section: SectionAssignment, kind: PolicyDays,
			span: func(x *p) *core.Duration { return &x.ActiveFor }, ownSpan: func(x *s) **core.Duration { return &x.ActiveFor }},
		{name: "assign_mfa", section: SectionAssignment, kind: PolicySwitch,
			flag: func(x *p) *bool { return &x.AssignMFA }, ownFlag: func(x *s) **bool { return &x.AssignMFA }},
		{name: "assign_justification", section: SectionAssignment, kind: PolicySwitch,
			flag: func(x *p) *bool { return &x.AssignJustification }, ownFlag: func(x *s) **bool { return &x.AssignJustification }},
	}
	for _, e := range core.PolicyEvents() {
		for _, a := range core.Audiences() {
			all = append(all, setting{name: core.NotifyField(e, a), section: SectionNotify, kind: PolicyNotify, event: e, audience: a})
		}
	}
	return all
}

// DefaultPolicyForm is the settings of everything.
func DefaultPolicyForm(own core.PolicySettings) *PolicyForm {
	return newPolicyForm(core.DefaultLevel, core.OriginDefault, core.PolicySettings{}, core.PolicySettings{}, own)
}

// SystemPolicyForm is the settings of a system, above the default ones.
func SystemPolicyForm(id core.SystemID, def, own core.PolicySettings) *PolicyForm {
	return newPolicyForm(string(id), core.OriginSystem, def, core.PolicySettings{}, own)
}

// RolePolicyForm is the settings of a role, above those of its system and the default ones.
func RolePolicyForm(id core.RoleID, def, system, own core.PolicySettings) *PolicyForm {
	return newPolicyForm(string(id), core.OriginRole, def, system, own)
}

func newPolicyForm(level string, at core.PolicyOrigin, def, system, own core.PolicySettings) *PolicyForm {
	f := &PolicyForm{Level: level, at: at, own: own}
	f.inherited, f.origins = core.ResolvePolicy(def, system, core.PolicySettings{})
	return f
}

// resolved is what holds with the level's own settings laid over.
func (f *PolicyForm) resolved() (core.Policy, map[string]core.PolicyOrigin) {
	p := f.inherited
	from := map[string]core.PolicyOrigin{}
	for k, v := range f.origins {
		from[k] = v
	}
	p.Lay(f.own, f.at, from)
	return p, from
}

// Rows are the settings in the order of the page.
func (f *PolicyForm) Rows(say *Text) []PolicyRow {
	p, from := f.resolved()
	all := settings()
	rows := make([]PolicyRow, 0, len(all))
	for _, s := range all {
		r := PolicyRow{
			Name: s.name, Section: s.section, Kind: s.kind, Label: say.T("pages.policy." + s.name), Help: say.T("pages.policy." + s.name + ".help"),
			Origin: from[s.name], Own: from[s.name] == f.at, OriginText: say.T("pages.policy.origin." + string(from[s.name])),
		}
		switch {
		case s.flag != nil:
			r.On = *s.flag(&p)
			r.Value = say.T("pages.policy.off")
			if r.On {
				r.Value = say.T("pages.policy.on")
			}
		case s.span != nil:
			d := *s.span(&p)
			r.Value, r.Edit = say.Duration(d.Std()), EditSpan(d)
			least, most := limits(s.kind)
			r.Least, r.Worst = say.Duration(least), say.Duration(most)
		case s.kind == PolicyStages:
			r.Value = f.stagesText(say, p.Stages)
		case s.kind == PolicyDrops:
			r.Value = DropText(say, p.DropOn)
		case s.kind == PolicyNotify:
			r.Label = say.T("pages.policy.notify", "event", say.T("pages.policy.event."+string(s.event)), "audience", say.T("pages.policy.audience."+string(s.audience)))
			r.Help = say.T("pages.policy.notify." + string(s.event) + "_" + string(s.audience))
			r.Value = RecipientsText(say, *p.Notify(s.event, s.audience))
		default:
			r.Value, r.Edit = p.TicketPattern, p.TicketPattern
			if r.Value == "" {
				r.Value = say.T("pages.policy.any_ticket")
			}
		}
		rows = append(rows, r)
	}
	return rows
}

// EditSpan writes a duration as it is typed: "8h", "1h30m", "365d".
func EditSpan(d core.Duration) string { return d.Plain() }

// SetSwitch overrides a switch at this level.
func (f *PolicyForm) SetSwitch(name string, on bool) {
	for _, s := range settings() {
		if s.name == name && s.ownFlag != nil {
			*s.ownFlag(&f.own) = &on
		}
	}
}

// SetText overrides a span or the ticket's pattern at this level. A text that
// can't be read, or lies outside the limits, changes nothing.
func (f *PolicyForm) SetText(name, text string) error {
	text = strings.TrimSpace(text)
	if name == "ticket_pattern" {
		if _, err := regexp.Compile(text); err != nil || len(text) > 200 {
			return core.Errorf(core.Invalid, name, "pages.policy.bad_pattern")
		}
		f.own.TicketPattern = &text
		return nil
	}
	for _, s := range settings() {
		if s.name != name || s.ownSpan == nil {
			continue
		}
		d, err := core.ParseDuration(text)
		if err != nil {
			return fieldError(err, name)
		}
		least, most := limits(s.kind)
		if d.Std() < least || d.Std() > most {
			return core.Errorf(core.Invalid, name, "pages.policy.out_of_limits", "least", EditSpan(core.Duration(least)), "most", EditSpan(core.Duration(most)))
		}
		*s.ownSpan(&f.own) = &d
	}
	return nil
}

// limits are those of a span, by what it is for.
func limits(k PolicyKind) (least, most time.Duration) {
	switch k {
	case PolicySpan:
		return core.MinMaxDuration, core.MaxMaxDuration
	case PolicyWait:
		return core.MinApprovalTimeout, core.MaxApprovalTimeout
	}
	return core.MinAssignmentFor, core.MaxAssignmentFor
}

// Stages are those that hold at this level: its own, or the inherited ones.
func (f *PolicyForm) Stages() []core.Stage {
	p, _ := f.resolved()
	if len(p.Stages) == 0 {
		return []core.Stage{{Quorum: 1}}
	}
	return p.Stages
}

// SetStages overrides who has to agree at this level.
func (f *PolicyForm) SetStages(s []core.Stage) { f.own.Stages = &s }

// Drops says whether something ends an activation at once at this level.
func (f *PolicyForm) Drops(r core.DropReason) bool {
	p, _ := f.resolved()
	return slices.Contains(p.DropOn, r)
}

// SetDrop overrides what ends an activation at once at this level.
func (f *PolicyForm) SetDrop(r core.DropReason, on bool) {
	set := []core.DropReason{}
	for _, each := range core.DropReasons() {
		if each == r && on || each != r && f.Drops(each) {
			set = append(set, each)
		}
	}
	f.own.DropOn = &set
}

// DropText says in words what ends an activation at once.
func DropText(say *Text, list []core.DropReason) string {
	if len(list) == 0 {
		return say.T("pages.policy.drop.nothing")
	}
	words := make([]string, len(list))
	for i, r := range list {
		words[i] = say.T("pages.policy.drop." + string(r))
	}
	return strings.Join(words, ", ")
}

// Recipients says who is told at this level, by the setting's name.
func (f *PolicyForm) Recipients(name string) core.Recipients {
	p, _ := f.resolved()
	for _, s := range settings() {
		if s.name == name && s.kind == PolicyNotify {
			return *p.Notify(s.event, s.audience)
		}
	}
	return core.Recipients{}
}

// SetRecipients overrides who is told at this level. Addresses are read from a
// text, between commas, semicolons, blanks or line ends; what is no address
// changes nothing.
func (f *PolicyForm) SetRecipients(name string, defaults, critical bool, addresses string) error {
	r := core.Recipients{Defaults: defaults, Critical: critical, Extra: strings.FieldsFunc(addresses, func(c rune) bool {
		return c == ',' || c == ';' || unicode.IsSpace(c)
	})}
	if err := core.CheckRecipients(name, r); err != nil {
		return err
	}
	for _, s := range settings() {
		if s.name == name && s.kind == PolicyNotify {
			*f.own.Notify(s.event, s.audience) = &r
		}
	}
	return nil
}

// RecipientsText says in words who is told.
func RecipientsText(say *Text, r core.Recipients) string {
	var who []string
	if r.Defaults {
		who = append(who, say.T("pages.policy.notify.defaults"))
	}
	who = append(who, r.Extra...)
	if len(who) == 0 {
		return say.T("pages.policy.notify.nobody")
	}
	text := strings.Join(who, ", ")
	if r.Critical {
		text += " · " + say.T("pages.policy.notify.critical")
	}
	return text
}

// stagesText says in words who has to agree.
func (f *PolicyForm) stagesText(say *Text, stages []core.Stage) string {
	if len(stages) == 0 {
		stages = []core.Stage{{Quorum: 1}}
	}
	parts := make([]string, len(stages))
	for i, s := range stages {
		parts[i] = Count(say, "pages.policy.stage", s.Quorum, "who", f.Who(say, s.Approvers))
	}
	return strings.Join(parts, " → ")
}

// Who names approvers.
func (f *PolicyForm) Who(say *Text, list []core.Approver) string {
	if len(list) == 0 {
		return say.T("pages.policy.administrators")
	}
	names := make([]string, len(list))
	for i, a := range list {
		names[i] = f.Approver(say, a)
	}
	return strings.Join(names, ", ")
}

// Approver names one of them.
func (f *PolicyForm) Approver(say *Text, a core.Approver) string {
	name := f.Names[a.ID()]
	if name == "" {
		name = a.ID()
	}
	switch {
	case a.Group != "":
		return say.T("pages.policy.members", "group", name)
	case a.Role != "":
		return say.T("pages.policy.holders", "role", name)
	}
	return name
}

// Name notes what an approver is called.
func (f *PolicyForm) Name(id, name string) {
	names := map[string]string{id: name}
	for k, v := range f.Names {
		if k != id {
			names[k] = v
		}
	}
	f.Names = names
}

// ApproverName is what Names holds of somebody.
func ApproverName(say *Text, r core.ApproverRow) string {
	name := r.Name
	if r.Role != "" {
		name += "@" + r.About
	}
	if r.Gone {
		return say.T("pages.policy.gone", "name", name)
	}
	return name
}

// ApproverKind tells an approver from others of the same name.
func ApproverKind(say *Text, r core.ApproverRow) string {
	switch {
	case r.Group != "":
		return Count(say, "pages.stages.group", r.Members)
	case r.Role != "":
		return say.T("pages.stages.role", "system", r.About)
	}
	return r.About
}

// Reset takes the level's own value away, so that the inherited one holds.
func (f *PolicyForm) Reset(name string) { f.own.Take(core.PolicySettings{}, name) }

// Command is what stores the level.
func (f *PolicyForm) Command() core.SetPolicy {
	return core.SetPolicy{Level: f.Level, Settings: f.own}
}
