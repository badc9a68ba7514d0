package server

import (
	"net/netip"
	"sync"
	"time"
)

// How many sign-ins one address may try: a whole office that begins its day,
// then one every two seconds. Each costs a hash, and one that fails leaves an
// entry in the audit log for ever (ASVS 2.4.1, 6.3.1). The lock of a login is
// another matter: it belongs to the rules and holds wherever the tries come from.
const (
	signInsAtOnce = 60
	signInEvery   = 2 * time.Second
	// maxAddresses bounds what is remembered of addresses. Who has more than
	// that is not held back this way; one entry takes about 100 bytes.
	maxAddresses = 10_000
)

// pace holds back addresses that try too often. The zero value is ready.
type pace struct {
	mu   sync.Mutex
	free map[netip.Prefix]time.Time // when an address has all its tries again. guarded by mu
}

// take uses one try of an address, if there is one left.
func (p *pace) take(address string, now time.Time) bool {
	a, err := netip.ParseAddr(address)
	if err != nil {
		return true // no address of a network
	}
	bits := 32
	if a = a.Unmap().WithZone(""); a.Is6() {
		bits = 64 // what one customer gets
	}
	key, _ := a.Prefix(bits) // neither is more than the address has
	p.mu.Lock()
	defer p.mu.Unlock()
	at := p.free[key]
	if at.Before(now) {
		at = now
	}
	if at.Sub(now) > (signInsAtOnce-1)*signInEvery {
		return false
	}
	if len(p.free) >= maxAddresses {
		for k, t := range p.free {
			if !t.After(now) {
				delete(p.free, k)
			}
		}
	}
	if p.free == nil || len(p.free) >= maxAddresses {
		p.free = map[netip.Prefix]time.Time{}
	}
	p.free[key] = at.Add(signInEvery)
	return true
}
