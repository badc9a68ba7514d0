-- name: GetHead :one
SELECT seq, time_at, high_at, hash FROM audit ORDER BY seq DESC LIMIT 1;

-- name: AddEntry :exec
INSERT INTO audit (seq, time_at, high_at, actor_id, actor_name, strength, origin, action, outcome, system_id, system_name, role_id, role_name, scope, principal_id, principal_name, assignment_id, request_id, justification, ticket_system, ticket_number, detail, prev, hash)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24);

-- name: FirstSeqFrom :one
SELECT seq FROM audit WHERE high_at >= $1 ORDER BY high_at, seq LIMIT 1;

-- name: LastLateBefore :one
-- seq + 0 keeps SQLite from walking the log backwards to find the maximum.
SELECT CAST(COALESCE(MAX(seq + 0), 0) AS bigint) AS seq FROM audit WHERE time_at < high_at AND time_at < $1;

-- name: AddSearch :exec
INSERT INTO audit_search (seq, search) VALUES ($1, $2);

-- name: NextAction :one
SELECT action FROM audit WHERE action > $1 AND action < $2 ORDER BY action LIMIT 1;

-- name: AnyLateIn :one
-- seq + 0 leaves the index of late entries, which are few, as the only way.
SELECT EXISTS (SELECT 1 FROM audit WHERE time_at < high_at AND seq + 0 BETWEEN $1 AND $2);

-- name: FirstGrantEntryEnd :one
SELECT seq FROM audit
WHERE principal_id = $1 AND role_id = $2 AND action IN ('grant.removed', 'grant.left') AND time_at >= $3 AND principal_id <> ''
ORDER BY seq LIMIT 1;
