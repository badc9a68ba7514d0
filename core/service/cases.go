package service

import (
	"context"

	"github.com/stint-pim/stint/core"
)

const (
	// caseRounds bounds how many pages of requests that concern somebody are
	// looked through for those that he may answer: he may have answered them.
	caseRounds = 50
	// caseNames is how many approvers of a stage are named.
	caseNames = 20
	// caseRecent is how many earlier activations are shown beside a request.
	caseRecent = 5
)

// Cases see core.Service.
func (s *Service) Cases(ctx context.Context, p core.Page) (core.List[core.RequestRow], error) {
	out := core.List[core.RequestRow]{Items: []core.RequestRow{}}
	if _, err := s.allowed(ctx, anyone); err != nil {
		return out, err
	}
	limit := p.Limit
	if limit == 0 {
		limit = 50
	}
	var seats core.Seats
	err := s.read(ctx, func(v core.View, r reader) error {
		seats = core.SeatsOf(v, r.person.ID, r.now)
		return nil
	})
	if err != nil {
		return out, err
	}
	for range caseRounds {
		l, err := s.store.Requests(ctx, core.RequestFilter{Asked: seats.People()}, p)
		if err != nil {
			return out, plain(err)
		}
		for _, row := range l.Items {
			if _, may := seats.MayAnswer(row.Request); may {
				out.Items = append(out.Items, row)
			}
		}
		if p.After, out.Next = l.Next, l.Next; l.Next == "" || len(out.Items) >= limit {
			break
		}
	}
	return out, nil
}

// Case see core.Service.
func (s *Service) Case(ctx context.Context, id core.RequestID) (core.Case, error) {
	var c core.Case
	err := s.read(ctx, func(v core.View, r reader) error {
		unknown := core.Errorf(core.NotFound, "request", "request.unknown")
		if r.newcomer {
			return core.Errorf(core.Forbidden, "", "factor.first")
		}
		q, ok := v.Request(id)
		if !ok {
			return unknown
		}
		if q.Approval != nil && !r.rights.Read && q.Requester != r.person.ID && q.Principal != r.person.ID && !core.SeatsOf(v, r.person.ID, r.now).Asked(q) {
			return unknown
		}
		if q.Approval == nil && !r.rights.Read && q.Principal != r.person.ID {
			return unknown
		}
		seat, may := core.MayAnswer(v, q, r.person.ID, r.now)
		c.May = may
		if p, ok := v.Person(seat); ok && may {
			c.Seat = p.Name
		}
		c.Request = named(v, q)
		c.Policy = core.PolicyOf(v, q.Role).Unnoted()
		c.Stages = stages(v, q, r)
		if q.Action.OfAssignment() {
			c.Present, _ = v.Assignment(q.Basis)
		}
		c.Fails = core.StillFits(v, q, core.Env{Now: r.now})
		return nil
	})
	if err != nil {
		return c, err
	}
	recent, err := s.store.Requests(ctx, core.RequestFilter{Principal: c.Request.Principal, Actions: []core.Action{core.SelfActivate}}, core.Page{Limit: caseRecent + 1})
	if err != nil {
		return c, plain(err)
	}
	c.Recent = []core.RequestRow{}
	for _, row := range recent.Items {
		if row.ID != id && len(c.Recent) < caseRecent {
			c.Recent = append(c.Recent, row)
		}
	}
	return c, nil
}

// named adds the names that a screen shows.
func named(v core.View, q core.Request) core.RequestRow {
	row := core.RequestRow{Request: q}
	requester, _ := v.Person(q.Requester)
	principal, _ := v.Person(q.Principal)
	if principal.ID == "" {
		a, _ := v.Assignment(q.Assignment)
		g, _ := v.Group(a.Group)
		principal.Name = g.Name
	}
	role, _ := v.Role(q.Role)
	system, _ := v.System(q.System)
	row.RequesterName, row.PrincipalName, row.RoleName, row.SystemName = requester.Name, principal.Name, role.Name, system.Name
	return row
}

func stages(v core.View, q core.Request, r reader) []core.CaseStage {
	out := []core.CaseStage{}
	if q.Approval == nil {
		return out
	}
	for i, st := range q.Approval.Stages {
		cs := core.CaseStage{Quorum: st.Quorum, Open: i == q.Approval.Stage && q.Status == core.PendingApproval, Approvers: []string{}}
		for _, vote := range q.Approval.Votes {
			if vote.Stage == i && vote.Approve {
				cs.Agreed++
			}
		}
		people := core.ApproversOf(v, q, i, r.now)
		for _, id := range people[:min(caseNames, len(people))] {
			p, _ := v.Person(id)
			cs.Approvers = append(cs.Approvers, p.Name)
		}
		cs.Others = len(people) - len(cs.Approvers)
		out = append(out, cs)
	}
	return out
}

// Deputies see core.Service.
func (s *Service) Deputies(ctx context.Context) (core.Deputies, error) {
	var d core.Deputies
	err := s.read(ctx, func(v core.View, r reader) error {
		if r.newcomer {
			return core.Errorf(core.Forbidden, "", "factor.first")
		}
		row := func(dep core.Deputy) core.DeputyRow {
			p, _ := v.Person(dep.Person)
			q, _ := v.Person(dep.Deputy)
			return core.DeputyRow{Deputy: dep, PersonName: p.Name, DeputyName: q.Name}
		}
		if dep, ok := v.Deputy(r.person.ID); ok && r.now.Before(dep.Until) {
			mine := row(dep)
			d.Mine = &mine
		}
		d.For = []core.DeputyRow{}
		for _, dep := range v.DeputyFor(r.person.ID) {
			if r.now.Before(dep.Until) {
				d.For = append(d.For, row(dep))
			}
		}
		return nil
	})
	return d, err
}
