package model

import "github.com/stint-pim/stint/core"

// Removal is what the question before removing says.
type Removal struct {
	Title, Button string
	Lines         []string // what goes: one line an assignment, at most eight, then how many more
	Also          []string // what else ends, and why some can't be removed
	Possible      int      // how many the rules let go; 0: the button stays shut
	NeedsCode     bool
}

// RemovalOf reads the plan of a RemoveAssignments about rows. plan may be the
// zero Plan while the preview is under way.
func RemovalOf(say *Text, rows []core.AssignmentRow, plan core.Plan) Removal {
	const shown = 8
	n := len(rows)
	r := Removal{
		Title:     Count(say, "pages.assign.remove.title", n),
		Button:    Count(say, "pages.assign.remove.button", n),
		Possible:  n,
		NeedsCode: plan.NeedsCode,
	}
	for i, a := range rows {
		if i == shown {
			r.Lines = append(r.Lines, Count(say, "pages.assign.remove.more", n-shown))
			break
		}
		r.Lines = append(r.Lines, say.T("pages.assign.remove.line", "person", a.PrincipalName, "role", a.RoleName, "system", a.SystemName))
	}
	seen := map[string]bool{}
	tell := func(s string) {
		if s != "" && !seen[s] {
			seen[s] = true
			r.Also = append(r.Also, s)
		}
	}
	for _, note := range plan.Result.Notes {
		tell(say.Note(note))
	}
	for _, it := range plan.Result.Items {
		if it.Err != nil {
			r.Possible--
			tell(problem(say, it.Err))
		}
		for _, note := range it.Notes {
			tell(say.Note(note))
		}
	}
	return r
}
