-- name: GetGroup :one
SELECT * FROM people_groups WHERE id = $1;

-- name: GetGroupByName :one
SELECT * FROM people_groups WHERE name_fold = $1 AND NOT removed;

-- name: PutGroup :exec
INSERT INTO people_groups (id, name, name_fold, description, removed, created_at) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (id) DO UPDATE SET name = excluded.name, name_fold = excluded.name_fold, description = excluded.description,
    removed = excluded.removed, created_at = excluded.created_at;

-- name: ListMembersOf :many
SELECT * FROM members WHERE group_id = $1 ORDER BY person_id LIMIT 500;

-- name: ListGroupsOf :many
SELECT * FROM members WHERE person_id = $1 ORDER BY group_id LIMIT 500;

-- name: PutMember :exec
INSERT INTO members (group_id, person_id, since_at) VALUES ($1, $2, $3)
ON CONFLICT (group_id, person_id) DO UPDATE SET since_at = excluded.since_at;

-- name: DeleteMember :exec
DELETE FROM members WHERE group_id = $1 AND person_id = $2;

-- name: ListMemberRows :many
SELECT m.group_id, m.person_id, m.since_at, p.name, p.login, p.disabled
FROM members m JOIN people p ON p.id = m.person_id
WHERE m.group_id = $1 ORDER BY p.name_fold, p.id LIMIT 500;

-- name: ListGivenTo :many
SELECT * FROM assignments WHERE group_id = $1 AND live AND group_id <> '' AND via_id = ''
ORDER BY created_at, id LIMIT 100;

-- name: ListThrough :many
SELECT * FROM assignments WHERE via_id = $1 AND live AND via_id <> ''
ORDER BY created_at, id LIMIT 500;
