package part_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"github.com/stint-pim/stint/gui"
	"github.com/stint-pim/stint/gui/guitest"
	"github.com/stint-pim/stint/gui/part"
	"github.com/stint-pim/stint/resources"
)

// show puts o into a window of a size, in Stint's look.
func show(t *testing.T, o fyne.CanvasObject, w, h float32) fyne.Window {
	t.Helper()
	a := test.NewTempApp(t)
	a.Settings().SetTheme(gui.NewTheme(gui.Light))
	win := a.NewWindow("test")
	win.SetPadded(false)
	win.SetContent(part.Layers(o, part.NewTipLayer(nil)))
	win.Resize(fyne.NewSize(w, h))
	return win
}

func direct(work func(context.Context), done func()) func() {
	work(context.Background())
	done()
	return func() {}
}

func TestCode(t *testing.T) {
	full := 0
	c := part.NewCode(func() { full++ }, nil)
	win := show(t, c, 400, 100)
	win.Canvas().Focus(c)
	for _, r := range "12a3-" {
		c.TypedRune(r)
	}
	if got := c.Value(); got != "123" {
		t.Errorf("typed %q", got)
	}
	c.TypedKey(&fyne.KeyEvent{Name: fyne.KeyBackspace})
	for _, r := range "45678" {
		c.TypedRune(r)
	}
	if got := c.Value(); got != "124567" || full != 1 {
		t.Errorf("value %q, full %d times", got, full)
	}
	for in, want := range map[string]string{"123 456": "123456", " 654-321\n": "654321", "12345": "", "1234567": "", "hello 123456": ""} {
		c.Take()
		clip := test.NewClipboard()
		clip.SetContent(in)
		c.TypedShortcut(&fyne.ShortcutPaste{Clipboard: clip})
		if got := c.Value(); got != want {
			t.Errorf("pasted %q: %q, want %q", in, got, want)
		}
	}
	c.Take()
	c.TypedRune('1')
	if c.Take() != "1" || c.Value() != "" {
		t.Error("a code taken stays in the field")
	}
}

// TestTablePages reads 100,000 rows page by page, and never holds more widgets
// than are in sight.
func TestTablePages(t *testing.T) {
	const all, page = 100_000, 200
	loads := 0
	var opened []int
	tab := part.NewTable(part.TableSpec[int]{
		Columns: []part.TableColumn{{Title: "No.", Width: 80}, {Title: "Name", Width: 100, Weight: 1}},
		Key:     strconv.Itoa,
		Cells: func(i int) []part.Cell {
			return []part.Cell{{Text: fmt.Sprint(i)}, {Text: strings.Repeat("name ", 40)}}
		},
		Run: direct,
		Load: func(_ context.Context, after string) ([]int, string, error) {
			loads++
			at, _ := strconv.Atoi(after)
			var rows []int
			for i := at; i < min(at+page, all); i++ {
				rows = append(rows, i)
			}
			return rows, strconv.Itoa(at + page), nil
		},
		Check: func() {}, Open: func(i int) { opened = append(opened, i) },
	})
	win := show(t, tab, 600, 400)
	tab.Reload()
	if loads != 1 || len(tab.Rows()) != page {
		t.Fatalf("%d loads, %d rows", loads, len(tab.Rows()))
	}
	win.Canvas().Focus(tab)
	for range 300 {
		tab.TypedKey(&fyne.KeyEvent{Name: fyne.KeyPageDown})
	}
	if n := len(tab.Rows()); n < 2000 || loads > n/page+1 {
		t.Errorf("after 300 pages down: %d rows in %d loads", n, loads)
	}
	tab.TypedKey(&fyne.KeyEvent{Name: fyne.KeySpace})
	tab.TypedKey(&fyne.KeyEvent{Name: fyne.KeyUp})
	tab.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	if got := tab.Ticked(); len(got) != 1 || len(opened) != 1 || opened[0] != got[0]-1 {
		t.Errorf("ticked %v, opened %v", got, opened)
	}
	texts := 0
	guitest.Walk(win.Canvas(), func(o fyne.CanvasObject, _ fyne.Position) {
		if _, ok := o.(*canvas.Text); ok {
			texts++
		}
	})
	if texts > 100 {
		t.Errorf("%d texts for a table that shows 8 rows", texts)
	}
}

