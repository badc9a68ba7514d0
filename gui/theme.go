package gui

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"github.com/stint-pim/stint/gui/part"
	"github.com/stint-pim/stint/resources"
)

// Appearance is the person's choice between light and dark.
type Appearance string

const (
	FollowDesktop Appearance = "desktop"
	Light         Appearance = "light"
	Dark          Appearance = "dark"
)

// Theme is Stint's look: the palette, the typeface and the measures of
// design/screens.md. It is made once and never changes; another appearance is
// another Theme.
type Theme struct {
	appearance Appearance
	fonts      map[resources.Weight]fyne.Resource
	palettes   [2]map[fyne.ThemeColorName]color.Color // by variant: dark, light
}

// NewTheme returns the look for an appearance; an unknown one follows the desktop.
func NewTheme(a Appearance) *Theme {
	t := &Theme{appearance: a, fonts: map[resources.Weight]fyne.Resource{}}
	for _, w := range []resources.Weight{resources.Regular, resources.Medium, resources.SemiBold, resources.Bold} {
		t.fonts[w] = fyne.NewStaticResource("Inter-"+string(w)+".otf", resources.Font(w))
	}
	t.palettes[theme.VariantDark] = Palette(true)
	t.palettes[theme.VariantLight] = Palette(false)
	return t
}

// Color implements fyne.Theme.
func (t *Theme) Color(name fyne.ThemeColorName, v fyne.ThemeVariant) color.Color {
	switch t.appearance {
	case Light:
		v = theme.VariantLight
	case Dark:
		v = theme.VariantDark
	}
	if v != theme.VariantDark {
		v = theme.VariantLight
	}
	if c, ok := t.palettes[v][name]; ok {
		return c
	}
	return theme.DefaultTheme().Color(name, v)
}

// Font implements fyne.Theme. The toolkit knows bold and italic only, the
// design four weights and no italics: part.Medium and part.Bold spell the
// other two with the italic flag.
func (t *Theme) Font(s fyne.TextStyle) fyne.Resource {
	switch {
	case s.Monospace, s.Symbol:
		return theme.DefaultTheme().Font(s)
	case s.Bold && s.Italic:
		return t.fonts[resources.Bold]
	case s.Bold:
		return t.fonts[resources.SemiBold]
	case s.Italic:
		return t.fonts[resources.Medium]
	}
	return t.fonts[resources.Regular]
}

// Icon implements fyne.Theme; what the toolkit's own widgets draw.
func (t *Theme) Icon(name fyne.ThemeIconName) fyne.Resource { return theme.DefaultTheme().Icon(name) }

// Size implements fyne.Theme.
func (t *Theme) Size(name fyne.ThemeSizeName) float32 {
	switch name {
	case theme.SizeNameText:
		return part.Body
	case theme.SizeNameCaptionText:
		return part.Small
	case theme.SizeNameSubHeadingText:
		return part.Large
	case theme.SizeNameHeadingText:
		return part.Huge
	case theme.SizeNameInputRadius, theme.SizeNameSelectionRadius:
		return part.Radius
	case theme.SizeNameInputBorder, theme.SizeNameSeparatorThickness:
		return 1
	case theme.SizeNamePadding:
		return 4
	case theme.SizeNameInnerPadding:
		return 9
	case theme.SizeNameLineSpacing:
		return 4
	case theme.SizeNameScrollBar:
		return 10
	case theme.SizeNameScrollBarSmall:
		return 4
	case theme.SizeNameScrollBarRadius:
		return 4
	}
	return theme.DefaultTheme().Size(name)
}

