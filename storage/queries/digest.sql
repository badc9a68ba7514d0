-- name: CountHeldBySystem :many
SELECT system_id,
    sum(CASE WHEN kind = 'active' AND end_at = 0 THEN 1 ELSE 0 END) AS permanent,
    sum(CASE WHEN kind = 'active' AND end_at > 0 THEN 1 ELSE 0 END) AS active,
    sum(CASE WHEN kind = 'eligible' THEN 1 ELSE 0 END) AS eligible,
    sum(CASE WHEN end_at > 0 AND end_at < sqlc.arg(soon) THEN 1 ELSE 0 END) AS ending
FROM assignments WHERE live AND origin = 'assigned' AND (group_id = '' OR via_id <> '') GROUP BY system_id;

-- name: ListMostHeld :many
-- The roles with the most that is for good.
SELECT h.role_id, r.name, s.name AS system_name, h.permanent, h.eligible FROM (
    SELECT system_id, role_id,
        sum(CASE WHEN kind = 'active' AND end_at = 0 THEN 1 ELSE 0 END) AS permanent,
        sum(CASE WHEN kind = 'eligible' THEN 1 ELSE 0 END) AS eligible,
        sum(CASE WHEN kind = 'eligible' OR end_at = 0 THEN 1 ELSE 0 END) AS held
    FROM assignments WHERE live AND origin = 'assigned' AND (group_id = '' OR via_id <> '') GROUP BY system_id, role_id
    ORDER BY held DESC, role_id LIMIT sqlc.arg(n)
) h JOIN roles r ON r.id = h.role_id JOIN systems s ON s.id = h.system_id
WHERE h.held > 0 ORDER BY h.held DESC, h.role_id;

-- name: CountRunningBySystem :many
-- By an expression, which keeps the planner from an index with everybody's.
SELECT CAST(system_id || '' AS text) AS system_id, count(*) AS n FROM assignments
WHERE live AND basis_id <> '' AND state = 'in_force' GROUP BY system_id || '';

-- name: CountStuckBySystem :many
SELECT system_id, count(*) AS n FROM grants WHERE pending AND failing_at > 0 AND failing_at <= sqlc.arg(since) GROUP BY system_id;

-- name: CountWaiting :one
SELECT count(*) FROM requests WHERE status = 'PendingApproval';
