package mail

import (
	htmltemplate "html/template"
	"io/fs"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"text/template"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/resources"
)

// Languages are those that mails are written in; others get the first.
func Languages() []string { return []string{"en", "de"} }

// page is what both layouts show.
type page struct {
	Language, Subject, Greeting, Lead string
	Chip, Tone                        string
	Intro                             string // one more paragraph; may be empty
	Rows                              []row
	Sections                          []section
	Link                              *link // to where the reader can do something; nil: nowhere
	WrongTitle, Wrong, Footer         string
}

type link struct{ Label, URL string }

type row struct {
	Label, Value string
	Strong       bool
	width        int // of the label's column in the text, in characters
}

// Padded and Indented are for the text: a value of several lines stays in its
// column, so that no justification can look like a field of its own.
func (r row) Padded() string {
	return r.Label + ":" + strings.Repeat(" ", r.width-utf8.RuneCountInString(r.Label))
}

// Indented see Padded.
func (r row) Indented() string {
	return strings.ReplaceAll(r.Value, "\n", "\n"+strings.Repeat(" ", r.width+3))
}

// Further is Indented, of a section, where everything stands further in.
func (r row) Further() string {
	return strings.ReplaceAll(r.Value, "\n", "\n"+strings.Repeat(" ", r.width+5))
}

// ChipStyle is the chip's colour in light (screens.md); the layout's style
// sheet has the dark one.
func (p page) ChipStyle() htmltemplate.CSS {
	switch p.Tone {
	case "active":
		return "background:#E4F4EC;color:#1E8E5A;"
	case "ended":
		return "background:#FCF1DF;color:#B86E00;"
	case "stuck":
		return "background:#FBE9E7;color:#C8322B;"
	default:
		return "background:#E8EDFC;color:#3A5BD9;"
	}
}

// words are what the templates of one notice may use: text made safe for one
// line, and nothing of our own types.
type words struct {
	To, Who, By, Role, System, Organisation string
	UntilShort                              string
	Lasts                                   string
	Own, Extra, Eligible, Ends              bool
	// Of an assignment that shall go on, or goes on.
	Extends, Renews bool
	Days            int    // until its end, begun ones too
	Through         string // the group that has it
	Minutes         int    // the same
	Count           int
	// Of a request that was decided, one of them.
	Approved, Denied, Canceled, TimedOut bool
	Early                                bool // it ended before its time
	ending                                    // of what ended
	figures                                   // of a digest
}

