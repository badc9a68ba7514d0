package core_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stint-pim/stint/core"
)

// TestPolicyTable holds the list of settings against the two structures: a
// field that the list misses would be stored and never obeyed.
func TestPolicyTable(t *testing.T) {
	names := func(of reflect.Type) (out []string) {
		for i := range of.NumField() {
			name, _, _ := strings.Cut(of.Field(i).Tag.Get("json"), ",")
			out = append(out, name)
		}
		return out
	}
	want := core.PolicyFields()
	for _, of := range []reflect.Type{reflect.TypeFor[core.Policy](), reflect.TypeFor[core.PolicySettings]()} {
		if diff := cmp.Diff(want, names(of)); diff != "" {
			t.Errorf("%s has other settings than the list (-list +struct):\n%s", of.Name(), diff)
		}
	}
}

// TestEachSettingIsInheritedAlone makes each setting at each level in turn, to
// something other than the built-in value, and looks for it in what holds.
func TestEachSettingIsInheritedAlone(t *testing.T) {
	built := core.DefaultPolicy()
	for i, name := range core.PolicyFields() {
		other := otherSettings(t)
		for at, want := range []core.PolicyOrigin{core.OriginDefault, core.OriginSystem, core.OriginRole} {
			var levels [3]core.PolicySettings
			levels[at].Take(other, name)
			p, from := core.ResolvePolicy(levels[0], levels[1], levels[2])
			text, ok := other.Value(name)
			if got := p.Value(name); !ok || got != text || got == built.Value(name) {
				t.Errorf("%s made at %s: got %q, want %q (built-in %q)", name, want, got, text, built.Value(name))
			}
			for _, f := range core.PolicyFields() {
				if f == name && from[f] != want || f != name && (from[f] != core.OriginBuiltIn || p.Value(f) != built.Value(f)) {
					t.Errorf("%s made at %s: %s comes from %s with %q", name, want, f, from[f], p.Value(f))
				}
			}
			levels[at].Take(core.PolicySettings{}, name)
			if !reflect.DeepEqual(levels[at], core.PolicySettings{}) {
				t.Errorf("%s stays after it was taken back", name)
			}
		}
		if reflect.ValueOf(other).Field(i).IsNil() {
			t.Errorf("%s is not made", name)
		}
	}
}

// otherSettings makes every setting to something that isn't built in.
func otherSettings(t *testing.T) core.PolicySettings {
	t.Helper()
	p := core.DefaultPolicy()
	var s core.PolicySettings
	v, from := reflect.ValueOf(&s).Elem(), reflect.ValueOf(p)
	for i := range v.NumField() {
		v.Field(i).Set(reflect.New(v.Field(i).Type().Elem()))
		to, was := v.Field(i).Elem(), from.Field(i)
		switch x := was.Interface().(type) {
		case bool:
			to.SetBool(!x)
		case core.Duration:
			to.SetInt(int64(x) / 2)
		case string:
			to.SetString("CHG-1")
		case []core.DropReason:
			to.Set(reflect.ValueOf([]core.DropReason{core.DropOnSleep}))
		case []core.Stage:
			to.Set(reflect.ValueOf([]core.Stage{{Quorum: 2}}))
		case core.Recipients:
			to.Set(reflect.ValueOf(core.Recipients{Extra: []string{"desk@example.org"}, Critical: true}))
		default:
			t.Fatalf("no other value for a %T", x)
		}
	}
	return s
}
