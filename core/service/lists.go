package service

import (
	"context"
	"errors"

	"github.com/stint-pim/stint/core"
)

// Assignments see core.Service. Who may not read everything sees his own.
func (s *Service) Assignments(ctx context.Context, f core.AssignmentFilter, p core.Page) (core.List[core.AssignmentRow], error) {
	who, err := s.allowed(ctx, anyone)
	if err != nil {
		return core.List[core.AssignmentRow]{}, err
	}
	if !who.rights.Read {
		f.Principal = who.person.ID
	}
	l, err := s.store.Assignments(ctx, f, p)
	return l, plain(err)
}

// CountAssignments see core.Service.
func (s *Service) CountAssignments(ctx context.Context, f core.AssignmentFilter) (int, error) {
	who, err := s.allowed(ctx, anyone)
	if err != nil {
		return 0, err
	}
	if !who.rights.Read {
		f.Principal = who.person.ID
	}
	n, err := s.store.CountAssignments(ctx, f)
	return n, plain(err)
}

// Roles see core.Service.
func (s *Service) Roles(ctx context.Context, f core.RoleFilter, p core.Page) (core.List[core.RoleRow], error) {
	if _, err := s.allowed(ctx, reading); err != nil {
		return core.List[core.RoleRow]{}, err
	}
	l, err := s.store.Roles(ctx, f, p)
	return l, plain(err)
}

// RolePage see core.Service.
func (s *Service) RolePage(ctx context.Context, id core.RoleID) (core.RolePage, error) {
	var page core.RolePage
	var system core.SystemID
	err := s.read(ctx, func(v core.View, r reader) error {
		if !r.rights.Read {
			return core.Errorf(core.Forbidden, "", "rights.read")
		}
		role, ok := v.Role(id)
		if !ok {
			return core.Errorf(core.NotFound, "role", "role.unknown")
		}
		sys, _ := v.System(role.System)
		system = sys.ID
		page.Role = core.RoleRow{Role: role, SystemName: sys.Name, SystemKind: sys.Kind, SystemAs: core.Kind(sys.Settings["as"])}
		page.Residual = string(s.traits(sys.Kind).Residual)
		def, sysLevel, own := v.PolicyLevels(id)
		page.Policy, page.Origins = core.ResolvePolicy(def, sysLevel, own)
		page.Own = own
		return nil
	})
	if err != nil {
		return page, err
	}
	// The counts come from the list, so that page and list can't disagree.
	after := ""
	for {
		l, err := s.store.Roles(ctx, core.RoleFilter{System: system}, core.Page{After: after, Limit: 500})
		if err != nil {
			return page, plain(err)
		}
		for _, row := range l.Items {
			if row.ID == id {
				page.Role = row
				return page, nil
			}
		}
		if after = l.Next; after == "" {
			return page, nil
		}
	}
}

// Policies see core.Service.
func (s *Service) Policies(ctx context.Context, level string) (core.PolicySettings, error) {
	var own core.PolicySettings
	err := s.read(ctx, func(v core.View, r reader) error {
		if !r.rights.Read {
			return core.Errorf(core.Forbidden, "", "rights.read")
		}
		own = v.PolicyLevel(level)
		return nil
	})
	return own, err
}

// People see core.Service.
func (s *Service) People(ctx context.Context, f core.PersonFilter, p core.Page) (core.List[core.PersonRow], error) {
	if _, err := s.allowed(ctx, reading); err != nil {
		return core.List[core.PersonRow]{}, err
	}
	l, err := s.store.PeopleList(ctx, f, p)
	return l, plain(err)
}

