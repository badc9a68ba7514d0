package policyfile_test

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/policyfile"
)

// catalog is a small company with names that a file must not stumble over.
func catalog() policyfile.Catalog {
	people := map[core.PersonID]string{"pe_ann": "ann", "pe_bob": "bob", "pe_no": "no", "pe_12": "12"}
	groups := map[core.GroupID]string{"gp_leads": "Leads", "gp_on": "on", "gp_odd": "null: # “odd”"}
	return policyfile.Catalog{
		GroupName: func(g core.GroupID) (string, bool) { n, ok := groups[g]; return n, ok },
		Group: func(name string) (core.GroupID, bool) {
			for id, n := range groups {
				if strings.EqualFold(n, name) {
					return id, true
				}
			}
			return core.GroupID(name), name == "gp_gone"
		},
		Systems: []core.System{{ID: core.StintSystem, Name: "Stint"}, {ID: "sy_db", Name: "prod-db"}, {ID: "sy_odd", Name: "null: # “odd”"}},
		Roles: append(core.BuiltInRoles(),
			core.Role{ID: "ro_dba", System: "sy_db", Name: "dba", External: "dba"}, core.Role{ID: "ro_ops", System: "sy_db", Name: "ops", External: "CN=Ops,DC=x"},
			core.Role{ID: "ro_true", System: "sy_odd", Name: "true", External: "0x10"}, core.Role{ID: "ro_tab", System: "sy_odd", Name: "a  b'\"", External: "a\tb\nc "},
			core.Role{ID: "ro_twin1", System: "sy_odd", Name: "twin", External: "twin-1"}, core.Role{ID: "ro_twin2", System: "sy_odd", Name: "twin", External: "twin-2"}),
		Login: func(p core.PersonID) (string, bool) { l, ok := people[p]; return l, ok },
		Person: func(login string) (core.PersonID, bool) {
			for id, l := range people {
				if strings.EqualFold(l, login) {
					return id, true
				}
			}
			return "", false
		},
	}
}

func ptr[T any](v T) *T { return &v }

// sample makes some of the settings, and each at least sometimes.
func sample(t *rapid.T) core.PolicySettings {
	var s core.PolicySettings
	v := reflect.ValueOf(&s).Elem()
	for i := range v.NumField() {
		if !rapid.Bool().Draw(t, v.Type().Field(i).Name) {
			continue
		}
		v.Field(i).Set(reflect.New(v.Field(i).Type().Elem()))
		switch to := v.Field(i).Interface().(type) {
		case *bool:
			*to = rapid.Bool().Draw(t, "switch")
		case *core.Duration:
			// The limits differ; what all take is a day, with seconds or without.
			*to = core.Duration(24*time.Hour) + core.Duration(0)
			if v.Type().Field(i).Name == "MaxDuration" {
				*to = core.Duration(time.Duration(rapid.IntRange(1800, 86400).Draw(t, "seconds")) * time.Second)
			}
		case *string:
			*to = rapid.SampledFrom([]string{"", "CHG-[0-9]+", "yes", "~", "#x", "a: b", " ", `\d"'`, "0123"}).Draw(t, "pattern")
		case *[]core.DropReason:
			*to = core.DropReasons()[:rapid.IntRange(0, 3).Draw(t, "reasons")]
		case *core.Recipients:
			*to = core.Recipients{Defaults: rapid.Bool().Draw(t, "defaults"), Critical: rapid.Bool().Draw(t, "critical")}
			for i := range rapid.IntRange(0, 3).Draw(t, "addresses") {
				to.Extra = append(to.Extra, fmt.Sprintf("%d@example.org", i))
			}
		case *[]core.Stage:
			for range rapid.IntRange(1, core.MaxStages).Draw(t, "stages") {
				st := core.Stage{Quorum: rapid.IntRange(1, core.MaxQuorum).Draw(t, "quorum"), Approvers: approvers(t)}
				if rapid.Bool().Draw(t, "escalates") {
					st.EscalateAfter, st.EscalateTo = core.Duration(2*time.Hour), []core.Approver{{Person: "pe_no"}}
				}
				*to = append(*to, st)
			}
		default:
			t.Fatalf("no sample of a %T", to)
		}
	}
	return s
}

