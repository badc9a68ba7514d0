package gui

import (
	"context"

	"fyne.io/fyne/v2"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/gui/model"
	"github.com/stint-pim/stint/gui/part"
)

// assignmentDetail is the panel beside the list: facts, what may be done, and
// the story.
type assignmentDetail struct {
	kit     Kit
	row     core.AssignmentRow
	scroll  *part.Scroll
	content *part.Surface
	close   func()
	cancel  func() // of the story's reading
}

func newAssignmentDetail(k Kit, closed func()) *assignmentDetail {
	d := &assignmentDetail{kit: k, scroll: part.NewScroll(part.Gap(1, 1)).Inside(), close: closed}
	d.content = part.NewPanel(part.Pad(2, d.scroll))
	return d
}

// show shows an assignment.
func (d *assignmentDetail) show(r core.AssignmentRow) {
	d.row = r
	d.scroll.Top()
	d.draw(part.Skeleton(4))
	d.readStory()
}

// again reads the assignment anew, if one is shown.
func (d *assignmentDetail) again() {
	if d.row.ID == "" || !d.content.Visible() {
		return
	}
	k, id := d.kit, d.row.ID
	Load(k.Async, func(ctx context.Context) (core.List[core.AssignmentRow], error) {
		return k.Service.Assignments(ctx, core.AssignmentFilter{ID: id}, core.Page{Limit: 1})
	}, func(l core.List[core.AssignmentRow], err error) {
		if err == nil && len(l.Items) == 1 && d.row.ID == id {
			d.row = l.Items[0]
			d.readStory()
		}
	})
}

func (d *assignmentDetail) readStory() {
	if d.cancel != nil {
		d.cancel()
	}
	k, r := d.kit, d.row
	d.cancel = Load(k.Async, func(ctx context.Context) ([]core.Entry, error) {
		return k.Service.Story(ctx, r.ID)
	}, func(entries []core.Entry, err error) {
		if err != nil {
			d.draw(k.failed(err, d.readStory))
			return
		}
		end := r.End
		if !r.State.Live() {
			end = r.Ended
		}
		d.draw(k.storyList(model.StoryOf(k.Text, k.clock(), entries, 0, end)))
	})
}

func (d *assignmentDetail) draw(story fyne.CanvasObject) {
	k, r := d.kit, d.row
	now := k.clock()
	objects := []fyne.CanvasObject{
		part.TopRow(8, part.Grow(part.Column(3, part.NewPara(r.RoleName, part.Large, part.SemiBold(), part.Ink),
			part.NewSmall(r.PrincipalName).Shrinking())), part.NewIconButton("close", k.say("assign.close"), d.close).Compact()),
		part.Row(8, chip(model.AssignmentMark(k.Text, now, r))),
	}
	if r.Via != "" {
		objects = append(objects, part.NewPara(k.Text.T("group.comes_through", "group", r.GroupName), part.Small, part.Regular(), part.Muted))
	}
	if k.Me.MayManageAccess && r.State.Live() && r.Via == "" {
		var actions []fyne.CanvasObject
		if r.Extendable(k.Now()) {
			actions = append(actions, part.NewButtonOf(part.Primary, k.Text.T("continue.extend.dots"), "plus", func() { continueAssignment(k, r, true, d.again) }).Compact())
		}
		objects = append(objects, part.Flow(8, append(actions,
			part.NewButtonOf(part.Secondary, k.say("assign.update"), "calendar", func() { updateAssignment(k, r) }).Compact(),
			part.NewDrop(k.say("assign.remove"), func() { removeAssignments(k, []core.AssignmentRow{r}, d.close) }).Compact())...))
	}
	if k.Me.MayManageAccess && r.Renewable(k.Now()) {
		objects = append(objects, part.Row(8, part.NewButtonOf(part.Primary, k.Text.T("continue.renew.dots"), "refresh", func() { continueAssignment(k, r, true, d.close) }).Compact()))
	}
	objects = append(objects, part.NewHairline(), factList(model.AssignmentFacts(k.Text, now, r)),
		part.NewHairline(), part.NewHeading(k.say("assign.story")), story)
	d.scroll.SetContent(part.Pad(16, part.Column(14, objects...)))
}