// PersonPage see core.Service.
func (s *Service) PersonPage(ctx context.Context, id core.PersonID) (core.PersonPage, error) {
	var page core.PersonPage
	err := s.read(ctx, func(v core.View, r reader) error {
		if r.newcomer {
			return core.Errorf(core.Forbidden, "", "factor.first")
		}
		if !r.rights.Read && id != r.person.ID {
			return core.Errorf(core.Forbidden, "", "rights.read")
		}
		p, ok := v.Person(id)
		if !ok {
			return core.Errorf(core.NotFound, "person", "person.unknown")
		}
		page.Sessions = v.SessionsOf(id)
		page.Roles = core.StintRolesOf(v, p, core.Env{Now: r.now})
		return nil
	})
	if err != nil {
		return page, err
	}
	l, err := s.store.PeopleList(ctx, core.PersonFilter{ID: id}, core.Page{Limit: 1})
	if err != nil {
		return page, plain(err)
	}
	if len(l.Items) == 1 {
		page.Person = l.Items[0]
	}
	page.Accounts, err = s.store.AccountsOf(ctx, id)
	return page, plain(err)
}

// Groups see core.Service.
func (s *Service) Groups(ctx context.Context, f core.GroupFilter, p core.Page) (core.List[core.GroupRow], error) {
	if _, err := s.allowed(ctx, reading); err != nil {
		return core.List[core.GroupRow]{}, err
	}
	l, err := s.store.Groups(ctx, f, p)
	return l, plain(err)
}

// GroupPage see core.Service.
func (s *Service) GroupPage(ctx context.Context, id core.GroupID) (core.GroupPage, error) {
	var page core.GroupPage
	l, err := s.Groups(ctx, core.GroupFilter{ID: id}, core.Page{Limit: 1})
	if err != nil {
		return page, err
	}
	if len(l.Items) == 0 {
		return page, core.Errorf(core.NotFound, "group", "group.unknown")
	}
	page.Group = l.Items[0]
	members, err1 := s.store.Members(ctx, id)
	given, err2 := s.store.Assignments(ctx, core.AssignmentFilter{Group: id, States: []core.AssignmentState{core.Scheduled, core.InForce}}, core.Page{Limit: core.MaxGiven})
	page.Members, page.Given = members, given.Items
	return page, plain(errors.Join(err1, err2))
}

// Systems see core.Service.
func (s *Service) Systems(ctx context.Context) ([]core.SystemRow, error) {
	if _, err := s.allowed(ctx, reading); err != nil {
		return nil, err
	}
	rows, err := s.store.SystemRows(ctx)
	for i := range rows {
		rows[i].Sealed = nil
	}
	return rows, plain(err)
}

// Requests see core.Service.
func (s *Service) Requests(ctx context.Context, f core.RequestFilter, p core.Page) (core.List[core.RequestRow], error) {
	who, err := s.allowed(ctx, anyone)
	if err != nil {
		return core.List[core.RequestRow]{}, err
	}
	if !who.rights.Read {
		f.Principal = who.person.ID
	}
	l, err := s.store.Requests(ctx, f, p)
	return l, plain(err)
}

// Entries see core.Service. "My audit" is for everyone.
func (s *Service) Entries(ctx context.Context, f core.EntryFilter, p core.Page) (core.List[core.Entry], error) {
	who, err := s.allowed(ctx, anyone)
	if err != nil {
		return core.List[core.Entry]{}, err
	}
	if !who.rights.Read {
		f.Person = who.person.ID
	}
	l, err := s.store.Entries(ctx, f, p)
	return l, plain(err)
}

// Story see core.Service.
func (s *Service) Story(ctx context.Context, id core.AssignmentID) ([]core.Entry, error) {
	err := s.read(ctx, func(v core.View, r reader) error {
		if r.newcomer {
			return core.Errorf(core.Forbidden, "", "factor.first")
		}
		a, ok := v.Assignment(id)
		if !ok || !r.rights.Read && a.Principal != r.person.ID {
			return core.Errorf(core.NotFound, "assignment", "assignment.unknown")
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	l, err := s.store.Story(ctx, id)
	return l, plain(err)
}

// Settings see core.Service. How mail leaves is for readers only.
func (s *Service) Settings(ctx context.Context) (core.Settings, error) {
	var set core.Settings
	err := s.read(ctx, func(v core.View, r reader) error {
		set = v.Settings()
		set.Mail.Sealed = nil
		if !r.rights.Read {
			set.Mail = core.MailSettings{}
		}
		return nil
	})
	return set, err
}