func TestTableFailureCanBeTriedAgain(t *testing.T) {
	down := true
	tab := part.NewTable(part.TableSpec[string]{
		Columns: []part.TableColumn{{Title: "Name", Width: 100, Weight: 1}},
		Key:     func(s string) string { return s },
		Cells:   func(s string) []part.Cell { return []part.Cell{{Text: s}} },
		Run:     direct,
		Load: func(context.Context, string) ([]string, string, error) {
			if down {
				return nil, "", errors.New("down")
			}
			return []string{"here"}, "", nil
		},
		Failed: func(err error, again func()) fyne.CanvasObject {
			return part.Banner(part.ToneDanger, err.Error(), part.NewButton("Again", again))
		},
	})
	win := show(t, tab, 400, 300)
	tab.Reload()
	if got := guitest.Words(win.Canvas()); got != "down\nAgain" {
		t.Fatalf("shown %q", got)
	}
	down = false
	at, _ := guitest.Find(win.Canvas(), "Again")
	guitest.Click(win.Canvas(), at)
	if got := guitest.Words(win.Canvas()); got != "Name\nhere" {
		t.Errorf("shown %q", got)
	}
}

func TestTextIsCutAndNeverInterpreted(t *testing.T) {
	long := part.NewStrong(strings.Repeat("long ", 50)).Shrinking()
	evil := part.NewBody("a\u202egnp.exe\nb\x00c")
	win := show(t, part.Column(0, long, evil), 200, 100)
	got := strings.Split(guitest.Words(win.Canvas()), "\n")
	if len(got) != 2 || !strings.HasSuffix(got[0], "…") || len([]rune(got[0])) > 40 {
		t.Errorf("long text shown as %q", got)
	}
	if got[1] != "a·gnp.exe b·c" {
		t.Errorf("hostile text shown as %q", got[1])
	}
}

func TestParaWraps(t *testing.T) {
	p := part.NewProse("one two three four five six seven eight nine ten " + strings.Repeat("x", 200))
	show(t, part.Column(0, p), 120, 600)
	if h := p.HeightFor(120); h < 200 {
		t.Errorf("height %v", h)
	}
	if part.HeightFor(part.Inset(10, 20, 10, 20, p), 160) != p.HeightFor(120)+20 {
		t.Error("an inset doesn't pass the width on")
	}
}

// TestEveryIconDraws asks for each icon in a colour.
func TestEveryIconDraws(t *testing.T) {
	var all []fyne.CanvasObject
	for _, n := range resources.IconNames() {
		all = append(all, part.NewIcon(n, part.Ink, 24))
	}
	win := show(t, part.Flow(4, all...), 400, 300)
	img := win.Canvas().Capture()
	dark := 0
	for y := img.Bounds().Min.Y; y < img.Bounds().Max.Y; y++ {
		for x := img.Bounds().Min.X; x < img.Bounds().Max.X; x++ {
			if r, _, _, _ := img.At(x, y).RGBA(); r < 0x6000 {
				dark++
			}
		}
	}
	if dark < 60*len(all)/2 {
		t.Errorf("%d dark pixels for %d icons", dark, len(all))
	}
}

// A command that turns out to need a code is answered by the question for one,
// not by a fault: nothing is red before somebody has typed something wrong.
func TestAskingForACodeIsNoFault(t *testing.T) {
	p := part.NewProof(part.ProofWords{Helper: "Six digits"}, nil, nil, nil)
	win := show(t, p, 500, 300)
	red := func() (n int) {
		img := win.Canvas().Capture()
		for y := img.Bounds().Min.Y; y < img.Bounds().Max.Y; y++ {
			for x := img.Bounds().Min.X; x < img.Bounds().Max.X; x++ {
				if r, g, b, _ := img.At(x, y).RGBA(); r > g+g/3 && r > b+b/3 {
					n++
				}
			}
		}
		return n
	}
	p.Take()
	p.Refused("This takes a fresh code.")
	if n := red(); n > 0 || p.Problem() != "This takes a fresh code." {
		t.Errorf("%d red pixels at the question %q", n, p.Problem())
	}
	p.Missing("Type all six digits first.")
	if n := red(); n > 0 || p.Problem() != "Type all six digits first." {
		t.Errorf("%d red pixels at the question %q", n, p.Problem())
	}
	part.FocusOn(p)
	for _, r := range "123456" {
		win.Canvas().Focused().TypedRune(r)
	}
	p.Take()
	p.Refused("This code is wrong.")
	if red() == 0 {
		t.Error("a wrong code looks like none")
	}
}

