-- +goose Up
-- How entries are found by whom and what they name. It is filled behind the
-- log, many entries at a time (storage/behind.go): what somebody waits for
-- writes the entry alone. field says what key is: 1 person (actor or principal),
-- 2 role, 3 system, 4 assignment, 5 action.
CREATE TABLE audit_keys (
    field integer NOT NULL,
    key   text    NOT NULL,
    seq   integer NOT NULL,
    PRIMARY KEY (field, key, seq)
) WITHOUT ROWID;
INSERT INTO audit_keys SELECT 5, action, seq FROM audit ORDER BY action, seq;
INSERT INTO audit_keys SELECT 4, assignment_id, seq FROM audit WHERE assignment_id <> '' ORDER BY assignment_id, seq;
INSERT INTO audit_keys SELECT 3, system_id, seq FROM audit WHERE system_id <> '' ORDER BY system_id, seq;
INSERT INTO audit_keys SELECT 2, role_id, seq FROM audit WHERE role_id <> '' ORDER BY role_id, seq;
INSERT INTO audit_keys SELECT 1, actor_id, seq FROM audit WHERE actor_id <> '' ORDER BY actor_id, seq;
INSERT INTO audit_keys SELECT 1, principal_id, seq FROM audit WHERE principal_id <> '' AND principal_id <> actor_id ORDER BY principal_id, seq;
DROP INDEX audit_high;
DROP INDEX audit_actor;
DROP INDEX audit_principal;
DROP INDEX audit_role;
DROP INDEX audit_system;
DROP INDEX audit_assignment;
DROP INDEX audit_action;

-- One index serves both the order in which a system is served and the question
-- when to try again.
DROP INDEX grants_next_try;
DROP INDEX grants_pending;
CREATE INDEX grants_pending ON grants (system_id, rank, since_at, id, next_try_at) WHERE pending;
