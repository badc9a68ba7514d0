package core

import "strconv"

func (d *decider) noteExport(c NoteExport) *Error {
	e := d.entry(AuditExported)
	e.Detail = c.Format + ", " + strconv.FormatInt(c.Count, 10) + " entries, " + c.Filter + ", SHA-256 " + c.Hash
	d.record(e)
	return nil
}

func (d *decider) noteVerify(c NoteVerify) *Error {
	e := d.entry(AuditVerified)
	e.Detail = strconv.FormatInt(c.Count, 10) + " entries, the chain is whole"
	if c.Break != nil {
		e.Outcome = OutcomeFailed
		e.Detail = "broken at entry " + strconv.FormatInt(c.Break.Seq, 10) + ": " + c.Break.Reason
	}
	d.record(e)
	return nil
}

func (d *decider) noteMailTest(c NoteMailTest) *Error {
	e := d.entry(MailTested)
	e.Detail = "to " + c.To
	if c.Problem != "" {
		e.Outcome, e.Detail = OutcomeFailed, e.Detail+": "+Clip(c.Problem, 300)
	}
	d.record(e)
	return nil
}

// noteMailRefused tells it in the story of what the mail was about, and names
// whoever was not reached.
func (d *decider) noteMailRefused(c NoteMailRefused) *Error {
	e := d.entry(MailRefused)
	d.aboutAssignment(&e, c.Notice.Assignment)
	e.Request, e.Principal, e.PrincipalName = c.Notice.Request, "", c.Notice.Address
	d.about(&e, c.Notice.To)
	e.Outcome = OutcomeFailed
	e.Detail = "the mail “" + string(c.Notice.Kind) + "” to " + Clip(c.Notice.Address, 254) + " is not delivered: " + Clip(c.Problem, 300)
	d.record(e)
	return nil
}

func (d *decider) noteStore(c NoteStore) *Error {
	e := d.entry(StoreMended)
	e.Detail = "the disk with the database has room again"
	if c.Full {
		e = d.entry(StoreFull)
		e.Outcome, e.Detail = OutcomeFailed, "the disk with the database is full: only what takes access away is stored, in room kept for it"
	}
	d.record(e)
	return nil
}
