package part

import "fyne.io/fyne/v2"

// NoticeSpec is a state of the whole window that must not be missed.
type NoticeSpec struct {
	Tone    Tone
	Title   string // what happened
	Text    string // what it means and what is done
	Actions []fyne.CanvasObject
}

// Notice shows it: an icon, the title over the text, and what one can do.
func Notice(s NoticeSpec) fyne.CanvasObject {
	_, ink, ground := s.Tone.Colours()
	words := Column(3, NewPara(s.Title, Body, SemiBold(), ink), NewPara(s.Text, Small, Regular(), Ink))
	objects := []fyne.CanvasObject{NewIcon(toneIcon(s.Tone), ink, 20), Grow(words)}
	return NewSurface(ground, "", Radius, Inset(11, 14, 11, 14, Row(12, append(objects, s.Actions...)...)))
}

// toneIcon is the shape that goes with a tone's colour.
func toneIcon(t Tone) string {
	switch t {
	case ToneDanger, ToneEnding:
		return "warning"
	case ToneActive:
		return "check-circle"
	case TonePending:
		return "clock"
	}
	return "info"
}
