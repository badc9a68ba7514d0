-- name: GetSystem :one
SELECT * FROM systems WHERE id = $1;

-- name: GetSystemByName :one
SELECT * FROM systems WHERE name_fold = $1 AND state <> 'removed';

-- name: ListSystems :many
SELECT * FROM systems WHERE state <> 'removed' ORDER BY name_fold, id;

-- name: PutSystem :exec
INSERT INTO systems (id, name, name_fold, kind, settings_json, plays, sealed, state, created_at, health_checked_at, health_ok_at, health_since_at, health_error, health_version)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
ON CONFLICT (id) DO UPDATE SET
    name = excluded.name, name_fold = excluded.name_fold, kind = excluded.kind, settings_json = excluded.settings_json,
    plays = excluded.plays, sealed = excluded.sealed, state = excluded.state, created_at = excluded.created_at,
    health_checked_at = excluded.health_checked_at, health_ok_at = excluded.health_ok_at,
    health_since_at = excluded.health_since_at, health_error = excluded.health_error, health_version = excluded.health_version;

-- name: GetRole :one
SELECT * FROM roles WHERE id = $1;

-- name: GetRoleByExternal :one
SELECT * FROM roles WHERE system_id = $1 AND external = $2;

-- name: PutRole :exec
INSERT INTO roles (id, system_id, external, name, name_fold, description, search, privileged, protected, gone)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (id) DO UPDATE SET
    system_id = excluded.system_id, external = excluded.external, name = excluded.name, name_fold = excluded.name_fold,
    description = excluded.description, search = excluded.search, privileged = excluded.privileged,
    protected = excluded.protected, gone = excluded.gone;

-- name: CountRolesBySystem :many
SELECT system_id, count(*) AS n FROM roles GROUP BY system_id;

-- name: ListProtectedRoles :many
SELECT * FROM roles WHERE protected ORDER BY name_fold, id LIMIT 100;
