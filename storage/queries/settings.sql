-- name: GetSettings :one
SELECT * FROM settings WHERE id = 1;

-- name: PutSettings :exec
INSERT INTO settings (id, organisation, idle_lock, mail_host, mail_port, mail_security, mail_auth, mail_user, mail_sealed, mail_from, mail_ca_file,
    digest_off, digest_weekday, digest_at, digest_zone)
VALUES (1, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
ON CONFLICT (id) DO UPDATE SET
    organisation = excluded.organisation, idle_lock = excluded.idle_lock, mail_host = excluded.mail_host,
    mail_port = excluded.mail_port, mail_security = excluded.mail_security, mail_auth = excluded.mail_auth,
    mail_user = excluded.mail_user, mail_sealed = excluded.mail_sealed, mail_from = excluded.mail_from,
    mail_ca_file = excluded.mail_ca_file,
    digest_off = excluded.digest_off, digest_weekday = excluded.digest_weekday, digest_at = excluded.digest_at,
    digest_zone = excluded.digest_zone;

-- name: GetMark :one
SELECT value FROM marks WHERE name = $1;

-- name: RaiseMark :exec
INSERT INTO marks (name, value) VALUES ($1, $2)
ON CONFLICT (name) DO UPDATE SET value = excluded.value WHERE excluded.value > marks.value;

-- name: GetPolicyLevel :one
SELECT * FROM policy_levels WHERE level = $1;

-- name: GetPolicyLevels :many
SELECT p.* FROM policy_levels p WHERE p.level = 'default'
   OR p.level = (SELECT r.system_id FROM roles r WHERE r.id = $1) OR p.level = $1;

-- name: ListApprovalLevels :many
SELECT * FROM policy_levels WHERE settings_json LIKE '%"require_approval"%' OR settings_json LIKE '%"approval_stages"%' ORDER BY level LIMIT 5000;

-- name: PutPolicyLevel :exec
INSERT INTO policy_levels (level, settings_json, made) VALUES ($1, $2, $3)
ON CONFLICT (level) DO UPDATE SET settings_json = excluded.settings_json, made = excluded.made;
