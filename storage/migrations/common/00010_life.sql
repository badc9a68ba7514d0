-- +goose Up
ALTER TABLE assignments ADD COLUMN remind_at bigint NOT NULL DEFAULT 0;
-- What was assigned before is reminded of, too: once, if its end is near already. 14 days in microseconds.
UPDATE assignments SET remind_at = CASE WHEN end_at > 1209600000000 THEN end_at - 1209600000000 ELSE 1 END
WHERE live AND origin = 'assigned' AND end_at > 0;
CREATE INDEX assignments_remind ON assignments (remind_at, id) WHERE remind_at > 0;
-- What expired can be renewed for a while, and is listed as long.
CREATE INDEX assignments_lapsed ON assignments (ended_at, id) WHERE state = 'expired' AND origin = 'assigned';
CREATE INDEX assignments_lapsed_of ON assignments (principal_id, ended_at, id) WHERE state = 'expired' AND origin = 'assigned';
