package gui

import (
	"context"
	"strings"

	"fyne.io/fyne/v2"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/gui/model"
	"github.com/stint-pim/stint/gui/part"
)

// mostMatched is how many people the page of accounts reads; the accounts of
// others are set under People.
const mostMatched = 500

// mostDrawn is how many of them are shown at once; the filter finds the rest.
const mostDrawn = 100

// accountMatcher says who is who on a system: a field for each person, filled
// where an account is called like the login.
type accountMatcher struct {
	kit      Kit
	title    *part.Para
	people   []core.PersonRow
	found    []string
	matches  []model.AccountMatch
	search   *part.Search
	scroll   *part.Scroll
	count    *part.Text
	extra    *fyne.Container
	content  *fyne.Container
	shownFor string
}

func newAccountMatcher(k Kit) *accountMatcher {
	a := &accountMatcher{kit: k, title: headline(""), scroll: part.NewScroll(part.Pad(18, part.Skeleton(6))), count: part.NewMuted(""), extra: part.Layers()}
	a.extra.Hide()
	a.search = part.NewSearch(k.say("system.wizard.accounts.filter"), func(string) { a.draw() })
	a.content = part.Column(12, a.title, part.NewGentle(k.say("system.wizard.accounts.text")), a.search,
		part.Grow(part.NewPanel(part.Pad(2, a.scroll))), a.count, a.extra, part.Gap(1, 2))
	return a
}

// ask shows a question or a problem below the list.
func (a *accountMatcher) ask(o fyne.CanvasObject) {
	banner(a.extra, o)
	a.content.Refresh()
}

// show reads the people once for each set of accounts.
func (a *accountMatcher) show(system string, found []string) {
	k := a.kit
	a.title.Set(k.say("system.wizard.accounts.title", "system", core.Clip(system, 60)), part.Ink)
	key := system + "\x00" + strings.Join(found, "\x00")
	if a.shownFor == key {
		return
	}
	a.shownFor, a.found = key, found
	Load(k.Async, func(ctx context.Context) (core.List[core.PersonRow], error) {
		return k.Service.People(ctx, core.PersonFilter{}, core.Page{Limit: mostMatched})
	}, func(l core.List[core.PersonRow], err error) {
		if err != nil {
			a.shownFor = ""
			a.scroll.SetContent(part.Pad(14, k.failed(err, func() { a.show(system, found) })))
			return
		}
		a.matches = model.MatchAccounts(l.Items, found)
		a.draw()
	})
}

func (a *accountMatcher) draw() {
	k := a.kit
	text := strings.ToLower(strings.TrimSpace(a.search.Value()))
	var rows []fyne.CanvasObject
	shown, more := 0, 0
	for i := range a.matches {
		m := &a.matches[i]
		if text != "" && !strings.Contains(strings.ToLower(m.Person.Name+"\n"+m.Person.Login), text) {
			continue
		}
		if shown++; shown > mostDrawn {
			more++
			continue
		}
		state := part.NewChip("", part.ToneNeutral)
		say := func() {
			mark := model.AccountState(k.Text, m.Account, a.found)
			state.Set(mark.Word, toneOf(mark.Tone))
		}
		say()
		field := part.NewField(part.FieldSpec{Value: m.Account, Placeholder: k.say("system.account.none"), Changed: func(v string) {
			m.Account = v
			say()
			a.tally()
		}})
		if len(rows) > 0 {
			rows = append(rows, part.NewHairline())
		}
		rows = append(rows, part.Inset(8, 14, 8, 14, part.Row(12, part.SoftAvatar(m.Person.Name, 28),
			part.Weigh(1, part.Column(1, part.NewStrong(m.Person.Name).Shrinking(), part.NewSmall(m.Person.Login).Shrinking())),
			part.Weigh(1, field), part.Fixed(170, 0, state))))
	}
	if len(rows) == 0 {
		rows = append(rows, part.Empty("people", k.say("assign.wizard.members.none"), "", nil))
	}
	if more > 0 {
		rows = append(rows, part.NewHairline(), part.Pad(14, part.NewHint(k.count("system.wizard.accounts.more", more))))
	}
	a.scroll.SetContent(part.Column(0, rows...))
	a.tally()
}

func (a *accountMatcher) tally() {
	a.count.SetText(a.kit.count("system.wizard.accounts.n", len(model.AccountCommands("", a.matches))))
}
