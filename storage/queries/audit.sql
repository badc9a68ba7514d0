-- name: GetHead :one
SELECT seq, time_at, high_at, hash FROM audit ORDER BY seq DESC LIMIT 1;

-- name: AddEntry :exec
INSERT INTO audit (seq, time_at, high_at, actor_id, actor_name, strength, origin, action, outcome, system_id, system_name, role_id, role_name, scope, principal_id, principal_name, assignment_id, request_id, justification, ticket_system, ticket_number, detail, prev, hash)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24);

-- name: HighAt :one
SELECT high_at FROM audit WHERE seq = $1;

-- name: LastLateBefore :one
-- seq + 0 keeps SQLite from walking the log backwards to find the maximum.
SELECT CAST(COALESCE(MAX(seq + 0), 0) AS bigint) AS seq FROM audit WHERE time_at < high_at AND time_at < $1;

-- name: AnyLateIn :one
-- seq + 0 leaves the index of late entries, which are few, as the only way.
SELECT EXISTS (SELECT 1 FROM audit WHERE time_at < high_at AND seq + 0 BETWEEN $1 AND $2);

-- name: LastIndexed :one
SELECT CAST(COALESCE(MAX(seq), 0) AS bigint) AS seq FROM audit_search;

-- name: ListTexts :many
SELECT seq, actor_name, principal_name, role_name, system_name, justification, ticket_system, ticket_number, detail
FROM audit WHERE seq > $1 ORDER BY seq;

-- name: AddKeys :exec
INSERT INTO audit_keys (field, key, seq)
SELECT 1, a.actor_id, a.seq FROM audit a WHERE a.seq > $1 AND a.actor_id <> ''
UNION ALL SELECT 1, a.principal_id, a.seq FROM audit a WHERE a.seq > $1 AND a.principal_id <> '' AND a.principal_id <> a.actor_id
UNION ALL SELECT 2, a.role_id, a.seq FROM audit a WHERE a.seq > $1 AND a.role_id <> ''
UNION ALL SELECT 3, a.system_id, a.seq FROM audit a WHERE a.seq > $1 AND a.system_id <> ''
UNION ALL SELECT 4, a.assignment_id, a.seq FROM audit a WHERE a.seq > $1 AND a.assignment_id <> ''
UNION ALL SELECT 5, a.action, a.seq FROM audit a WHERE a.seq > $1
ORDER BY 1, 2, 3
ON CONFLICT DO NOTHING;

-- name: NextAction :one
SELECT key FROM audit_keys WHERE field = 5 AND key > $1 AND key < $2 ORDER BY key LIMIT 1;

-- name: FirstGrantEntryEnd :one
SELECT a.seq FROM audit_keys ak CROSS JOIN audit a
WHERE a.seq = ak.seq AND ak.field = 1 AND ak.key = sqlc.arg(principal_id)
    AND a.principal_id = sqlc.arg(principal_id) AND a.role_id || '' = sqlc.arg(role_id)
    AND a.action || '' IN ('grant.removed', 'grant.left') AND a.time_at >= sqlc.arg(time_at)
ORDER BY ak.seq LIMIT 1;
