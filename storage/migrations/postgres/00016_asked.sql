-- +goose Up
-- Who may answer a request that waits: the approvers of its open stage, people,
-- groups and roles alike. The steps of the engines differ in how they read what
-- waits already.
CREATE TABLE asked (
    approver_id text   NOT NULL,
    created_at  bigint NOT NULL, -- of the request
    request_id  text   NOT NULL,
    PRIMARY KEY (approver_id, created_at, request_id)
);
CREATE INDEX asked_request ON asked (request_id);

INSERT INTO asked (approver_id, created_at, request_id)
SELECT COALESCE(a.value ->> 'person', a.value ->> 'role'), q.created_at, q.id
FROM (SELECT id, created_at, NULLIF(approval_json, '')::jsonb AS doc FROM requests WHERE status = 'PendingApproval') q,
    LATERAL jsonb_array_elements(q.doc -> 'stages' -> (q.doc ->> 'stage')::int -> 'approvers') a
ON CONFLICT DO NOTHING;

INSERT INTO asked (approver_id, created_at, request_id)
SELECT COALESCE(a.value ->> 'person', a.value ->> 'role'), q.created_at, q.id
FROM (SELECT id, created_at, NULLIF(approval_json, '')::jsonb AS doc FROM requests WHERE status = 'PendingApproval') q,
    LATERAL jsonb_array_elements(q.doc -> 'stages' -> (q.doc ->> 'stage')::int -> 'escalate_to') a
WHERE (q.doc ->> 'escalated')::boolean
ON CONFLICT DO NOTHING;

-- A stage that names nobody is for administrators.
INSERT INTO asked (approver_id, created_at, request_id)
SELECT r.id, q.created_at, q.id
FROM (SELECT id, created_at, NULLIF(approval_json, '')::jsonb AS doc FROM requests WHERE status = 'PendingApproval') q,
    (VALUES ('ro_stint-global-administrator'), ('ro_stint-privileged-role-administrator')) AS r (id)
WHERE q.doc IS NOT NULL AND q.doc -> 'stages' -> (q.doc ->> 'stage')::int -> 'approvers' -> 0 IS NULL
ON CONFLICT DO NOTHING;

-- What has to do with a group is found by its name, ended or not; and what was
-- given to groups themselves is no holder of a role, its members are.
DROP INDEX assignments_group;
CREATE INDEX assignments_group ON assignments (group_id, via_id, created_at, id) WHERE group_id <> '';
CREATE INDEX assignments_given ON assignments (role_id, kind, state) WHERE group_id <> '' AND via_id = '';