// page fills a notice into its template.
func (c Composer) page(n core.Notice) (page, error) {
	language := known(n.Language)
	kind := n.Kind
	tone, ok := map[core.NoticeKind]string{
		core.NoticeAssigned: "accent", core.NoticeUnassigned: "ended", core.NoticeActivated: "active", core.NoticeProlonged: "active", core.NoticeEnded: "ended", core.NoticeStuck: "stuck",
		core.NoticeLost: "ended", core.NoticeOutside: "stuck", core.NoticeManaged: "accent", core.NoticeEnding: "ended", core.NoticeClock: "ended", core.NoticeDeadlock: "stuck", core.NoticeDigest: "accent",
		core.NoticeApprove: "accent", core.NoticeDecided: "ended",
		core.NoticeExtended: "accent", core.NoticeExpiring: "ended", core.NoticeExpired: "ended",
	}[kind]
	if kind.OfSignIn() {
		tone, ok = "stuck", true
		if kind == core.NoticePasswordChanged || kind == core.NoticeFactorChanged {
			tone = "accent" // mostly it was the reader himself
		}
	}
	if !ok {
		// The window's own notices are never mailed.
		return page{}, core.Errorf(core.Invalid, "kind", "mail.no_such_notice", "kind", core.Clip(string(kind), 40))
	}
	if kind == core.NoticeAssigned && n.Setting == core.Active {
		tone = "active"
	}
	w := words{
		To: oneLine(n.ToName), Who: oneLine(n.Who), By: oneLine(n.By), Role: oneLine(n.Role), System: oneLine(n.System), Organisation: oneLine(c.Organisation),
		Own: n.Own, Extra: n.Extra, Eligible: n.Setting == core.Eligible, Ends: !n.Until.IsZero(),
	}
	w.Through = oneLine(n.Through)
	w.Extends = n.Action == core.AdminExtend || n.Action == core.SelfExtend
	w.Renews = n.Action == core.AdminRenew || n.Action == core.SelfRenew
	if w.Ends && n.Until.After(n.At) {
		w.Days = int((n.Until.Sub(n.At) + 24*time.Hour - 1) / (24 * time.Hour))
	}
	if w.Ends && n.Until.After(n.At) {
		w.Minutes = int((n.Until.Sub(n.At) + time.Minute - 1) / time.Minute)
	}
	w.Early = kind == core.NoticeEnded && !n.Was.IsZero()
	w.ending = endingOf(n.Ended)
	w.Count = n.Count
	if n.Lasts > 0 {
		w.Lasts = core.Span(n.Lasts.Std())
	}
	switch n.Status {
	case core.Granted, core.PendingProvisioning, core.Provisioned:
		w.Approved = true
		tone = "active"
	case core.Denied:
		w.Denied = true
	case core.CanceledRequest:
		w.Canceled = true
	case core.TimedOut:
		w.TimedOut = true
	}
	if w.Ends {
		w.UntilShort = c.short(n.Until, n.At, language)
	}
	if kind == core.NoticeDigest {
		if n.Digest == nil {
			n.Digest = &core.Digest{}
		}
		w.Count = n.Digest.Waiting + n.Digest.Stuck + n.Digest.Outside
		w.figures = figures{Span: spanOf(n.Digest.First, n.Digest.Last, language), Weeks: weeksOf(*n.Digest), N: n.Digest.Week.Activations, M: n.Digest.Week.People, Quiet: n.Digest.Week.Quiet()}
		if w.Count > 0 {
			tone = "ended"
		}
	}
	say := sayer{language: language, kind: string(kind), words: w}
	p := page{
		Language: language, Tone: tone,
		Subject: oneLine(say.text("subject")), Greeting: say.text("greeting"), Lead: say.text("lead"), Chip: say.text("chip"),
		WrongTitle: say.text("wrong_title"), Wrong: say.text("wrong"), Footer: say.text("footer"),
	}
	if kind == core.NoticeDigest {
		digestPage(&p, *n.Digest, &say)
		return p, say.err
	}
	p.Rows = c.rows(n, &say)
	if n.Kind == core.NoticeApprove && c.Server != "" && n.Request != "" {
		p.Link = &link{say.text("open_request"), strings.TrimSuffix(c.Server, "/") + "/cases/" + url.PathEscape(string(n.Request))}
	}
	return p, say.err
}

// rows are the fields of rules.md section 9, all of them: what is missing is
// said to be missing.
func (c Composer) rows(n core.Notice, say *sayer) []row {
	var rows []row
	add := func(label, value string, strong bool) {
		rows = append(rows, row{Label: say.text("label_" + label), Value: value, Strong: strong})
	}
	orNone := func(s string) string {
		if s == "" {
			return say.text("none")
		}
		return s
	}
	if n.Kind == core.NoticeClock {
		add("at", c.long(n.At, say.language), true)
		add("seen", lines(n.Evidence), true)
		add("by", orNone(oneLine(n.By)), false)
		add("where", place(n, say), false)
		return aligned(rows)
	}
	if n.Kind == core.NoticeDeadlock {
		settings := oneLine(n.Who)
		if settings == "" {
			settings = say.text("all_roles")
		}
		add("settings", settings, true)
		if n.System != "" {
			add("system", oneLine(n.System), false)
		}
		add("at", c.long(n.At, say.language), false)
		add("by", orNone(oneLine(n.By)), false)
		add("where", place(n, say), false)
		return aligned(rows)
	}
	if n.Kind == core.NoticeOutside || n.Kind == core.NoticeManaged {
		add("system", orNone(oneLine(n.System)), true)
		if n.Kind == core.NoticeOutside {
			add("outside", orNone(lines(n.Evidence)), true)
		} else {
			add("kind", orNone(oneLine(n.Evidence)), false)
			add("roles", strconv.Itoa(n.Count), false)
		}
		add("at", c.long(n.At, say.language), false)
		add("by", orNone(oneLine(n.By)), false)
		add("where", place(n, say), false)
		return aligned(rows)
	}
	add("who", orNone(oneLine(n.Who)), true)
	if n.Kind.OfSignIn() {
		add("at", c.long(n.At, say.language), true)
		by := oneLine(n.By)
		if by == "" {
			by = say.text("nobody")
		}
		add("by", by, true)
		add("where", place(n, say), true)
		return aligned(rows)
	}
	add("role", orNone(oneLine(n.Role)), true)
	scope := oneLine(n.Scope)
	if scope == "/" || scope == "" {
		scope = "/ (" + say.text("everything") + ")"
	}
	add("scope", scope, false)
	add("system", orNone(oneLine(n.System)), true)
	if n.Kind == core.NoticeApprove || n.Kind == core.NoticeDecided {
		return c.requestRows(n, say, rows)
	}
	add("setting", say.setting(n), false)
	add("from", c.long(n.From, say.language), false)
	if !n.Was.IsZero() && n.Kind != core.NoticeEnded {
		add("was", c.long(n.Was, say.language), false)
	}
	add("until", c.end(n.Until, say), true)
	if say.words.Early {
		add("planned", c.long(n.Was, say.language), false)
	}
	if say.words.EndedBy != "" {
		add("ended_by", say.words.EndedBy, true)
	}
	if n.Ended.Why != "" {
		add("reason", lines(n.Ended.Why), true)
	}
	add("at", c.long(n.At, say.language), false)
	add("why", orNone(lines(n.Why)), false)
	add("ticket", orNone(strings.TrimSpace(oneLine(n.Ticket.System)+" "+oneLine(n.Ticket.Number))), false)
	if n.Kind != core.NoticeEnded {
		add("by", orNone(oneLine(n.By)), false)
		add("where", place(n, say), false)
	}
	switch {
	case n.Kind == core.NoticeStuck:
		add("problem", orNone(lines(n.Evidence)), true)
	case n.Evidence != "":
		add("proof", lines(n.Evidence), false)
	}
	add("reference", strings.TrimSpace(oneLine(string(n.Assignment)+" "+string(n.Request))), false)
	return aligned(rows)
}