// What is asked for once a question is open gets the keyboard, but not out of a
// field that somebody types into.
func TestConfirmAsksLater(t *testing.T) {
	win := show(t, part.NewButton("Below", nil), 500, 300)
	why, proof := part.NewField(part.FieldSpec{Label: "Why"}), part.NewProof(part.ProofWords{}, nil, nil, nil)
	for _, c := range []struct{ focus, want fyne.CanvasObject }{{nil, proof.FocusTarget()}, {why, why.FocusTarget()}} {
		d := part.ShowConfirm(win.Canvas(), part.ConfirmSpec{Title: "Sure?", Action: "Reset", Cancel: "Keep", More: part.Column(8, why, proof), Focus: c.focus, Do: func(*part.Confirm) {}})
		d.Ask(proof)
		if got := win.Canvas().Focused(); got != c.want.(fyne.Focusable) {
			t.Errorf("%T has the keyboard, want %T", got, c.want)
		}
		d.Close()
	}
}

// The rail's longest name isn't cut where something waits there.
func TestNameHasRoomBesideTheCount(t *testing.T) {
	const name = "Genehmigungen"
	for _, count := range []string{"", "1", "12"} {
		n := part.NewNavItem("approvals", name, nil)
		n.Badge(count)
		n.Choose(true)
		show(t, n, 184, 36)
		n.Resize(fyne.NewSize(184, 36))
		for _, o := range test.WidgetRenderer(n).Objects() {
			if label, ok := o.(*part.Text); ok {
				if got, want := label.Size().Width, part.NewText(name, part.Body, part.SemiBold(), part.Ink).MinSize().Width; got < want {
					t.Errorf("%q leaves %v, want %v", count, got, want)
				}
			}
		}
	}
}

// What was hidden for a while is drawn anew when it is shown again, and says what
// it said: the toolkit forgets how to draw what isn't in sight for a minute.
func TestHiddenTextComesBack(t *testing.T) {
	p := part.NewProse("Nothing waits for you.")
	show(t, p, 300, 100)
	for range 2 {
		r := p.CreateRenderer()
		r.Layout(p.Size())
		if len(r.Objects()) == 0 {
			t.Error("nothing is drawn")
		}
	}
}

func TestModalKeepsTheKeyboard(t *testing.T) {
	below := part.NewButton("Below", nil)
	win := show(t, part.Row(0, below), 500, 300)
	win.Canvas().Focus(below)
	pressed := false
	c := part.ShowConfirm(win.Canvas(), part.ConfirmSpec{Title: "Sure?", Action: "Remove 3", Cancel: "Keep", Danger: true,
		Do: func(d *part.Confirm) { pressed = true; d.Close() }})
	for range 5 {
		win.Canvas().FocusNext()
		if win.Canvas().Focused() == fyne.Focusable(below) {
			t.Fatal("Tab left the dialog")
		}
	}
	c.Press()
	if !pressed || win.Canvas().Focused() != fyne.Focusable(below) {
		t.Error("the focus didn't come back")
	}
}

// A hint goes when the keyboard takes over: what it belongs to may be gone without
// the pointer ever leaving it, as a row of the step before.
func TestHintGoesWithTheKeyboard(t *testing.T) {
	hinted, other := part.NewIconButton("copy", "Copies the secret", nil), part.NewField(part.FieldSpec{Label: "Name"})
	win := show(t, part.Column(8, hinted, other), 500, 300)
	says := func() bool { return strings.Contains(guitest.Words(win.Canvas()), "Copies the secret") }
	hinted.MouseIn(&desktop.MouseEvent{})
	if !says() {
		t.Fatal("no hint under the pointer")
	}
	part.FocusOn(other)
	if says() {
		t.Error("the hint stays when the keyboard is elsewhere")
	}
}

// No field keeps the keyboard: Tab leads on from those of several lines, too.
func TestTabLeavesEveryField(t *testing.T) {
	for _, lines := range []int{1, 4} {
		f := part.NewField(part.FieldSpec{Label: "Why", Lines: lines}).FocusTarget().(fyne.Tabbable)
		if f.AcceptsTab() {
			t.Errorf("a field of %d lines keeps Tab for itself", lines)
		}
	}
}

func ExampleInitials() {
	fmt.Println(part.Initials("Alice Miller"), part.Initials("root"), part.Initials("  "))
	// Output: AM R ?
}
