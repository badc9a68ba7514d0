package model

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/stint-pim/stint/core"
)

// MaxMembers is how many people and groups one command may assign (core.Assign).
const MaxMembers = 200

// Limits of a justification (rules.md section 10).
const (
	minJustification = 5
	maxJustification = 500
)

// AssignStep is a page of the assignment wizard.
type AssignStep int

const (
	AssignRole AssignStep = iota
	AssignMembers
	AssignSetting
	AssignReview
	AssignResult
)

// Member is somebody chosen in the wizard: a person or a group.
type Member struct {
	Person  core.PersonRow
	Group   core.GroupRow // instead
	Account string        // of the person on the role's system; empty: none
	Read    bool          // Account has been read
}

// IsGroup reports whether it is a group, whose members all get the role.
func (m Member) IsGroup() bool { return m.Group.ID != "" }

// Name is what it is called.
func (m Member) Name() string {
	if m.IsGroup() {
		return m.Group.Name
	}
	return m.Person.Name
}

// same reports whether two are the same person or group.
func (m Member) same(o Member) bool { return m.Person.ID == o.Person.ID && m.Group.ID == o.Group.ID }

// AssignWizard is what has been chosen so far. It decides nothing: the last
// page asks Preview.
type AssignWizard struct {
	Role          core.RolePage
	Members       []Member
	Kind          core.AssignmentKind
	Permanent     bool
	Scheduled     bool // starts at Start instead of now
	Start, End    string
	Justification string
}

// NewAssignWizard begins with nothing chosen but eligible, the setting one should prefer.
func NewAssignWizard() *AssignWizard { return &AssignWizard{Kind: core.Eligible} }

// ChooseRole takes a role and sets the dates to what its policy allows at most.
// Members stay; their accounts are read anew where the system is another.
func (w *AssignWizard) ChooseRole(r core.RolePage, now time.Time) {
	if w.Role.Role.System != r.Role.System {
		for i := range w.Members {
			w.Members[i].Account, w.Members[i].Read = "", false
		}
	}
	w.Role = r
	w.ChooseKind(w.Kind, now)
}

// ChooseKind makes the assignment eligible or active, with the policy's longest
// end as the proposal. Permanent is proposed only for eligible: standing
// privilege is what Stint is there to avoid.
func (w *AssignWizard) ChooseKind(k core.AssignmentKind, now time.Time) {
	w.Kind = k
	allowed, longest := w.limit()
	w.Permanent = allowed && k == core.Eligible
	w.End = WriteMoment(now.Add(longest.Std()).Truncate(time.Minute), now.Location(), true)
	if longest >= core.Duration(48*time.Hour) {
		day := now.Add(longest.Std())
		w.End = day.AddDate(0, 0, -1).Format("2006-01-02")
	}
}

// limit is what the policy says about the chosen kind.
func (w *AssignWizard) limit() (permanent bool, longest core.Duration) {
	if w.Kind == core.Active {
		return w.Role.Policy.PermanentActive, w.Role.Policy.ActiveFor
	}
	return w.Role.Policy.PermanentEligible, w.Role.Policy.EligibleFor
}

// PermanentAllowed reports whether the policy lets the chosen kind have no end.
func (w *AssignWizard) PermanentAllowed() bool { p, _ := w.limit(); return p }

// LimitText says the policy's limits in one sentence.
func (w *AssignWizard) LimitText(say *Text) string {
	permanent, longest := w.limit()
	key := "pages.assign.limit.until"
	if permanent {
		key = "pages.assign.limit.permanent"
	}
	return say.T(key, "span", say.Duration(longest.Std()))
}

// NeedsAccount reports whether people need an account on the role's system;
// on Stint itself everyone is himself.
func (w *AssignWizard) NeedsAccount() bool { return w.Role.Role.System != core.StintSystem }

// Has reports whether m is chosen.
func (w *AssignWizard) Has(m Member) bool { return slices.ContainsFunc(w.Members, m.same) }

// Toggle adds a person or a group, or takes it off the list; it reports whether
// it is on it now. Beyond MaxMembers nothing is added.
func (w *AssignWizard) Toggle(m Member) bool {
	if i := slices.IndexFunc(w.Members, m.same); i >= 0 {
		w.Members = slices.Delete(slices.Clone(w.Members), i, i+1)
		return false
	}
	if len(w.Members) >= MaxMembers {
		return false
	}
	w.Members = append(w.Members, m)
	return true
}

