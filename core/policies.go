package core

import (
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// LevelChange replaces the settings made at one level.
type LevelChange struct {
	Level string `json:"level"` // "default", a SystemID or a RoleID
	// Was is what the level held when the change was planned. If it holds
	// something else by now, nothing is changed.
	Was      PolicySettings `json:"was"`
	Settings PolicySettings `json:"settings"`
}

// SetPolicies replaces the settings of many levels: all of them or none. A
// level that holds already what it shall hold is left alone, so that the same
// command may be given again.
type SetPolicies struct {
	Levels []LevelChange `json:"levels"` // 1 to 500, each level once
}

func (SetPolicies) Verb() string { return "set-policies" }

// Equal reports whether two levels make the same settings. They are compared as
// they are stored.
func (s PolicySettings) Equal(t PolicySettings) bool {
	a, errA := json.Marshal(s)
	b, errB := json.Marshal(t)
	return errA == nil && errB == nil && string(a) == string(b)
}

// Made are the JSON names of the settings made here, in the order in which they are shown.
func (s PolicySettings) Made() []string {
	var out []string
	for _, name := range PolicyFields() {
		if _, ok := s.Value(name); ok {
			out = append(out, name)
		}
	}
	return out
}

// Make makes the setting with a JSON name, with the value that it has in p.
func (s *PolicySettings) Make(p Policy, name string) {
	if f, ok := policyNamed(name); ok {
		f.made(s, p)
	}
}

// setPolicies see SetPolicies. The field of a refusal is the level with the
// setting behind a point.
func (d *decider) setPolicies(c SetPolicies) *Error {
	if err := d.may(PrivilegedRoleAdministrator); err != nil {
		return err
	}
	if len(c.Levels) == 0 || len(c.Levels) > MaxRolesAtOnce {
		return Errorf(Invalid, "levels", "batch.size", "field", "levels", "max", strconv.Itoa(MaxRolesAtOnce))
	}
	done := 0
	for i, l := range c.Levels {
		if slices.ContainsFunc(c.Levels[:i], func(x LevelChange) bool { return x.Level == l.Level }) {
			return Errorf(Invalid, shown(l.Level, MaxName), "policy.level_twice")
		}
		now := d.PolicyLevel(l.Level)
		if now.Equal(l.Settings) {
			continue
		}
		if !now.Equal(l.Was) {
			return Errorf(Conflict, shown(l.Level, MaxName), "policy.changed_meanwhile")
		}
		if err := d.setLevel(l.Level, l.Settings); err != nil {
			at := *err
			at.Field = shown(l.Level, MaxName) + "." + err.Field
			return &at
		}
		done++
	}
	if done == 0 {
		e := d.entry(PolicyChanged)
		e.Detail = plural(len(c.Levels), "level", "levels") + ": nothing changed"
		d.record(e)
	}
	return nil
}

// PolicyEdit is a wish to make or take back single settings at many levels.
type PolicyEdit struct {
	Levels []string       `json:"levels"` // 1 to 500
	Set    PolicySettings `json:"set"`
	Unset  []string       `json:"unset,omitempty"` // JSON names of settings that are inherited again
}

// PolicyPlan is a change of settings that was not made yet: what it would
// change, whom it concerns, and the command that makes it. With Problems there
// is no command.
type PolicyPlan struct {
	Changes  []PolicyChange  `json:"changes"`
	Same     int             `json:"same"` // levels that hold already what they shall
	Problems []PolicyProblem `json:"problems"`
	Command  SetPolicies     `json:"command"`
	// NeedsCode and Notes are of the command, as Preview has them. They are empty
	// for who may look at settings only.
	NeedsCode bool   `json:"needs_code"`
	Notes     []Note `json:"notes,omitempty"`
	// Roles is how many roles would have other settings than now. Eligible and
	// Active are how many people are eligible for one of them, or active in one
	// at this moment; More says that there are so many that not all were counted.
	Roles    int  `json:"roles"`
	Eligible int  `json:"eligible"`
	Active   int  `json:"active"`
	More     bool `json:"more"`
	// Names are those of the people, groups and roles that stages name.
	Names map[string]string `json:"names,omitempty"`
}

// PolicyChange is what a plan changes at one level.
type PolicyChange struct {
	Level      string   `json:"level"`
	RoleName   string   `json:"role_name,omitempty"`
	SystemName string   `json:"system_name,omitempty"`
	Fields     []string `json:"fields"` // JSON names of the settings that change
	// Before and After hold these settings as they are in force at the level,
	// made there or inherited; From and To say which.
	Before   PolicySettings          `json:"before"`
	After    PolicySettings          `json:"after"`
	From     map[string]PolicyOrigin `json:"from"`
	To       map[string]PolicyOrigin `json:"to"`
	Eligible int                     `json:"eligible"` // people; of a role
	Active   int                     `json:"active"`
}

// PolicyProblem is why a plan can't be made.
type PolicyProblem struct {
	Line  int    `json:"line,omitempty"`  // of the file, from 1; 0: of all of it
	Where string `json:"where,omitempty"` // the level's name, for people
	Field string `json:"field,omitempty"` // the setting's JSON name, or where in the file
	Err   *Error `json:"err"`
}

// MaxPolicyFile bounds a file of settings, in bytes.
const MaxPolicyFile = 512 << 10

// PolicyDifference is a setting in which two roles differ.
type PolicyDifference struct {
	Name         string
	A, B         string // as text, see Policy.Value
	FromA, FromB PolicyOrigin
}

// ComparePolicies returns the settings in which two roles differ, in the order
// in which they are shown.
func ComparePolicies(a, b RolePage) []PolicyDifference {
	var out []PolicyDifference
	for _, name := range PolicyFields() {
		var x, y PolicySettings
		x.Make(a.Policy, name)
		y.Make(b.Policy, name)
		if !x.Equal(y) {
			out = append(out, PolicyDifference{Name: name, A: a.Policy.Value(name), B: b.Policy.Value(name), FromA: a.Origins[name], FromB: b.Origins[name]})
		}
	}
	return out
}

// setPolicy replaces the settings of one level.
func (d *decider) setPolicy(c SetPolicy) *Error {
	if err := d.may(PrivilegedRoleAdministrator); err != nil {
		return err
	}
	return d.setLevel(c.Level, c.Settings)
}

func (d *decider) setLevel(level string, set PolicySettings) *Error {
	e := d.entry(PolicyChanged)
	was := d.PolicyLevel(level)
	switch {
	case level == DefaultLevel:
		e.Detail = "defaults: "
	case strings.HasPrefix(level, "sy_"):
		s, ok := d.System(SystemID(level))
		if !ok {
			return Errorf(NotFound, "level", "system.unknown")
		}
		e.System, e.SystemName = s.ID, s.Name
	default:
		r, ok := d.Role(RoleID(level))
		if !ok {
			return Errorf(NotFound, "level", "role.unknown")
		}
		d.aboutRole(&e, r.ID)
	}
	if err := policySettings(set); err != nil {
		return err
	}
	if err := d.stages(set, was.Stages); err != nil {
		return err
	}
	e.Detail += policyDiff(was, set)
	d.record(e, PolicyLevel{Level: level, Settings: set})
	return nil
}

// CheckPolicy checks the limits of rules.md section 3. Who stages name, and
// whether they are enough, is looked at when they are stored.
func CheckPolicy(s PolicySettings) error {
	if err := policySettings(s); err != nil {
		return err
	}
	return nil
}

func policySettings(s PolicySettings) *Error {
	between := func(field string, v *Duration, min, max time.Duration) *Error {
		if v != nil && (v.Std() < min || v.Std() > max) {
			return Errorf(Invalid, field, "duration.between", "min", Span(min), "max", Span(max))
		}
		return nil
	}
	if err := between("max_duration", s.MaxDuration, MinMaxDuration, MaxMaxDuration); err != nil {
		return err
	}
	if err := between("eligible_for", s.EligibleFor, MinAssignmentFor, MaxAssignmentFor); err != nil {
		return err
	}
	if err := between("active_for", s.ActiveFor, MinAssignmentFor, MaxAssignmentFor); err != nil {
		return err
	}
	if err := between("approval_timeout", s.ApprovalTimeout, MinApprovalTimeout, MaxApprovalTimeout); err != nil {
		return err
	}
	for _, e := range PolicyEvents() {
		for _, a := range Audiences() {
			if r := *s.Notify(e, a); r != nil {
				if err := recipients(NotifyField(e, a), *r); err != nil {
					return err
				}
			}
		}
	}
	if s.DropOn != nil {
		if err := dropOn(*s.DropOn); err != nil {
			return err
		}
	}
	if s.TicketPattern != nil {
		if err := line("ticket_pattern", *s.TicketPattern, 0, MaxPattern); err != nil {
			return err
		}
		// Alone and as it is used: “\Qa” is an expression only alone.
		_, alone := regexp.Compile(*s.TicketPattern)
		if _, err := wholeMatch(*s.TicketPattern); alone != nil || err != nil {
			return Errorf(Invalid, "ticket_pattern", "pattern.malformed")
		}
	}
	return nil
}

// dropOn checks a set: each of the known reasons, once.
func dropOn(list []DropReason) *Error {
	for i, r := range list {
		if !slices.Contains(DropReasons(), r) || slices.Contains(list[:i], r) {
			return Errorf(Invalid, "drop_on", "drop_on.unknown", "value", shown(string(r), 40))
		}
	}
	return nil
}
