package model

import (
	"net/url"
	"slices"
	"strings"
)

// mostServers is how many addresses of servers are offered again.
const mostServers = 4

// RememberServer puts an address before those used earlier. Of what was typed
// only the address itself is kept: a name, a password or a token in it is not.
// Nil means that nothing of it can be kept.
func RememberServer(used []string, typed string) []string {
	typed = strings.TrimSpace(typed)
	if !strings.Contains(typed, "://") {
		typed = "https://" + typed
	}
	u, err := url.Parse(typed)
	if err != nil || u.Host == "" {
		return nil
	}
	address := (&url.URL{Scheme: strings.ToLower(u.Scheme), Host: strings.ToLower(u.Host), Path: strings.TrimRight(u.Path, "/")}).String()
	out := append([]string{address}, slices.DeleteFunc(slices.Clone(used), func(s string) bool { return s == address })...)
	return out[:min(len(out), mostServers)]
}