func approvers(t *rapid.T) []core.Approver {
	all := []core.Approver{{Group: "gp_odd"}, {Person: "pe_ann"}, {Group: "gp_on"}, {Group: "gp_gone"}, {Person: "pe_12"}, {Role: "ro_twin1"}, {Role: "ro_tab"}, {Role: core.StintRole(core.GlobalAdministrator)}}
	return all[:rapid.IntRange(0, len(all)).Draw(t, "approvers")]
}

// TestRoundTrip: what is written is read as what it was, for any settings at
// any levels, and nothing else is in the file.
func TestRoundTrip(t *testing.T) {
	c := catalog()
	levels := []string{core.DefaultLevel, "sy_db", "sy_odd", string(core.StintSystem), "ro_dba", "ro_ops", "ro_true", "ro_tab", "ro_twin2"}
	rapid.Check(t, func(t *rapid.T) {
		want := map[string]core.PolicySettings{}
		for _, l := range levels {
			if rapid.Bool().Draw(t, l) {
				want[l] = sample(t)
			}
		}
		file, err := policyfile.Write(c, want)
		if err != nil {
			t.Fatal(err)
		}
		got, problems := policyfile.Read(file, c)
		if len(problems) > 0 {
			t.Fatalf("%+v in\n%s", problems[0], file)
		}
		for l, s := range want {
			if len(s.Made()) == 0 {
				delete(want, l)
			}
		}
		for _, l := range got {
			if !l.Settings.Equal(want[l.Level]) {
				t.Fatalf("%s: %s\nfrom\n%s", l.Level, cmp.Diff(want[l.Level], l.Settings), file)
			}
			delete(want, l.Level)
		}
		if len(want) > 0 {
			t.Fatalf("not in the file: %v\n%s", want, file)
		}
	})
}

