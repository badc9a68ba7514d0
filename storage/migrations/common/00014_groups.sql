-- +goose Up
CREATE TABLE people_groups (
    id          text    PRIMARY KEY,
    name        text    NOT NULL,
    name_fold   text    NOT NULL,
    description text    NOT NULL,
    removed     boolean NOT NULL,
    created_at  bigint  NOT NULL
);
CREATE UNIQUE INDEX people_groups_name ON people_groups (name_fold) WHERE NOT removed;

CREATE TABLE members (
    group_id  text   NOT NULL,
    person_id text   NOT NULL,
    since_at  bigint NOT NULL,
    PRIMARY KEY (group_id, person_id)
);
CREATE INDEX members_person ON members (person_id, group_id);

ALTER TABLE assignments ADD COLUMN group_id text NOT NULL DEFAULT '';
ALTER TABLE assignments ADD COLUMN via_id text NOT NULL DEFAULT '';
CREATE INDEX assignments_group ON assignments (group_id, created_at, id) WHERE live AND group_id <> '' AND via_id = '';
CREATE INDEX assignments_via ON assignments (via_id, created_at, id) WHERE live AND via_id <> '';
