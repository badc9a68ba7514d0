-- name: SetMark :exec
INSERT INTO marks (name, value) VALUES ($1, $2)
ON CONFLICT (name) DO UPDATE SET value = excluded.value;

-- name: ListActivations :many
SELECT * FROM assignments WHERE kind = 'active' AND state = $1 AND origin = 'activated'
ORDER BY created_at, id LIMIT $2;

-- What follows is a ClockSet: nothing waits for a time that now is far off.

-- name: EndSessionsUsedAfter :exec
DELETE FROM sessions WHERE last_seen_at > $1 OR created_at > $1;

-- name: UnlockCredentials :exec
UPDATE credentials SET locked_till_at = $1 WHERE locked_till_at > $1;

-- name: UnlockFactors :exec
UPDATE factors SET locked_till_at = $1 WHERE locked_till_at > $1;

-- name: HastenGrants :exec
UPDATE grants SET next_try_at = 0, failing_at = CASE WHEN failing_at > $1 THEN $1 ELSE failing_at END,
    since_at = CASE WHEN since_at > $1 THEN $1 ELSE since_at END
WHERE pending AND (next_try_at > $1 OR failing_at > $1 OR since_at > $1);

-- name: HastenChecks :exec
UPDATE systems SET health_checked_at = CASE WHEN health_checked_at > $1 THEN 0 ELSE health_checked_at END,
    health_ok_at = CASE WHEN health_ok_at > $1 THEN $1 ELSE health_ok_at END,
    health_since_at = CASE WHEN health_since_at > $1 THEN $1 ELSE health_since_at END
WHERE health_checked_at > $1 OR health_ok_at > $1 OR health_since_at > $1;

-- name: HastenRemembered :exec
UPDATE remembered SET made_at = $1 WHERE made_at > $1;
