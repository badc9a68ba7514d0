-- +goose Up
-- What a driver calls role and account of a grant (Grant.Object).
ALTER TABLE grants ADD COLUMN object text NOT NULL DEFAULT '';
CREATE INDEX grants_live ON grants (system_id, id) WHERE state <> 'absent';

-- What systems hold otherwise than Stint left it: at most 1,000 rows of a system.
CREATE TABLE drift (
    id          text   PRIMARY KEY,
    system_id   text   NOT NULL,
    role_id     text   NOT NULL,
    scope       text   NOT NULL,
    account     text   NOT NULL,
    kind        text   NOT NULL,
    object      text   NOT NULL,
    first_at    bigint NOT NULL,
    detail      text   NOT NULL,
    accepted_at bigint NOT NULL,
    by_id       text   NOT NULL,
    why         text   NOT NULL
);
CREATE UNIQUE INDEX drift_key ON drift (system_id, role_id, scope, account, kind);

-- When a system was last read as a whole.
CREATE TABLE readings (
    system_id text   PRIMARY KEY,
    read_at   bigint NOT NULL,
    held      bigint NOT NULL,
    more      bigint NOT NULL
);
