package cmd_test

import (
	"path"
	"slices"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

// clean is a small tree that keeps every rule, among it things that look
// like breaches and are none.
var clean = map[string]string{
	"zz_deps.go":                  "//go:build stint_never\n\npackage stint\n\nimport _ \"fyne.io/fyne/v2/app\"\n",
	"core/doc.go":                 "// Package core is the heart.\npackage core\n\nimport \"time\"\n\nvar _ time.Time\n",
	"core/more.go":                "package core\n",
	"core/x_test.go":              "package core_test\n\nimport \"" + module + "/storage/memory\"\n\nfunc init() { go memory.Open() }\n",
	"core/job/job.go":             "// Package job delivers.\npackage job\n\nimport \"modernc.org/sqlite\"\n",
	"core/connector/connector.go": "// Package connector is the border.\npackage connector\n\nimport \"" + module + "/core\"\n",
	"core/connector/connectortest/suite.go": "// Package connectortest is for drivers.\npackage connectortest\n\n" +
		"import (\n\t\"testing\"\n\n\t\"" + module + "/core/connector/memory\"\n)\n",
	"core/connector/postgres/driver.go":           "// Package postgres drives.\npackage postgres\n\nimport \"" + module + "/core/connector/postgres/internal/quote\"\n",
	"core/connector/postgres/internal/quote/q.go": "// Package quote quotes.\npackage quote\n",
	"gui/gui.go":                "// Package gui shows.\npackage gui\n\nimport (\n\t\"fyne.io/fyne/v2\"\n\n\t\"" + module + "/gui/model\"\n)\n\nvar _ fyne.App\n",
	"gui/async.go":              "package gui\n\nimport \"fyne.io/fyne/v2\"\n\nfunc background(f func()) { go func() { fyne.Do(f) }() }\n",
	"gui/model/model.go":        "// Package model says what is shown.\npackage model\n\nimport \"" + module + "/core\"\n",
	"gui/guitest/demo/main.go":  "// The demo opens one screen.\npackage main\n\nimport \"fyne.io/fyne/v2/app\"\n\nfunc main() { go app.New() }\n",
	"cmd/stint-desktop/main.go": "// The window.\npackage main\n\nimport (\n\t\"os\"\n\n\t\"fyne.io/fyne/v2/app\"\n)\n\nfunc main() { app.New(); os.Exit(1) }\n",
	"cmd/dev/testdata/bad/x.go": "package util\n\nfunc init() {}\n",
	"cmd/dev/main.go":           "// Dev is for newcomers.\npackage main\n\nimport \"" + module + "/cmd/dev/need\"\n",
	"cmd/dev/need/need.go":      "// Package need finds what is missing.\npackage need\n",
	"storage/memory/memory.go":  "// Package memory keeps nothing.\npackage memory\n\nfunc Open() {}\n",
	"tools/go.mod":              "module tools\n",
	"tools/common/common.go":    "package common\n",
	".cache/common/common.go":   "package common\n",
}

func TestACleanTreePasses(t *testing.T) {
	if got := check(read(t, clean)); len(got) > 0 {
		t.Errorf("findings in a clean tree: %v", got)
	}
}

// Each rule is broken once on purpose; a rule that can't fail guards nothing.
func TestEachRuleCanFail(t *testing.T) {
	planted := []struct {
		rule, file, text string
	}{
		{ruleRoom, "attic/attic.go", "// Package attic is nobody's.\npackage attic\n"},
		{ruleRoom, "stint.go", "// Package stint is nobody's.\npackage stint\n"},
		{ruleArrow, "core/a.go", "package core\n\nimport \"" + module + "/core/engine\"\n"},
		{ruleArrow, "gui/a.go", "package gui\n\nimport \"" + module + "/storage\"\n"},
		{ruleArrow, "gui/b.go", "package gui\n\nimport s \"" + module + "/core/engine\"\n"},
		{ruleArrow, "gui/c.go", "package gui\n\nimport \"" + module + "/core/house\"\n"},
		{ruleArrow, "gui/model/a.go", "package model\n\nimport \"" + module + "/gui/part\"\n"},
		{ruleArrow, "core/engine/a.go", "// Package engine commits.\npackage engine\n\nimport _ \"" + module + "/core/connector/memory\"\n"},
		{ruleArrow, "core/house/a.go", "// Package house opens.\npackage house\n\nimport \"" + module + "/gui\"\n"},
		{ruleArrow, "core/connector/ldap/a.go", "// Package ldap drives.\npackage ldap\n\nimport \"" + module + "/core/connector/postgres\"\n"},
		{ruleArrow, "core/connector/ldap/b.go", "// Package ldap drives.\npackage ldap\n\nimport \"" + module + "/core/connector/postgres/internal/quote\"\n"},
		{ruleArrow, "resources/a.go", "// Package resources holds files.\npackage resources\n\nimport \"" + module + "/core\"\n"},
		{ruleArrow, "storage/a_windows.go", "// Package storage keeps.\npackage storage\n\nimport \"" + module + "/core/engine\"\n"},
		{ruleArrow, "cmd/stint/a.go", "// Stint serves.\npackage main\n\nimport \"" + module + "/gui\"\n"},
		{ruleStd, "core/a.go", "package core\n\nimport \"github.com/google/uuid\"\n"},
		{ruleStd, "gui/model/a.go", "package model\n\nimport \"fyne.io/fyne/v2\"\n"},
		{ruleStd, "cmd/dev/a.go", "package main\n\nimport \"github.com/spf13/cobra\"\n"},
		{ruleFyne, "core/service/a.go", "// Package service serves.\npackage service\n\nimport \"fyne.io/fyne/v2/widget\"\n"},
		{ruleFyne, "cmd/stint/a.go", "// Stint serves.\npackage main\n\nimport \"fyne.io/fyne/v2\"\n"},
		{ruleWindow, "gui/a.go", "package gui\n\nimport \"fyne.io/fyne/v2/app\"\n"},
		{ruleWindow, "gui/a_test.go", "package gui_test\n\nimport \"fyne.io/fyne/v2/app\"\n"},
		{ruleDriver, "core/engine/a.go", "// Package engine commits.\npackage engine\n\nimport \"github.com/jackc/pgx/v5\"\n"},
		{ruleDriver, "core/reconcile/a.go", "// Package reconcile mends.\npackage reconcile\n\nimport \"os/exec\"\n"},
		{ruleDouble, "mail/a.go", "// Package mail speaks.\npackage mail\n\nimport \"" + module + "/mail/mailtest\"\n"},
		{ruleDouble, "mail/a.go", "// Package mail speaks.\npackage mail\n\nimport \"testing\"\n"},
		{ruleC, "core/auth/a.go", "// Package auth proves.\npackage auth\n\nimport \"C\"\n"},
		{ruleAsync, "gui/a.go", "package gui\n\nfunc a() { go a() }\n"},
		{ruleAsync, "gui/part/a.go", "// Package part draws.\npackage part\n\nimport f2 \"fyne.io/fyne/v2\"\n\nfunc a() { f2.Do(a) }\n"},
		{ruleAsync, "gui/a.go", "package gui\n\nimport \"fyne.io/fyne/v2\"\n\nvar later = fyne.DoAndWait\n"},
		{ruleAsync, "gui/a.go", "package gui\n\nimport \"time\"\n\nfunc a() { time.AfterFunc(1, a) }\n"},
		{ruleAsync, "gui/a.go", "package gui\n\nimport \"sync\"\n\nfunc a() { var w sync.WaitGroup; w.Go(a) }\n"},
		{ruleExit, "core/house/a.go", "// Package house opens.\npackage house\n\nimport \"os\"\n\nfunc a() { os.Exit(1) }\n"},
		{ruleExit, "gui/a.go", "package gui\n\nimport \"log\"\n\nfunc a() { log.Fatal() }\n"},
		{ruleInit, "core/a.go", "package core\n\nfunc init() {}\n"},
		{ruleName, "core/connector/util/a.go", "// Package util is.\npackage util\n"},
		{ruleName, "mail/helpers/a.go", "// Package letters hides in a poor folder.\npackage letters\n"},
		{ruleComment, "mail/a.go", "package mail\n"},
		{ruleComment, "mail/a.go", "// Some words.\npackage mail\n"},
		{ruleComment, "cmd/stint/a.go", "package main\n"},
	}
	var seen []string
	for _, p := range planted {
		tree := map[string]string{p.file: p.text}
		for name, text := range clean {
			tree[name] = text
		}
		got := check(read(t, tree))
		if len(got) != 1 || got[0].rule != p.rule || path.Dir(got[0].at) != path.Dir(p.file) {
			t.Errorf("%s with\n%s\ngot %v, want one breach of %q", p.file, p.text, got, p.rule)
		}
		seen = append(seen, p.rule)
	}
	slices.Sort(seen)
	want := []string{ruleRoom, ruleArrow, ruleStd, ruleFyne, ruleWindow, ruleDriver, ruleDouble, ruleC, ruleAsync, ruleExit, ruleInit, ruleName, ruleComment}
	slices.Sort(want)
	if d := cmp.Diff(want, slices.Compact(seen)); d != "" {
		t.Errorf("rules broken on purpose (-want +got):\n%s", d)
	}
}

func read(t *testing.T, files map[string]string) []pkg {
	t.Helper()
	root := fstest.MapFS{}
	for name, text := range files {
		root[name] = &fstest.MapFile{Data: []byte(text)}
	}
	tree, err := readTree(root)
	if err != nil {
		t.Fatal(err)
	}
	return tree
}