// Chosen counts what is chosen: 3 people, 2 groups, or both.
func (w *AssignWizard) Chosen(say *Text) string {
	groups := 0
	for _, m := range w.Members {
		if m.IsGroup() {
			groups++
		}
	}
	return peopleAndGroups(say, len(w.Members)-groups, groups)
}

func peopleAndGroups(say *Text, people, groups int) string {
	switch {
	case groups == 0:
		return Count(say, "pages.assign.wizard.chosen.n", people)
	case people == 0:
		return Count(say, "pages.assign.wizard.groups.n", groups)
	}
	return say.T("pages.assign.wizard.both", "people", Count(say, "pages.assign.wizard.chosen.n", people), "groups", Count(say, "pages.assign.wizard.groups.n", groups))
}

// SetAccounts notes the accounts of a member that were read or just set.
func (w *AssignWizard) SetAccounts(p core.PersonID, accounts []core.AccountRow) {
	for i := range w.Members {
		if w.Members[i].IsGroup() || w.Members[i].Person.ID != p {
			continue
		}
		w.Members[i].Account, w.Members[i].Read = "", true
		for _, a := range accounts {
			if a.System == w.Role.Role.System {
				w.Members[i].Account = a.External
			}
		}
	}
}

// Lacking are the members who have no account on the role's system.
func (w *AssignWizard) Lacking() []Member {
	var out []Member
	if !w.NeedsAccount() {
		return out
	}
	for _, m := range w.Members {
		if m.Read && m.Account == "" {
			out = append(out, m)
		}
	}
	return out
}

// JustificationNeeded reports whether the policy wants a reason for this kind.
func (w *AssignWizard) JustificationNeeded() bool {
	return w.Kind == core.Active && w.Role.Policy.AssignJustification
}

// Check says what a page still lacks, or nil. The text is a sentence of the
// catalogue; the field names the place of the page.
func (w *AssignWizard) Check(s AssignStep, now time.Time) error {
	switch s {
	case AssignRole:
		if w.Role.Role.ID == "" {
			return core.Errorf(core.Invalid, "role", "pages.assign.need.role")
		}
	case AssignMembers:
		if len(w.Members) == 0 {
			return core.Errorf(core.Invalid, "principals", "pages.assign.need.members")
		}
		if l := w.Lacking(); len(l) > 0 {
			return core.Errorf(core.Invalid, "principals", "pages.assign.need.account", "person", l[0].Person.Name, "system", w.Role.Role.SystemName)
		}
	case AssignSetting:
		_, err := w.Command(now)
		return err
	}
	return nil
}

// Command reads the whole wizard.
func (w *AssignWizard) Command(now time.Time) (core.Assign, error) {
	c := core.Assign{Role: w.Role.Role.ID, Scope: "/", Kind: w.Kind, Justification: strings.TrimSpace(w.Justification)}
	for _, m := range w.Members {
		if m.IsGroup() {
			c.Groups = append(c.Groups, m.Group.ID)
		} else {
			c.Principals = append(c.Principals, m.Person.ID)
		}
	}
	start := now
	if w.Scheduled {
		t, err := ParseMoment(w.Start, now, false)
		if err != nil {
			return c, fieldError(err, "start")
		}
		if t.Before(now) {
			return c, core.Errorf(core.Invalid, "start", "pages.assign.date.past")
		}
		c.Start, start = t, t
	}
	permanent, longest := w.limit()
	if w.Permanent {
		if !permanent {
			return c, core.Errorf(core.Invalid, "end", "pages.assign.date.no_permanent")
		}
	} else {
		end, err := ParseMoment(w.End, now, true)
		if err != nil {
			return c, fieldError(err, "end")
		}
		if !end.After(start) {
			return c, core.Errorf(core.Invalid, "end", "pages.assign.date.order")
		}
		if end.Sub(start) > longest.Std() {
			return c, core.Errorf(core.Invalid, "end", "pages.assign.date.too_long", "span", EditSpan(longest))
		}
		c.End = end
	}
	switch n := utf8.RuneCountInString(c.Justification); {
	case n == 0 && w.JustificationNeeded():
		return c, core.Errorf(core.Invalid, "justification", "pages.assign.need.justification")
	case n < minJustification && w.JustificationNeeded(), n > maxJustification:
		return c, core.Errorf(core.Invalid, "justification", "pages.assign.justification.length")
	}
	return c, nil
}
