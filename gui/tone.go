package gui

import (
	"github.com/stint-pim/stint/gui/model"
	"github.com/stint-pim/stint/gui/part"
)

// toneOf gives a model's tone its colours.
func toneOf(t model.Tone) part.Tone {
	switch t {
	case model.ToneEligible:
		return part.ToneAccent
	case model.ToneGood:
		return part.ToneActive
	case model.ToneWarn:
		return part.ToneEnding
	case model.ToneBad:
		return part.ToneDanger
	case model.TonePending:
		return part.TonePending
	}
	return part.ToneNeutral
}

// faceOf makes a ring's face of a countdown.
func faceOf(c model.Countdown) part.RingFace {
	return part.RingFace{Share: c.Share, Big: c.Big, Small: c.Small, Tone: toneOf(c.Tone), Dot: c.Dot}
}
