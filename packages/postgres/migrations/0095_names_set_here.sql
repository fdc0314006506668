-- Up Migration
-- A kind of visit that was named or renamed here keeps that name, whatever the clinic's system calls it.
SET LOCAL lock_timeout = '3s';

ALTER TABLE appointment_types ADD COLUMN name_set boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN appointment_types.name_set IS 'True: the name was set here, and what the clinic''s system tells leaves it alone.';
