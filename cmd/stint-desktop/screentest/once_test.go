package screentest_test

import (
	"context"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/jezek/xgb/xproto"
)

// TestASecondStartRaisesTheFirst minimises the window and starts the program
// again: it ends at once, there is no second window, and the first is in sight.
func TestASecondStartRaisesTheFirst(t *testing.T) {
	if testing.Short() {
		return // its parts: cmd/stint-desktop TestSecondStart…
	}
	dir, s := t.TempDir(), newScreen(t)
	r := s.start(t, program(t, "."), "-data", dir)
	visible := func() bool {
		a, err := xproto.GetWindowAttributes(s.x, r.win).Reply()
		return err == nil && a.MapState == xproto.MapStateViewable
	}
	s.minimise(t, r.win)
	within(t, 5*time.Second, "the window is minimised", func() bool { return !visible() })
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	second := exec.CommandContext(ctx, program(t, "."), "-data", dir)
	second.Env = s.env
	out, err := second.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "open already") {
		t.Fatalf("the second start: %v\n%s", err, out)
	}
	within(t, 5*time.Second, "the window is back", visible)
	if w := s.find(s.root, 0, nil); w != r.win {
		t.Errorf("the window in sight is %v, want the first, %v", w, r.win)
	}
}

// minimise asks the window manager as a click on the title bar does.
func (s *screen) minimise(t *testing.T, w xproto.Window) {
	t.Helper()
	name := "WM_CHANGE_STATE"
	atom, err := xproto.InternAtom(s.x, false, uint16(len(name)), name).Reply()
	if err != nil {
		t.Fatal(err)
	}
	const iconic = 3
	e := xproto.ClientMessageEvent{Format: 32, Window: w, Type: atom.Atom, Data: xproto.ClientMessageDataUnionData32New([]uint32{iconic, 0, 0, 0, 0})}
	if err := xproto.SendEventChecked(s.x, false, s.root, xproto.EventMaskSubstructureRedirect|xproto.EventMaskSubstructureNotify, string(e.Bytes())).Check(); err != nil {
		t.Fatal(err)
	}
}
