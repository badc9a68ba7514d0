// Package core is the pure heart of Stint: what there is, what may be asked,
// and the rules that answer. It imports nothing but the standard library,
// touches no disk, no network and no clock, and starts no goroutine.
//
// A change travels so:
//
//	Call ─▶ Service ─▶ engine ─▶ Decide(view, actor, command, env) ─▶ []Event
//	                      │                                             │
//	                      └── one transaction: entry in the chain, ◀────┘
//	                          rows, deliveries
//
// Read assignment.go and grant.go for the two state machines, command.go for
// what may be asked, decide.go for the rules, prove.go for the fresh code, due.go
// for what time asks, and service.go and store.go for the ports that the other
// packages fill.
package core
