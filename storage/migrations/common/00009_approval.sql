-- +goose Up
ALTER TABLE requests ADD COLUMN basis_id text NOT NULL DEFAULT '';
ALTER TABLE requests ADD COLUMN duration bigint NOT NULL DEFAULT 0; -- nanoseconds
ALTER TABLE requests ADD COLUMN approval_json text NOT NULL DEFAULT '';
ALTER TABLE requests ADD COLUMN due_at bigint NOT NULL DEFAULT 0;
CREATE INDEX requests_due ON requests (due_at, id) WHERE due_at > 0;
CREATE INDEX requests_pending_basis ON requests (basis_id, created_at, id) WHERE status = 'PendingApproval';
CREATE INDEX requests_pending_principal ON requests (principal_id, created_at, id) WHERE status = 'PendingApproval';

CREATE TABLE deputies (
    person_id text   PRIMARY KEY,
    deputy_id text   NOT NULL,
    from_at   bigint NOT NULL,
    until_at  bigint NOT NULL
);
CREATE INDEX deputies_deputy ON deputies (deputy_id, person_id);
