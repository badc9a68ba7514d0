package model

// Tone says what a coloured mark means; the window gives it a colour. A tone
// never speaks alone: a word stands beside it.
type Tone string

const (
	TonePlain    Tone = "plain"
	ToneEligible Tone = "eligible"
	ToneGood     Tone = "good"
	ToneWarn     Tone = "warn"
	ToneBad      Tone = "bad"
	TonePending  Tone = "pending"
)
