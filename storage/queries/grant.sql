-- name: GetGrant :one
SELECT * FROM grants WHERE id = $1;

-- name: GetGrantFor :one
SELECT * FROM grants WHERE system_id = $1 AND role_id = $2 AND scope = $3 AND account = $4;

-- name: PutGrant :exec
INSERT INTO grants (id, system_id, role_id, scope, account, external, wanted, until_at, state, pending, rank, evidence_at, evidence_holds, evidence_query, evidence_answer, evidence_ended, since_at, cycle, attempts, failing_at, last_error, next_try_at, alarmed, for_id, object)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25)
ON CONFLICT (id) DO UPDATE SET
    system_id = excluded.system_id, role_id = excluded.role_id, scope = excluded.scope, account = excluded.account,
    external = excluded.external, wanted = excluded.wanted, until_at = excluded.until_at, state = excluded.state,
    pending = excluded.pending, rank = excluded.rank, evidence_at = excluded.evidence_at,
    evidence_holds = excluded.evidence_holds, evidence_query = excluded.evidence_query,
    evidence_answer = excluded.evidence_answer, evidence_ended = excluded.evidence_ended, since_at = excluded.since_at,
    cycle = excluded.cycle, attempts = excluded.attempts, failing_at = excluded.failing_at, last_error = excluded.last_error,
    next_try_at = excluded.next_try_at, alarmed = excluded.alarmed, for_id = excluded.for_id, object = excluded.object;

-- name: UpdateGrant :exec
-- All but what a grant is about, which never changes: an index is written anew
-- for every column that is named here, whether it changed or not.
UPDATE grants SET external = $2, wanted = $3, until_at = $4, state = $5, pending = $6, rank = $7, evidence_at = $8, evidence_holds = $9,
    evidence_query = $10, evidence_answer = $11, evidence_ended = $12, since_at = $13, cycle = $14, attempts = $15, failing_at = $16,
    last_error = $17, next_try_at = $18, alarmed = $19, for_id = $20, object = $21
WHERE id = $1;

-- name: CountGrantsOn :one
SELECT count(*) FROM grants WHERE system_id = $1 AND (wanted OR pending AND state <> 'unknown');

-- name: ListPendingGrants :many
-- + 0 leaves the index that has the order asked for: else thousands due at once
-- would be sorted for every batch.
SELECT * FROM grants WHERE system_id = $1 AND pending AND next_try_at + 0 <= sqlc.arg(next_try_at)
ORDER BY rank, since_at, id LIMIT sqlc.arg(n);

-- name: NextTry :one
-- Looks through all that wait for one system, in their own index: that is done
-- when the system is away or idle, and costs nobody who is served.
SELECT next_try_at FROM grants WHERE system_id = $1 AND pending ORDER BY next_try_at LIMIT 1;

-- name: CountBusyBySystem :many
SELECT system_id,
    sum(CASE WHEN wanted THEN 1 ELSE 0 END) AS active,
    sum(CASE WHEN pending THEN 1 ELSE 0 END) AS pending,
    sum(CASE WHEN pending AND failing_at > 0 THEN 1 ELSE 0 END) AS failing
FROM grants WHERE (wanted OR pending) GROUP BY system_id;

-- name: ListLiveGrants :many
SELECT * FROM grants WHERE system_id = $1 AND state <> 'absent' AND id > $2 ORDER BY id LIMIT $3;

-- name: ListAttempted :many
-- The first condition is that of the index.
SELECT id FROM grants WHERE system_id = $1 AND state <> 'absent' AND state NOT IN ('unknown', 'found') AND id > $2 ORDER BY id LIMIT $3;

-- name: ListEndings :many
SELECT a.id, a.end_at, g.system_id, g.id AS grant_id, g.cycle, g.external, g.scope, g.account, g.object
FROM assignments a
JOIN grants g ON g.id = a.grant_id
JOIN roles r ON r.id = g.role_id
WHERE a.live AND a.end_at > 0 AND a.end_at >= sqlc.arg(after_at) AND a.end_at <= sqlc.arg(now)
    AND (a.end_at > sqlc.arg(after_at) OR a.id > sqlc.arg(after_id))
    AND g.wanted AND g.state = 'present' AND g.until_at > 0 AND g.until_at <= sqlc.arg(now) AND NOT r.protected
ORDER BY a.end_at, a.id LIMIT sqlc.arg(n);