// Palette returns the colours of one variant by name: those of the parts, and
// what the toolkit's own widgets (fields, menus, scroll bars) make of them.
// The words on each ground are held against WCAG 2.2 AA by a test; where the
// sketch's colour was too light for words, the …Ink is darker (in dark:
// lighter) and the sketch's stays for rings and dots.
func Palette(dark bool) map[fyne.ThemeColorName]color.Color {
	pick := func(light, darker uint32) color.Color {
		v := light
		if dark {
			v = darker
		}
		return color.NRGBA{R: uint8(v >> 16), G: uint8(v >> 8), B: uint8(v), A: 0xff}
	}
	veil := color.NRGBA{R: 0x15, G: 0x18, B: 0x1e, A: 0x59}
	if dark {
		veil = color.NRGBA{A: 0x99}
	}
	p := map[fyne.ThemeColorName]color.Color{
		part.Ground: pick(0xF6F7F9, 0x12151B),
		part.Panel:  pick(0xFFFFFF, 0x1A1E26),
		part.Rail:   pick(0xEEF0F4, 0x161A21),
		part.Line:   pick(0xE3E6EB, 0x2A303B),
		part.Edge:   pick(0xC3C9D3, 0x454E5E),
		part.Hover:  pick(0xF1F3F7, 0x222732),
		part.Track:  pick(0xE3E6EB, 0x2A303B),

		part.Ink:   pick(0x15181E, 0xEEF1F6),
		part.Muted: pick(0x545D6B, 0xA3ADBB),
		part.Faint: pick(0x626B79, 0x8E99A9),

		part.Accent:       pick(0x3A5BD9, 0x8AA4FF),
		part.AccentInk:    pick(0x3350C4, 0x9CB2FF),
		part.AccentGround: pick(0xE8EDFC, 0x232C48),
		part.AccentHover:  pick(0x2F4DC2, 0xA3B8FF),
		part.OnAccent:     pick(0xFFFFFF, 0x10131A),

		part.Active:       pick(0x1E8E5A, 0x54C690),
		part.ActiveInk:    pick(0x146C43, 0x54C690),
		part.ActiveGround: pick(0xE4F4EC, 0x17332A),

		part.Ending:       pick(0xB86E00, 0xE5A545),
		part.EndingInk:    pick(0x8A5200, 0xE5A545),
		part.EndingGround: pick(0xFCF1DF, 0x362A17),

		part.Danger:       pick(0xC8322B, 0xFF7B72),
		part.DangerInk:    pick(0xB3261F, 0xFF8F87),
		part.DangerGround: pick(0xFBE9E7, 0x3B1F20),
		part.DangerHover:  pick(0xAD2822, 0xFF938B),
		part.OnDanger:     pick(0xFFFFFF, 0x10131A),

		part.Pending:       pick(0x7A4FD0, 0xB396F5),
		part.PendingInk:    pick(0x6A3FC0, 0xB99EF7),
		part.PendingGround: pick(0xF0EAFB, 0x2B2342),

		part.Float:    pick(0x15181E, 0xEEF1F6),
		part.OnFloat:  pick(0xFFFFFF, 0x15181E),
		part.OnFloat2: pick(0xA9B1BE, 0x545D6B),
		part.Veil:     veil,
	}
	clear := color.NRGBA{}
	for name, of := range map[fyne.ThemeColorName]fyne.ThemeColorName{
		theme.ColorNameBackground:          part.Ground,
		theme.ColorNameForeground:          part.Ink,
		theme.ColorNamePlaceHolder:         part.Faint,
		theme.ColorNameDisabled:            part.Faint,
		theme.ColorNamePrimary:             part.Accent,
		theme.ColorNameForegroundOnPrimary: part.OnAccent,
		theme.ColorNameHyperlink:           part.AccentInk,
		theme.ColorNameButton:              part.Panel,
		theme.ColorNameDisabledButton:      part.Track,
		theme.ColorNameHover:               part.Hover,
		theme.ColorNamePressed:             part.Line,
		theme.ColorNameSelection:           part.AccentGround,
		theme.ColorNameFocus:               part.AccentGround,
		theme.ColorNameSeparator:           part.Line,
		theme.ColorNameMenuBackground:      part.Panel,
		theme.ColorNameOverlayBackground:   part.Panel,
		theme.ColorNameHeaderBackground:    part.Panel,
		theme.ColorNameScrollBar:           part.Edge,
		theme.ColorNameError:               part.DangerInk,
		theme.ColorNameSuccess:             part.ActiveInk,
		theme.ColorNameWarning:             part.EndingInk,
	} {
		p[name] = p[of]
	}
	p[theme.ColorNameScrollBarBackground] = clear
	// A field's ground and border are drawn by part.Field: the toolkit's border
	// is a stroke around nothing, which its painter darkens.
	p[theme.ColorNameInputBackground], p[theme.ColorNameInputBorder] = clear, clear
	// The toolkit draws shadows at the edges of scrolling pages; the parts use
	// borders and a veil instead.
	p[theme.ColorNameShadow] = clear
	return p
}
