package main

// A fault is something that goes wrong in the world, by its number in the list
// of faults that Stint promises to survive. Tests are named for the number:
// TestF13ClockForward.
type fault struct {
	no   int
	what string
	// needs is what a machine must allow, or else the test is skipped and that
	// is said; empty: a skipped test counts as a failed one.
	needs string
}

// faults are all of them. A fault without a test fails the run, unless it says
// why it has none.
var faults = []fault{
	{no: 1, what: "killed at random under load"},
	{no: 2, what: "killed at each step between intent, grant and outcome"},
	{no: 3, what: "power cut, in every state the disk may be left in"},
	{no: 4, what: "power cut on a real mount", needs: "mounting file systems in user space"},
	{no: 5, what: "the disk reports an error at fsync"},
	{no: 6, what: "disk full"},
	{no: 7, what: "database file damaged or cut off"},
	{no: 8, what: "audit entry changed, deleted, swapped, or the end cut off"},
	{no: 9, what: "a system is away when an access ends"},
	{no: 10, what: "a system hangs"},
	{no: 11, what: "the answer is lost after the grant was made"},
	{no: 12, what: "a connection that is open on one side only"},
	{no: 13, what: "the clock is set forward or back"},
	{no: 14, what: "the machine sleeps"},
	{no: 15, what: "5,000 ends in one second while people activate"},
	{no: 16, what: "started with 5,000 ends overdue"},
	{no: 17, what: "two servers on one database"},
	{no: 18, what: "a code of the second factor used again"},
	{no: 19, what: "the same call made again"},
	{no: 20, what: "many things at the same instant"},
	{no: 21, what: "a session that is open on the system when the access ends"},
	{no: 22, what: "granted or revoked by hand on the system"},
	{no: 23, what: "an older backup restored"},
	{no: 24, what: "no file descriptors, no memory"},
	{no: 25, what: "killed inside a change of the schema; files of older schemas"},
	{no: 26, what: "the window's display dies while a role is active"},
	{no: 27, what: "hostile input at every parser"},
	{no: 28, what: "passwords and codes guessed by the thousand"},
}
