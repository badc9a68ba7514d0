// Package storage is core.Store over database/sql. One SQL text serves every
// engine; what differs (opening, locking, error codes, the guards of the log)
// belongs to the engine's own package, such as storage/sqlite.
//
// It decides nothing and refuses nothing but broken constraints. It never
// waits for a system or the network, and knows nothing of the job engine but
// the hook that stores deliveries in the same transaction.
//
// Read db.go (transactions), view.go and apply.go (what the engine uses), then
// branch.go, which every list is built with. Queries that are always the same
// stand in queries/ and are compiled into internal/gen; those that vary with a
// filter are put together here from constant pieces, and values are always
// parameters. After a change in queries/ or migrations/:
//
//	cd storage && go run github.com/sqlc-dev/sqlc/cmd/sqlc@v1.31.1 generate
package storage
