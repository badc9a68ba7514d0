-- +goose Up
-- Conventions, the same on every engine:
--   *_at      time in microseconds since 1970, UTC; 0 is "none" (core's zero time)
--   *_fold    the column before it without regard to case (paging.Fold)
--   search    what a text filter looks in, folded, parts separated by U+0001
--   *_json    a JSON document that no query looks into
-- No reference is a foreign key: rows are never deleted while something names
-- them, the core decides in which order an event's rows are put, and the
-- history must be readable even if a reference were broken.

CREATE TABLE marks (
    name  text   PRIMARY KEY,
    value bigint NOT NULL
);

CREATE TABLE settings (
    id            bigint  PRIMARY KEY CHECK (id = 1),
    organisation  text    NOT NULL,
    idle_lock     bigint  NOT NULL, -- nanoseconds
    mail_host     text    NOT NULL,
    mail_port     bigint  NOT NULL,
    mail_security text    NOT NULL,
    mail_auth     text    NOT NULL,
    mail_user     text    NOT NULL,
    mail_sealed   bytea,
    mail_from     text    NOT NULL,
    mail_ca_file  text    NOT NULL
);

CREATE TABLE systems (
    id                text   PRIMARY KEY,
    name              text   NOT NULL,
    name_fold         text   NOT NULL,
    kind              text   NOT NULL,
    settings_json     text   NOT NULL,
    plays             text   NOT NULL, -- of a sample system: the kind it plays
    sealed            bytea,
    state             text   NOT NULL,
    created_at        bigint NOT NULL,
    health_checked_at bigint NOT NULL,
    health_ok_at      bigint NOT NULL,
    health_since_at   bigint NOT NULL,
    health_error      text   NOT NULL,
    health_version    text   NOT NULL
);
CREATE UNIQUE INDEX systems_name ON systems (name_fold) WHERE state <> 'removed';

CREATE TABLE roles (
    id          text    PRIMARY KEY,
    system_id   text    NOT NULL,
    external    text    NOT NULL,
    name        text    NOT NULL,
    name_fold   text    NOT NULL,
    description text    NOT NULL,
    search      text    NOT NULL, -- name and description
    privileged  boolean NOT NULL,
    protected   boolean NOT NULL,
    gone        boolean NOT NULL
);
CREATE UNIQUE INDEX roles_external ON roles (system_id, external);
CREATE INDEX roles_protected ON roles (name_fold, id) WHERE protected;
CREATE INDEX roles_name ON roles (name_fold, id);
CREATE INDEX roles_system ON roles (system_id, name_fold, id);

CREATE TABLE policy_levels (
    level         text    PRIMARY KEY,
    settings_json text    NOT NULL,
    made          boolean NOT NULL -- at least one setting is made here
);

CREATE TABLE people (
    id         text    PRIMARY KEY,
    name       text    NOT NULL,
    name_fold  text    NOT NULL,
    login      text    NOT NULL,
    login_fold text    NOT NULL,
    mail       text    NOT NULL,
    search     text    NOT NULL, -- name, login and mail
    language   text    NOT NULL,
    disabled   boolean NOT NULL,
    created_at bigint  NOT NULL
);
CREATE UNIQUE INDEX people_login ON people (login_fold);
CREATE INDEX people_name ON people (name_fold, id);

CREATE TABLE accounts (
    person_id text NOT NULL,
    system_id text NOT NULL,
    external  text NOT NULL,
    PRIMARY KEY (person_id, system_id)
);
CREATE UNIQUE INDEX accounts_external ON accounts (system_id, external);

CREATE TABLE credentials (
    person_id      text    PRIMARY KEY,
    hash           text    NOT NULL,
    changed_at     bigint  NOT NULL,
    must_change    boolean NOT NULL,
    failed         bigint  NOT NULL,
    locked_till_at bigint  NOT NULL,
    signed_in_at   bigint  NOT NULL
);

CREATE TABLE factors (
    person_id      text    PRIMARY KEY,
    sealed         bytea,
    next_sealed    bytea,
    confirmed      boolean NOT NULL,
    last_step      bigint  NOT NULL,
    failed         bigint  NOT NULL,
    locked_till_at bigint  NOT NULL,
    recovery_json  text    NOT NULL
);

CREATE TABLE sessions (
    id           text   PRIMARY KEY,
    person_id    text   NOT NULL,
    created_at   bigint NOT NULL,
    last_seen_at bigint NOT NULL,
    expires_at   bigint NOT NULL,
    origin       text   NOT NULL, -- Session.From
    strength     text   NOT NULL
);
CREATE INDEX sessions_person ON sessions (person_id, created_at, id);
CREATE INDEX sessions_expires ON sessions (expires_at);

CREATE TABLE favourites (
    id            text   PRIMARY KEY,
    person_id     text   NOT NULL,
    name          text   NOT NULL,
    name_fold     text   NOT NULL,
    items_json    text   NOT NULL,
    duration      bigint NOT NULL, -- nanoseconds
    justification text   NOT NULL
);
CREATE INDEX favourites_person ON favourites (person_id, name_fold, id);

-- Lists of assignments are read once per kind and state and merged, so that
-- every branch has an index in its own order (storage/branch.go).
CREATE TABLE assignments (
    id            text    PRIMARY KEY,
    principal_id  text    NOT NULL,
    role_id       text    NOT NULL,
    system_id     text    NOT NULL,
    scope         text    NOT NULL,
    kind          text    NOT NULL,
    origin        text    NOT NULL,
    basis_id      text    NOT NULL,
    start_at      bigint  NOT NULL,
    end_at        bigint  NOT NULL,
    state         text    NOT NULL,
    live          boolean NOT NULL, -- scheduled or in force
    ended_at      bigint  NOT NULL,
    grant_id      text    NOT NULL,
    request_id    text    NOT NULL,
    justification text    NOT NULL,
    ticket_system text    NOT NULL,
    ticket_number text    NOT NULL,
    created_at    bigint  NOT NULL
);
CREATE INDEX assignments_state ON assignments (kind, state, created_at, id);
CREATE INDEX assignments_principal ON assignments (principal_id, kind, state, created_at, id);
CREATE INDEX assignments_role ON assignments (role_id, kind, state, created_at, id);
CREATE INDEX assignments_system ON assignments (system_id, kind, state, created_at, id);
CREATE INDEX assignments_grant ON assignments (grant_id, state) WHERE grant_id <> '';
CREATE INDEX assignments_end ON assignments (end_at, id) WHERE live AND end_at > 0;
CREATE INDEX assignments_start ON assignments (start_at, id) WHERE state = 'scheduled';
-- Nobody is active twice on one eligible assignment.
CREATE UNIQUE INDEX assignments_basis ON assignments (basis_id) WHERE live AND basis_id <> '';

CREATE TABLE requests (
    id            text   PRIMARY KEY,
    action        text   NOT NULL,
    status        text   NOT NULL,
    requester_id  text   NOT NULL,
    principal_id  text   NOT NULL,
    role_id       text   NOT NULL,
    system_id     text   NOT NULL,
    scope         text   NOT NULL,
    assignment_id text   NOT NULL,
    start_at      bigint NOT NULL,
    end_at        bigint NOT NULL,
    justification text   NOT NULL,
    ticket_system text   NOT NULL,
    ticket_number text   NOT NULL,
    origin        text   NOT NULL,
    created_at    bigint NOT NULL,
    completed_at  bigint NOT NULL
);
CREATE INDEX requests_created ON requests (created_at, id);
CREATE INDEX requests_status ON requests (status, created_at, id);
CREATE INDEX requests_requester ON requests (requester_id, created_at, id);
CREATE INDEX requests_principal ON requests (principal_id, created_at, id);
CREATE INDEX requests_role ON requests (role_id, created_at, id);

CREATE TABLE grants (
    id            text    PRIMARY KEY,
    system_id     text    NOT NULL,
    role_id       text    NOT NULL,
    scope         text    NOT NULL,
    account       text    NOT NULL,
    external      text    NOT NULL,
    wanted        boolean NOT NULL,
    until_at      bigint  NOT NULL,
    state         text    NOT NULL,
    pending       boolean NOT NULL, -- unknown, granting or removing
    rank          bigint  NOT NULL, -- 0: removing, which goes first; 1: the others
    evidence_at     bigint  NOT NULL,
    evidence_holds  boolean NOT NULL,
    evidence_query  text    NOT NULL,
    evidence_answer text    NOT NULL,
    evidence_ended  bigint  NOT NULL,
    since_at      bigint  NOT NULL,
    cycle         bigint  NOT NULL,
    attempts      bigint  NOT NULL,
    failing_at    bigint  NOT NULL,
    last_error    text    NOT NULL,
    next_try_at   bigint  NOT NULL,
    alarmed       boolean NOT NULL,
    for_id        text    NOT NULL
);
CREATE UNIQUE INDEX grants_key ON grants (system_id, role_id, scope, account);
CREATE INDEX grants_pending ON grants (system_id, rank, since_at, id) WHERE pending;
CREATE INDEX grants_next_try ON grants (system_id, next_try_at) WHERE pending;
CREATE INDEX grants_busy ON grants (system_id, wanted, pending, failing_at) WHERE wanted OR pending;
CREATE INDEX grants_state ON grants (state) WHERE pending;

CREATE TABLE remembered (
    person_id text   NOT NULL,
    key       text   NOT NULL,
    digest    bytea,
    result    bytea,
    made_at   bigint NOT NULL,
    PRIMARY KEY (person_id, key)
);
CREATE INDEX remembered_made ON remembered (made_at);
