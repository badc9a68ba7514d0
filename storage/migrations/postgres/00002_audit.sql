-- +goose Up
-- This table differs per engine in the type of its key and in its guards.
-- high_at is the highest time of this entry and all before it: it never falls,
-- so a filter by time finds its first entry by it even if a clock went back.
CREATE TABLE audit (
    seq            bigint PRIMARY KEY,
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
    seq    bigint PRIMARY KEY,
    search text NOT NULL
);

-- The log is only ever appended to: whoever changes it must first remove this
-- trigger, and the chain tells of the change all the same.

-- +goose StatementBegin
CREATE FUNCTION audit_only_appended() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit log is only appended to';
END;
$$;
-- +goose StatementEnd
CREATE TRIGGER audit_guard BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
FOR EACH STATEMENT EXECUTE FUNCTION audit_only_appended();