// requestRows are what a request adds: it has a length instead of an end.
func (c Composer) requestRows(n core.Notice, say *sayer, rows []row) []row {
	add := func(label, value string, strong bool) {
		if value == "" {
			value = say.text("none")
		}
		rows = append(rows, row{Label: say.text("label_" + label), Value: value, Strong: strong})
	}
	if n.Action.OfAssignment() {
		add("setting", say.setting(n), false)
		label := "wished"
		if say.words.Approved {
			label = "until"
		}
		if !n.Was.IsZero() {
			add("was", c.end(n.Was, say), false)
		}
		add(label, c.end(n.Until, say), true)
	} else {
		add("lasts", say.words.Lasts, true)
	}
	start := say.text("as_soon_as_possible")
	if !n.From.IsZero() {
		start = c.long(n.From, say.language)
	}
	if n.Action != core.SelfExtend { // that goes on as it is
		add("from", start, false)
	}
	add("why", lines(n.Why), true)
	add("ticket", strings.TrimSpace(oneLine(n.Ticket.System)+" "+oneLine(n.Ticket.Number)), false)
	if n.Kind == core.NoticeDecided {
		add("by", oneLine(n.By), true)
		if n.Evidence != "" {
			add("answer", lines(n.Evidence), true)
		}
	}
	add("at", c.long(n.At, say.language), false)
	add("where", place(n, say), false)
	add("reference", oneLine(string(n.Request)), false)
	return aligned(rows)
}

func (s *sayer) setting(n core.Notice) string {
	return s.text("setting_" + map[bool]string{true: "eligible", false: "active"}[n.Setting == core.Eligible])
}

// end writes an end, or that there is none.
func (c Composer) end(t time.Time, say *sayer) string {
	if t.IsZero() {
		return say.text("permanent")
	}
	return c.long(t, say.language)
}

// place says where a command came from.
func place(n core.Notice, say *sayer) string {
	where := oneLine(n.Where)
	switch where {
	case "window", "command line", "stint":
		return say.text("from_" + strings.ReplaceAll(where, " ", "_"))
	case "":
		return say.text("none")
	}
	return where
}

// aligned gives the labels of the text one width.
func aligned(rows []row) []row {
	width := 0
	for _, r := range rows {
		width = max(width, utf8.RuneCountInString(r.Label))
	}
	for i := range rows {
		rows[i].width = width
	}
	return rows
}

