-- name: GetAssignment :one
SELECT * FROM assignments WHERE id = $1;

-- name: PutAssignment :exec
INSERT INTO assignments (id, principal_id, role_id, system_id, scope, kind, origin, basis_id, start_at, end_at, state, live, ended_at, grant_id, request_id, justification, ticket_system, ticket_number, created_at, remind_at, group_id, via_id)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)
ON CONFLICT (id) DO UPDATE SET
    principal_id = excluded.principal_id, role_id = excluded.role_id, system_id = excluded.system_id, scope = excluded.scope,
    kind = excluded.kind, origin = excluded.origin, basis_id = excluded.basis_id, start_at = excluded.start_at,
    end_at = excluded.end_at, state = excluded.state, live = excluded.live, ended_at = excluded.ended_at,
    grant_id = excluded.grant_id, request_id = excluded.request_id, justification = excluded.justification,
    ticket_system = excluded.ticket_system, ticket_number = excluded.ticket_number, created_at = excluded.created_at, remind_at = excluded.remind_at,
    group_id = excluded.group_id, via_id = excluded.via_id;

-- name: ListLiveOf :many
SELECT * FROM assignments
WHERE principal_id = $1 AND kind IN ('eligible', 'active') AND state IN ('scheduled', 'in_force')
ORDER BY created_at, id LIMIT 5000;

-- name: ListStateFor :many
SELECT * FROM assignments WHERE role_id = $1 AND kind = $2 AND state = $3
ORDER BY created_at, id LIMIT $4;

-- name: ListStateOn :many
SELECT * FROM assignments WHERE system_id = $1 AND kind = $2 AND state = $3
ORDER BY created_at, id LIMIT $4;

-- name: ListStandingOn :many
SELECT * FROM assignments WHERE basis_id = $1 AND live AND basis_id <> ''
ORDER BY created_at, id LIMIT 5000;

-- name: ListWanting :many
-- kind || '' leaves the index of grants as the only way: that of kinds and
-- states has the order asked for, and every activation there is.
SELECT * FROM assignments WHERE grant_id = $1 AND state = 'in_force' AND kind || '' = 'active' AND grant_id <> ''
ORDER BY created_at, id LIMIT 5000;

-- name: ListEndsDue :many
SELECT * FROM assignments WHERE live AND end_at > 0 AND end_at <= $1
ORDER BY end_at, id LIMIT $2;

-- name: ListStartsDue :many
SELECT * FROM assignments WHERE state = 'scheduled' AND start_at <= $1 AND (end_at = 0 OR end_at > $1)
ORDER BY start_at, id LIMIT $2;

-- name: ListRemindersDue :many
SELECT * FROM assignments WHERE remind_at > 0 AND remind_at <= $1
ORDER BY remind_at, id LIMIT $2;

-- name: NextReminder :one
SELECT remind_at FROM assignments WHERE remind_at > 0 ORDER BY remind_at LIMIT 1;

-- name: NextEnd :one
SELECT end_at FROM assignments WHERE live AND end_at > 0 ORDER BY end_at LIMIT 1;

-- name: NextStart :one
SELECT start_at FROM assignments WHERE state = 'scheduled' ORDER BY start_at LIMIT 1;

-- name: GetRequest :one
SELECT * FROM requests WHERE id = $1;

-- name: CompleteRequest :exec
UPDATE requests SET status = $2, completed_at = $3 WHERE id = $1;

-- name: EndAssignment :exec
UPDATE assignments SET state = $2, live = $3, ended_at = $4, remind_at = $5 WHERE id = $1;

-- name: PutRequest :exec
INSERT INTO requests (id, action, status, requester_id, principal_id, role_id, system_id, scope, assignment_id, start_at, end_at, justification, ticket_system, ticket_number, origin, created_at, completed_at, basis_id, duration, approval_json, due_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)
ON CONFLICT (id) DO UPDATE SET
    action = excluded.action, status = excluded.status, requester_id = excluded.requester_id, principal_id = excluded.principal_id,
    role_id = excluded.role_id, system_id = excluded.system_id, scope = excluded.scope, assignment_id = excluded.assignment_id,
    start_at = excluded.start_at, end_at = excluded.end_at, justification = excluded.justification,
    ticket_system = excluded.ticket_system, ticket_number = excluded.ticket_number, origin = excluded.origin, created_at = excluded.created_at,
    completed_at = excluded.completed_at, basis_id = excluded.basis_id, duration = excluded.duration, approval_json = excluded.approval_json,
    due_at = excluded.due_at;

-- name: DeleteAsked :exec
DELETE FROM asked WHERE request_id = $1;

-- name: PutAsked :exec
INSERT INTO asked (approver_id, created_at, request_id) VALUES ($1, $2, $3)
ON CONFLICT DO NOTHING;

-- name: NamedInPending :one
-- Those that wait are few. An underscore in an identifier stands for any letter
-- here, which finds rather too much.
SELECT EXISTS (SELECT 1 FROM requests WHERE status = 'PendingApproval' AND approval_json LIKE '%"group":"' || CAST(sqlc.arg(id) AS text) || '"%');

-- name: ListPendingOn :many
SELECT * FROM requests WHERE basis_id = $1 AND status = 'PendingApproval'
ORDER BY created_at, id LIMIT 100;

-- name: ListPendingOf :many
SELECT * FROM requests WHERE principal_id = $1 AND status = 'PendingApproval'
ORDER BY created_at, id LIMIT 500;

-- name: ListRequestsDue :many
SELECT * FROM requests WHERE due_at > 0 AND due_at <= $1
ORDER BY due_at, id LIMIT $2;

-- name: NextRequestDue :one
SELECT due_at FROM requests WHERE due_at > 0 ORDER BY due_at LIMIT 1;

-- name: GetDeputy :one
SELECT * FROM deputies WHERE person_id = $1;

-- name: ListDeputyFor :many
SELECT * FROM deputies WHERE deputy_id = $1 ORDER BY person_id LIMIT 100;

-- name: PutDeputy :exec
INSERT INTO deputies (person_id, deputy_id, from_at, until_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (person_id) DO UPDATE SET deputy_id = excluded.deputy_id, from_at = excluded.from_at, until_at = excluded.until_at;

-- name: DeleteDeputy :exec
DELETE FROM deputies WHERE person_id = $1;

-- name: ListJustifications :many
SELECT justification FROM requests
WHERE requester_id = $1 AND action IN ('selfActivate', 'selfProlong')
ORDER BY created_at DESC, id DESC LIMIT 500;
