-- +goose Up
-- This table differs per engine in the type of its key and in its guards.
-- "integer PRIMARY KEY" makes seq SQLite's own row number, so that the log lies
-- on the disk in its order and is read without an index.
-- high_at is the highest time of this entry and all before it: it never falls,
-- so a filter by time finds its first entry by it even if a clock went back.
CREATE TABLE audit (
    seq            integer PRIMARY KEY,
    time_at        bigint NOT NULL, -- raw, also for the zero time: it is hashed
    high_at        bigint NOT NULL,
    actor_id       text   NOT NULL,
    actor_name     text   NOT NULL,
    strength       text   NOT NULL,
    origin         text   NOT NULL, -- Entry.From
    action         text   NOT NULL,
    outcome        text   NOT NULL,
    system_id      text   NOT NULL,
    system_name    text   NOT NULL,
    role_id        text   NOT NULL,
    role_name      text   NOT NULL,
    scope          text   NOT NULL,
    principal_id   text   NOT NULL,
    principal_name text   NOT NULL,
    assignment_id  text   NOT NULL,
    request_id     text   NOT NULL,
    justification  text   NOT NULL,
    ticket_system  text   NOT NULL,
    ticket_number  text   NOT NULL,
    detail         text   NOT NULL,
    prev           bytea  NOT NULL,
    hash           bytea  NOT NULL
);
CREATE INDEX audit_high ON audit (high_at, seq);
CREATE INDEX audit_late ON audit (time_at, seq) WHERE time_at < high_at;
CREATE INDEX audit_actor ON audit (actor_id, seq) WHERE actor_id <> '';
CREATE INDEX audit_principal ON audit (principal_id, seq) WHERE principal_id <> '';
CREATE INDEX audit_role ON audit (role_id, seq) WHERE role_id <> '';
CREATE INDEX audit_system ON audit (system_id, seq) WHERE system_id <> '';
CREATE INDEX audit_assignment ON audit (assignment_id, seq) WHERE assignment_id <> '';
CREATE INDEX audit_action ON audit (action, seq);
CREATE INDEX audit_outcome ON audit (outcome, seq) WHERE outcome <> 'done';

-- What a text filter looks in, apart from the log itself, which so stays narrow.
CREATE TABLE audit_search (
    seq    integer PRIMARY KEY,
    search text NOT NULL
);

-- The log is only ever appended to: whoever changes it must first remove these
-- triggers, and the chain tells of the change all the same.

-- +goose StatementBegin
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit
BEGIN
    SELECT RAISE(ABORT, 'the audit log is only appended to');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit
BEGIN
    SELECT RAISE(ABORT, 'the audit log is only appended to');
END;
-- +goose StatementEnd

-- Numbers have no gaps, and REPLACE doesn't slip past the guard of DELETE.
-- +goose StatementBegin
CREATE TRIGGER audit_next BEFORE INSERT ON audit
WHEN NEW.seq <> (SELECT COALESCE(MAX(seq), 0) + 1 FROM audit)
BEGIN
    SELECT RAISE(ABORT, 'the audit log is only appended to');
END;
-- +goose StatementEnd
