-- +goose Up
ALTER TABLE settings ADD COLUMN digest_off boolean NOT NULL DEFAULT FALSE;
ALTER TABLE settings ADD COLUMN digest_weekday text NOT NULL DEFAULT 'monday';
ALTER TABLE settings ADD COLUMN digest_at text NOT NULL DEFAULT '08:00';
ALTER TABLE settings ADD COLUMN digest_zone text NOT NULL DEFAULT '';
ALTER TABLE people ADD COLUMN no_digest boolean NOT NULL DEFAULT FALSE;

-- What was given, for its counts: all that they ask for, so that they
-- read no row. What people activate is not in it: an activation writes no more than before.
CREATE INDEX assignments_held ON assignments (system_id, role_id, kind, end_at, group_id, via_id, live, origin)
WHERE live AND origin = 'assigned';