func (c Composer) testPage(language string, at time.Time) (page, error) {
	language = known(language)
	say := sayer{language: language, kind: "test", words: words{Organisation: oneLine(c.Organisation)}}
	p := page{
		Language: language, Tone: "accent", Subject: oneLine(say.text("subject")), Greeting: say.text("test_greeting"), Lead: say.text("lead"), Chip: say.text("chip"),
		WrongTitle: say.text("wrong_title"), Wrong: say.text("wrong"), Footer: say.text("test_footer"),
	}
	label := say.text("label_at")
	p.Rows = []row{{Label: label, Value: c.long(at, language), width: utf8.RuneCountInString(label)}}
	return p, say.err
}

func known(language string) string {
	if slices.Contains(Languages(), language) {
		return language
	}
	return Languages()[0]
}

// sayer reads single texts from a notice's template; err is the first failure.
type sayer struct {
	language, kind string
	words          words
	err            error
}

func (s *sayer) text(name string) string {
	set, err := templates()
	if err == nil {
		var b strings.Builder
		err = set.texts[s.language+"/"+s.kind].ExecuteTemplate(&b, name, s.words)
		if err == nil {
			return b.String()
		}
	}
	if s.err == nil {
		s.err = err
	}
	return ""
}

func (p page) render() (text, html string, err error) {
	set, err := templates()
	if err != nil {
		return "", "", err
	}
	var t, h strings.Builder
	if err := set.text.Execute(&t, p); err != nil {
		return "", "", err
	}
	if err := set.html.Execute(&h, p); err != nil {
		return "", "", err
	}
	return t.String(), h.String(), nil
}

type templateSet struct {
	texts map[string]*template.Template // by language/kind
	text  *template.Template
	html  *htmltemplate.Template
}

// templates parses the templates once. They are built in; a failure is found
// by the first test that makes a mail.
var templates = sync.OnceValues(func() (templateSet, error) {
	files := resources.Mail()
	set := templateSet{texts: map[string]*template.Template{}}
	var err error
	if set.text, err = template.ParseFS(files, "layout.txt"); err != nil {
		return set, err
	}
	if set.html, err = htmltemplate.ParseFS(files, "layout.html"); err != nil {
		return set, err
	}
	for _, language := range Languages() {
		kinds, err := fs.Glob(files, language+"/*.tmpl")
		if err != nil {
			return set, err
		}
		for _, file := range kinds {
			kind := strings.TrimSuffix(strings.TrimPrefix(file, language+"/"), ".tmpl")
			t, err := template.New(kind).Option("missingkey=error").ParseFS(files, language+"/words.tmpl", file)
			if err != nil {
				return set, err
			}
			set.texts[language+"/"+kind] = t
		}
	}
	return set, nil
})

// oneLine makes s fit for a header or one line of text: every control
// character, line separator included, becomes a blank.
func oneLine(s string) string {
	return strings.TrimSpace(strings.Join(strings.FieldsFunc(lines(s), func(r rune) bool { return r == '\n' }), " "))
}

// lines keeps line breaks and nothing else that controls. Marks that turn the
// direction of what follows are shown as what they are, a foreign body: with
// them "nimda" reads as "admin".
func lines(s string) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\r\n", "\n")
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\r' || r == '\u0085' || r == '\u2028' || r == '\u2029' || r == '\v' || r == '\f':
			return '\n'
		case unicode.IsControl(r):
			return ' '
		case r >= '\u202A' && r <= '\u202E' || r >= '\u2066' && r <= '\u2069' || r == '\u200E' || r == '\u200F' || r == '\u061C':
			return '\uFFFD'
		}
		return r
	}, s))
}

// long writes a time with its zone, because the reader may be elsewhere.
func (c Composer) long(t time.Time, language string) string {
	if t.IsZero() {
		return "–"
	}
	t = t.In(c.zone())
	return t.Format(dateLayout(language)+" 15:04") + t.Format(" (UTC-07:00)")
}

// short leaves out a date that is today's.
func (c Composer) short(t, now time.Time, language string) string {
	t, now = t.In(c.zone()), now.In(c.zone())
	if t.Year() == now.Year() && t.YearDay() == now.YearDay() {
		return t.Format("15:04")
	}
	return t.Format(dateLayout(language) + " 15:04")
}

func (c Composer) zone() *time.Location {
	if c.Zone == nil {
		return time.Local
	}
	return c.Zone
}

func dateLayout(language string) string {
	if language == "de" {
		return "02.01.2006"
	}
	return "2 Jan 2006"
}
