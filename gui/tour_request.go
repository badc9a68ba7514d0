package gui

import "github.com/stint-pim/stint/core"

// approvals shows what waits for an answer, what one asked for, and the
// settings that say who has to agree.
func (x *walk) approvals() {
	x.open("approvals")
	s := screenOf[*requests](x)
	x.until("what waits", func() bool { return len(s.table.Rows()) > 0 })
	x.both("approvals")
	x.do(func() { s.move(1) })
	x.until("the case", func() bool { return s.view.May })
	x.both("approvals-case")
	x.do(s.approve)
	x.both("approvals-approve")
	x.dismiss()
	x.do(s.deny)
	x.light("approvals-deny")
	x.dismiss()
	x.do(s.close)
	longer := find(x, s.table.Rows(), "a request to extend", func(r core.RequestRow) bool { return r.Action.OfAssignment() })
	x.check()
	x.do(func() { s.read(longer.ID) })
	x.until("the case", func() bool { return s.view.Dates && s.view.May })
	x.both("approvals-extend-case")
	x.do(s.approve)
	x.both("approvals-extend")
	x.dismiss()
	x.do(s.close)

	x.open("requests")
	s = screenOf[*requests](x)
	x.until("what was asked for", func() bool { return len(s.table.Rows()) > 0 })
	mine := find(x, s.table.Rows(), "a request of one's own", func(r core.RequestRow) bool { return r.Requester == s.kit.Me.Person.ID })
	x.check()
	x.do(func() { s.read(mine.ID) })
	x.until("the case", func() bool { return s.view.Title != "" })
	x.both("requests")
	x.do(s.close)
}