// TestExample keeps one file as people see it.
func TestExample(t *testing.T) {
	set := core.PolicySettings{
		MaxDuration: ptr(core.Duration(90 * time.Minute)), RequireTicket: ptr(true), TicketPattern: ptr("CHG-[0-9]+"), DropOn: &[]core.DropReason{core.DropOnLock, core.DropOnSignOut},
		RequireApproval: ptr(true), Stages: &[]core.Stage{
			{Quorum: 2, Approvers: []core.Approver{{Person: "pe_ann"}, {Person: "pe_bob"}, {Group: "gp_leads"}, {Role: "ro_ops"}}, EscalateAfter: core.Duration(4 * time.Hour), EscalateTo: []core.Approver{{Person: "pe_no"}}},
			{Quorum: 1}},
		EligibleFor: ptr(core.Duration(90 * 24 * time.Hour)), NotifyActivatedAdmins: &core.Recipients{Defaults: true, Extra: []string{"soc@example.org"}, Critical: true},
	}
	file, err := policyfile.Write(catalog(), map[string]core.PolicySettings{
		core.DefaultLevel: {MaxDuration: ptr(core.Duration(4 * time.Hour))}, "sy_db": {PermanentActive: ptr(false)}, "ro_dba": set, "ro_true": {RequireMFA: ptr(false)}})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("testdata", "example.yaml")
	if os.Getenv("STINT_UPDATE") != "" {
		if err := os.WriteFile(path, file, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (write it with STINT_UPDATE=1)", err)
	}
	if diff := cmp.Diff(string(want), string(file)); diff != "" {
		t.Error(diff)
	}
}

const head = "stint: policy\nversion: 1\n"

// TestRefused: what is wrong is told with its line, its field and the limit,
// and nothing of the file is taken.
func TestRefused(t *testing.T) {
	def := func(s string) string { return head + "default:\n  " + s + "\n" }
	sys := func(s string) string { return head + "systems:\n- name: prod-db\n" + s + "\n" }
	role := func(s string) string { return sys("  roles:\n  - name: dba\n    settings:\n      " + s) }
	for name, tt := range map[string]struct {
		file  string
		line  int
		field string
		key   core.TextKey
		says  string
	}{
		"nothing":                 {"", 0, "file", "policyfile.empty", ""},
		"only a comment":          {"# x\n", 0, "file", "policyfile.empty", ""},
		"null":                    {"~\n", 0, "file", "policyfile.empty", ""},
		"too long":                {strings.Repeat("#", core.MaxPolicyFile+1), 0, "file", "policyfile.long", "524288"},
		"no YAML":                 {head + "default: {", 3, "file", "policyfile.yaml", ""},
		"a tab":                   {head + "default:\n\tmax_duration: 1h\n", 4, "file", "policyfile.yaml", ""},
		"no text":                 {head + "default: \xff\n", 0, "file", "policyfile.yaml", "UTF-8"},
		"two documents":           {head + "---\nstint: policy\n", 3, "file", "policyfile.documents", ""},
		"an anchor":               {head + "default: &x\n  require_mfa: true\n", 3, "file", "policyfile.anchor", ""},
		"a bomb":                  {"a: &a [x,x]\nb: &b [*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b]\nd: [*c,*c,*c,*c]\n", 1, "file", "policyfile.anchor", ""},
		"an alias":                {head + "default:\n  drop_on: [lock]\n  require_mfa: *x\n", 0, "file", "policyfile.yaml", "x"},
		"a merge key":             {def("<<: {require_mfa: true}"), 4, "file", "policyfile.anchor", ""},
		"a tag":                   {def("require_mfa: !!str true"), 4, "file", "policyfile.tag", "!!str"},
		"a program":               {def("ticket_pattern: !ruby/object:Gem x"), 4, "file", "policyfile.tag", "!ruby"},
		"deep":                    {def("drop_on: " + strings.Repeat("[", 40) + strings.Repeat("]", 40)), 4, "file", "policyfile.deep", "16"},
		"a list":                  {"- stint\n", 1, "file", "policyfile.want_map", "file"},
		"another kind":            {"stint: people\nversion: 1\n", 1, "stint", "policyfile.kind", ""},
		"another version":         {"stint: policy\nversion: 2\n", 2, "version", "policyfile.version", "2"},
		"no version":              {"stint: policy\n", 1, "version", "policyfile.version", "1"},
		"an unknown part":         {head + "people: {}\n", 3, "file", "policyfile.key", "people"},
		"an unknown setting":      {def("max_durations: 4h"), 4, "settings", "policyfile.key", "max_duration"},
		"a setting twice":         {def("require_mfa: true\n  require_mfa: false"), 5, "require_mfa", "policyfile.twice", "4"},
		"no unit":                 {def("max_duration: 8"), 4, "max_duration", "policyfile.want_span", "8h"},
		"another unit":            {def("max_duration: 8 fortnights"), 4, "max_duration", "policyfile.want_span", "fortnights"},
		"too short":               {role("max_duration: 29m"), 8, "max_duration", "duration.between", "30 min"},
		"too long a time":         {role("max_duration: 25h"), 8, "max_duration", "duration.between", "1 d"},
		"no switch":               {def("require_mfa: yes please"), 4, "require_mfa", "policyfile.want_switch", "true or false"},
		"a switch in quotes":      {def(`require_mfa: "true"`), 4, "require_mfa", "policyfile.want_switch", ""},
		"a number for a text":     {def("ticket_pattern: 12"), 4, "ticket_pattern", "policyfile.want_text", "quotes"},
		"a bad pattern":           {def(`ticket_pattern: "("`), 4, "ticket_pattern", "pattern.malformed", ""},
		"dropped by rain":         {def("drop_on: [lock, rain]"), 4, "drop_on", "drop_on.unknown", "rain"},
		"no list":                 {def("drop_on: lock"), 4, "drop_on", "policyfile.want_list", ""},
		"no address":              {def("notify_active_person:\n    extra: [nobody]"), 4, "notify_active_person", "mail.malformed", "nobody"},
		"an unknown recipient":    {def("notify_active_person:\n    copy: a@b.c"), 5, "notify_active_person", "policyfile.key", "defaults"},
		"a big quorum":            {def("approval_stages:\n  - quorum: 11"), 5, "quorum", "policyfile.want_number", "10"},
		"nobody's login":          {def("approval_stages:\n  - approvers:\n    - person: zoe"), 6, "person", "policyfile.person", "zoe"},
		"an unknown group":        {def("approval_stages:\n  - approvers:\n    - person: ann\n    - group: Followers"), 7, "group", "policyfile.group", "Followers"},
		"a group escalated to":    {def("approval_stages:\n  - escalate_after: 1h\n    escalate_to:\n    - group: Followers"), 7, "group", "policyfile.group", "Followers"},
		"a group and a person":    {def("approval_stages:\n  - approvers:\n    - {person: ann, group: Leads}"), 6, "approvers", "policyfile.approver", "group"},
		"a group of a role":       {def("approval_stages:\n  - approvers:\n    - {group: Leads, role: dba}"), 6, "approvers", "policyfile.approver", ""},
		"a group without a name":  {def("approval_stages:\n  - approvers:\n    - group: ''"), 6, "group", "policyfile.want_text", ""},
		"no approver":             {def("approval_stages:\n  - approvers:\n    - {person: ann, system: prod-db}"), 6, "approvers", "policyfile.approver", ""},
		"approvers of a stranger": {def("approval_stages:\n  - approvers:\n    - {role: dba, system: nowhere}"), 6, "system", "policyfile.system", "nowhere"},
		"an unknown system":       {head + "systems:\n- name: prod\n", 4, "name", "policyfile.system", "prod"},
		"a system without name":   {head + "systems:\n- settings: {}\n", 4, "name", "policyfile.needs", "name"},
		"an unknown role":         {sys("  roles:\n  - name: dbo\n    settings: {}"), 6, "name", "policyfile.role", "dbo"},
		"an unknown id":           {sys("  roles:\n  - external: dbo\n    settings: {}"), 6, "external", "policyfile.external", "dbo"},
		"id and name disagree":    {sys("  roles:\n  - external: dba\n    name: ops\n    settings: {}"), 7, "name", "policyfile.mismatch", "dba"},
		"a role without settings": {sys("  roles:\n  - name: dba"), 6, "settings", "policyfile.needs", ""},
		"a name of two":           {head + "systems:\n- name: 'null: # “odd”'\n  roles:\n  - name: twin\n    settings: {}\n", 6, "name", "policyfile.many_roles", "external"},
		"a role twice":            {sys("  roles:\n  - name: dba\n    settings: {}\n  - external: dba\n    settings: {}"), 9, "settings", "policyfile.level_twice", "7"},
		"a system twice":          {head + "systems:\n- name: prod-db\n  settings: {}\n- name: PROD-DB\n  settings: {}\n", 7, "settings", "policyfile.level_twice", "5"},
	} {
		t.Run(name, func(t *testing.T) {
			levels, problems := policyfile.Read([]byte(tt.file), catalog())
			if len(levels) > 0 || len(problems) == 0 {
				t.Fatalf("got %d levels and %d problems", len(levels), len(problems))
			}
			p := problems[0]
			if p.Line != tt.line || p.Field != tt.field || p.Err.Key != tt.key || !strings.Contains(p.Err.Message, tt.says) || strings.Contains(p.Err.Message, "{") && tt.key != "policyfile.key" {
				t.Errorf("got line %d, field %s, %s: %s", p.Line, p.Field, p.Err.Key, p.Err.Message)
			}
		})
	}
}

// TestManyProblems: they come in the order of the file, and not without end.
func TestManyProblems(t *testing.T) {
	var b strings.Builder
	b.WriteString(head + "default:\n")
	for i := range 60 {
		fmt.Fprintf(&b, "  no_such_%d: 1\n", i)
	}
	_, problems := policyfile.Read([]byte(b.String()), catalog())
	var lines []int
	for _, p := range problems {
		lines = append(lines, p.Line)
	}
	if len(lines) != 20 || !slices.IsSorted(lines) || lines[0] != 4 {
		t.Errorf("lines %v", lines)
	}
}

// TestWhatIsRead: names of roles and ids, short forms, and that an empty level
// takes all its settings back.
func TestWhatIsRead(t *testing.T) {
	levels, problems := policyfile.Read([]byte(head+`
default: {}
systems:
- name: PROD-DB
  roles:
  - external: CN=Ops,DC=x
    settings:
      max_duration: PT45M
      notify_activated_person: {}
      approval_stages:
      - approvers:
        - {person: ANN}
        - {group: leads}
        - {external: twin-2, system: 'null: # “odd”'}
`), catalog())
	if len(problems) > 0 {
		t.Fatalf("%+v", problems[0])
	}
	want := []policyfile.Level{
		{Level: core.DefaultLevel, Name: "default", Line: 4, Lines: map[string]int{}},
		{Level: "ro_ops", Name: "ops@prod-db", Line: 9, Lines: map[string]int{"max_duration": 10, "notify_activated_person": 11, "approval_stages": 12}, Settings: core.PolicySettings{
			MaxDuration: ptr(core.Duration(45 * time.Minute)), NotifyActivatedPerson: &core.Recipients{Defaults: true},
			Stages: &[]core.Stage{{Quorum: 1, Approvers: []core.Approver{{Person: "pe_ann"}, {Group: "gp_leads"}, {Role: "ro_twin2"}}}},
		}},
	}
	if diff := cmp.Diff(want, levels); diff != "" {
		t.Error(diff)
	}
}

func TestReadSetting(t *testing.T) {
	set, problems := policyfile.ReadSetting("notify_activated_admins", "{defaults: false, extra: [soc@example.org]}", catalog())
	want := core.PolicySettings{NotifyActivatedAdmins: &core.Recipients{Extra: []string{"soc@example.org"}}}
	if diff := cmp.Diff(want, set); diff != "" || len(problems) > 0 {
		t.Errorf("%v %s", problems, diff)
	}
	for name, value := range map[string]string{"no_such": "1", "max_duration": "8", "require_mfa": "maybe", "drop_on": "[rain]", "ticket_pattern": "a: b"} {
		if _, problems := policyfile.ReadSetting(name, value, catalog()); len(problems) != 1 || problems[0].Line != 0 {
			t.Errorf("%s=%s: %+v", name, value, problems)
		}
	}
}

// FuzzRead: no file makes the reader fall over, and what it takes it would
// write and read again as the same.
func FuzzRead(f *testing.F) {
	c := catalog()
	if example, err := os.ReadFile(filepath.Join("testdata", "example.yaml")); err == nil {
		f.Add(example)
	}
	f.Add([]byte(head + "default:\n  max_duration: 8h\n"))
	f.Add([]byte("a: &a [x]\nb: *a\n<<: *a\n"))
	f.Add([]byte(head + "systems:\n- name: prod-db\n  roles:\n  - {name: dba, settings: {drop_on: [lock]}}\n"))
	f.Fuzz(func(t *testing.T, file []byte) {
		levels, problems := policyfile.Read(file, c)
		if (len(levels) > 0) && len(problems) > 0 {
			t.Fatal("levels in spite of problems")
		}
		for _, p := range problems {
			if p.Err == nil || p.Err.Message == "" || p.Line < 0 {
				t.Fatalf("%+v", p)
			}
		}
		set := map[string]core.PolicySettings{}
		for _, l := range levels {
			set[l.Level] = l.Settings
		}
		out, err := policyfile.Write(c, set)
		if err != nil {
			t.Fatal(err)
		}
		again, problems := policyfile.Read(out, c)
		if len(problems) > 0 {
			t.Fatalf("%+v\n%s", problems[0], out)
		}
		for _, l := range again {
			if !l.Settings.Equal(set[l.Level]) {
				t.Fatalf("%s: %s", l.Level, cmp.Diff(set[l.Level], l.Settings))
			}
		}
	})
}
