// Package auth has what signing in needs besides the rules: password hashes,
// the rules for new passwords, first passwords, the tokens of sessions, and the
// throttle in front of sign-in. Package auth/mfa has the second factor.
//
// It keeps no state but who waits for a hash and how often was tried, and never
// stores, logs or returns a password it was given. Who may sign in, and what a
// wrong password leads to, is decided in core.
//
// # Guessing, and keeping people out by guessing
//
// Whoever reaches the server may try passwords, from as many addresses as he
// can rent, and need not care whom that disturbs. Two things must hold at once:
// he guesses seldom, and the person whose login it is can still come in. A lock
// on the login holds the first and breaks the second: ten wrong passwords every
// quarter of an hour would keep an administrator out for ever. So nothing is
// locked at sign-in. Tries are counted where they come from:
//
//   - A device from which that person has signed in before shows a token of
//     ours (OWASP calls it a device cookie) and has a budget of its own, as has
//     a program on this very machine. What strangers do doesn't touch it.
//   - All strangers together have one budget for each login, and each address
//     only a part of that: StrangerTries at once, then one every StrangerEvery.
//     That is at most 1,460 passwords a day for one login, from however many
//     addresses (ASVS 4.0 2.2.1 allows 2,400).
//   - Beyond the budget a password without a code isn't looked at: whatever it
//     is, and whether the login exists or not, the answer is to give both
//     together. With both, a try is decided at any time. That is the way in for
//     a person at a new device while somebody guesses; it opens at once, and
//     costs the guesser two right guesses at the same time. A wrong one is
//     refused without telling which of the two it was, so that a code of one in
//     half a million stands before each password: at the forty hashes a second
//     of a small server, about seven passwords a day more.
//   - A right code is used up even where the password with it was wrong, so
//     that a code read over a shoulder buys one guess.
//
// A person without a second factor (a newcomer with a first password, which is
// good for a week) has no such way in while strangers use their budget up. He
// waits, signs in on the server's machine, or gets help from an administrator.
//
// Ten wrong codes lock the second factor for a quarter of an hour (rules.md
// section 3), but only those that came with the right password count: who
// doesn't know it can't lock anything, and who does has shown that the password
// is lost. The owner gets a mail in both cases.
//
// Each try costs a hash of some 20 MiB and 25 ms. Hashes are computed a few at
// a time, known people first, and a stranger is turned away when the line is
// long; so a flood takes neither the memory nor the turn of those who are known.
// Addresses are held back besides, because one may try many logins.
//
// All of this is kept in memory. A restart gives every login its budget anew:
// StrangerTries more, which is not worth a write to the disk for each try.
package auth
