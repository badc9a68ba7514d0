-- name: GetDrift :one
SELECT * FROM drift WHERE id = $1;

-- name: GetDriftFor :one
SELECT * FROM drift WHERE system_id = $1 AND role_id = $2 AND scope = $3 AND account = $4 AND kind = $5;

-- name: AnyDrift :one
SELECT EXISTS (SELECT 1 FROM drift WHERE system_id = $1);

-- name: CountDrift :one
SELECT count(*) FROM drift WHERE system_id = $1;

-- name: ListDriftOf :many
SELECT * FROM drift WHERE system_id = $1 ORDER BY (CASE WHEN accepted_at > 0 THEN 1 ELSE 0 END), first_at DESC, id LIMIT 1000;

-- name: PutDrift :exec
INSERT INTO drift (id, system_id, role_id, scope, account, kind, object, first_at, detail, accepted_at, by_id, why)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
ON CONFLICT (id) DO UPDATE SET
    system_id = excluded.system_id, role_id = excluded.role_id, scope = excluded.scope, account = excluded.account,
    kind = excluded.kind, object = excluded.object, first_at = excluded.first_at, detail = excluded.detail,
    accepted_at = excluded.accepted_at, by_id = excluded.by_id, why = excluded.why;

-- name: DeleteDrift :exec
DELETE FROM drift WHERE id = $1;

-- name: CountOpenDrift :many
SELECT system_id, count(*) AS n FROM drift WHERE accepted_at = 0 GROUP BY system_id;

-- name: GetReading :one
SELECT * FROM readings WHERE system_id = $1;

-- name: PutReading :exec
INSERT INTO readings (system_id, read_at, held, more) VALUES ($1, $2, $3, $4)
ON CONFLICT (system_id) DO UPDATE SET read_at = excluded.read_at, held = excluded.held, more = excluded.more;
