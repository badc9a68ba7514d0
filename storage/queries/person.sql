-- name: CountPeople :one
SELECT count(*) FROM people;

-- name: GetPerson :one
SELECT * FROM people WHERE id = $1;

-- name: GetPersonByLogin :one
SELECT * FROM people WHERE login_fold = $1;

-- name: PutPerson :exec
INSERT INTO people (id, name, name_fold, login, login_fold, mail, search, language, disabled, created_at, no_digest)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
ON CONFLICT (id) DO UPDATE SET
    name = excluded.name, name_fold = excluded.name_fold, login = excluded.login, login_fold = excluded.login_fold,
    mail = excluded.mail, search = excluded.search, language = excluded.language, disabled = excluded.disabled,
    created_at = excluded.created_at, no_digest = excluded.no_digest;

-- name: GetAccount :one
SELECT * FROM accounts WHERE person_id = $1 AND system_id = $2;

-- name: GetAccountOwner :one
SELECT person_id FROM accounts WHERE system_id = $1 AND external = $2;

-- name: PutAccount :exec
INSERT INTO accounts (person_id, system_id, external) VALUES ($1, $2, $3)
ON CONFLICT (person_id, system_id) DO UPDATE SET external = excluded.external;

-- name: DeleteAccount :exec
DELETE FROM accounts WHERE person_id = $1 AND system_id = $2;

-- name: ListAccountsOf :many
SELECT a.person_id, a.system_id, a.external, s.name AS system_name, s.kind AS system_kind
FROM accounts a JOIN systems s ON s.id = a.system_id
WHERE a.person_id = $1 ORDER BY s.name_fold, s.id LIMIT 1000;

-- name: GetCredential :one
SELECT * FROM credentials WHERE person_id = $1;

-- name: PutCredential :exec
INSERT INTO credentials (person_id, hash, changed_at, must_change, failed, locked_till_at, signed_in_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (person_id) DO UPDATE SET
    hash = excluded.hash, changed_at = excluded.changed_at, must_change = excluded.must_change,
    failed = excluded.failed, locked_till_at = excluded.locked_till_at, signed_in_at = excluded.signed_in_at;

-- name: GetFactor :one
SELECT * FROM factors WHERE person_id = $1;

-- name: PutFactor :exec
INSERT INTO factors (person_id, sealed, next_sealed, confirmed, last_step, failed, locked_till_at, recovery_json)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (person_id) DO UPDATE SET
    sealed = excluded.sealed, next_sealed = excluded.next_sealed, confirmed = excluded.confirmed, last_step = excluded.last_step,
    failed = excluded.failed, locked_till_at = excluded.locked_till_at, recovery_json = excluded.recovery_json;

-- name: RaiseSteps :exec
UPDATE factors SET last_step = $1 WHERE last_step < $1;

-- name: GetSession :one
SELECT * FROM sessions WHERE id = $1;

-- name: GetSessionOf :one
SELECT sqlc.embed(s), sqlc.embed(p) FROM sessions s JOIN people p ON p.id = s.person_id WHERE s.id = $1;

-- name: ListSessionsOf :many
SELECT * FROM sessions WHERE person_id = $1 ORDER BY created_at DESC, id DESC LIMIT 100;

-- name: PutSession :exec
INSERT INTO sessions (id, person_id, created_at, last_seen_at, expires_at, origin, strength)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (id) DO UPDATE SET
    person_id = excluded.person_id, created_at = excluded.created_at, last_seen_at = excluded.last_seen_at,
    expires_at = excluded.expires_at, origin = excluded.origin, strength = excluded.strength;

-- name: DeleteSession :exec
DELETE FROM sessions WHERE id = $1;

-- name: DeleteSessionsExpired :exec
DELETE FROM sessions WHERE expires_at < $1;

-- name: GetFavourite :one
SELECT * FROM favourites WHERE id = $1;

-- name: ListFavouritesOf :many
SELECT * FROM favourites WHERE person_id = $1 ORDER BY name_fold, id LIMIT 100;

-- name: PutFavourite :exec
INSERT INTO favourites (id, person_id, name, name_fold, items_json, duration, justification)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (id) DO UPDATE SET
    person_id = excluded.person_id, name = excluded.name, name_fold = excluded.name_fold,
    items_json = excluded.items_json, duration = excluded.duration, justification = excluded.justification;

-- name: DeleteFavourite :exec
DELETE FROM favourites WHERE id = $1;

-- name: GetRemembered :one
SELECT digest, result FROM remembered WHERE person_id = $1 AND key = $2;

-- name: PutRemembered :exec
INSERT INTO remembered (person_id, key, digest, result, made_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (person_id, key) DO UPDATE SET digest = excluded.digest, result = excluded.result, made_at = excluded.made_at;

-- name: DeleteRememberedBefore :exec
DELETE FROM remembered WHERE made_at < $1;
