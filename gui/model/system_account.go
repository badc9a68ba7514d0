package model

import (
	"sort"
	"strings"

	"github.com/stint-pim/stint/core"
)

// AccountMatch is a person beside the account that is probably his.
type AccountMatch struct {
	Person    core.PersonRow
	Account   string // as it stands in the field
	Suggested bool   // Account equals his login
}

// MatchAccounts suggests for each person the account that is called like his
// login, without regard to case where that is unmistakable. A suggestion is
// taken over verbatim from the system. Those with one come first.
func MatchAccounts(people []core.PersonRow, accounts []string) []AccountMatch {
	exact := make(map[string]bool, len(accounts))
	folded := map[string][]string{}
	for _, a := range accounts {
		exact[a] = true
		folded[strings.ToLower(a)] = append(folded[strings.ToLower(a)], a)
	}
	out := make([]AccountMatch, 0, len(people))
	for _, p := range people {
		if p.Disabled {
			continue
		}
		m := AccountMatch{Person: p}
		if exact[p.Login] {
			m.Account, m.Suggested = p.Login, true
		} else if f := folded[strings.ToLower(p.Login)]; len(f) == 1 {
			m.Account, m.Suggested = f[0], true
		}
		out = append(out, m)
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].Suggested && !out[j].Suggested })
	return out
}

// AccountState says beside a field whether the system has the account that was
// typed. An unknown one is no error: the list that a system gives may be short.
func AccountState(say *Text, account string, accounts []string) Mark {
	account = strings.TrimSpace(account)
	if account == "" {
		return Mark{say.T("pages.system.account.none"), TonePlain}
	}
	for _, a := range accounts {
		if a == account {
			return Mark{say.T("pages.system.account.found"), ToneGood}
		}
	}
	return Mark{say.T("pages.system.account.unknown"), ToneWarn}
}

// AccountCommands are the accounts to be set on a system just added.
func AccountCommands(system core.SystemID, matches []AccountMatch) []core.SetAccount {
	var out []core.SetAccount
	for _, m := range matches {
		if a := strings.TrimSpace(m.Account); a != "" {
			out = append(out, core.SetAccount{Person: m.Person.ID, System: system, External: a})
		}
	}
	return out
}
