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

INSERT OR IGNORE INTO asked (approver_id, created_at, request_id)
SELECT COALESCE(json_extract(a.value, '$.person'), json_extract(a.value, '$.role')), q.created_at, q.id
FROM requests q, json_each(NULLIF(q.approval_json, ''), '$.stages[' || json_extract(NULLIF(q.approval_json, ''), '$.stage') || '].approvers') a
WHERE q.status = 'PendingApproval';

INSERT OR IGNORE INTO asked (approver_id, created_at, request_id)
SELECT COALESCE(json_extract(a.value, '$.person'), json_extract(a.value, '$.role')), q.created_at, q.id
FROM requests q, json_each(NULLIF(q.approval_json, ''), '$.stages[' || json_extract(NULLIF(q.approval_json, ''), '$.stage') || '].escalate_to') a
WHERE q.status = 'PendingApproval' AND json_extract(NULLIF(q.approval_json, ''), '$.escalated');

-- A stage that names nobody is for administrators.
INSERT OR IGNORE INTO asked (approver_id, created_at, request_id)
SELECT r.id, q.created_at, q.id
FROM requests q, (SELECT 'ro_stint-global-administrator' AS id UNION ALL SELECT 'ro_stint-privileged-role-administrator') r
WHERE q.status = 'PendingApproval' AND q.approval_json <> ''
  AND json_extract(NULLIF(q.approval_json, ''), '$.stages[' || json_extract(NULLIF(q.approval_json, ''), '$.stage') || '].approvers[0]') IS NULL;

-- What has to do with a group is found by its name, ended or not; and what was
-- given to groups themselves is no holder of a role, its members are.
DROP INDEX assignments_group;
CREATE INDEX assignments_group ON assignments (group_id, via_id, created_at, id) WHERE group_id <> '';
CREATE INDEX assignments_given ON assignments (role_id, kind, state) WHERE group_id <> '' AND via_id = '';
