-- Up Migration
-- When an appointment was moved last. Its history has one row per version, and several events may share a version.
SET LOCAL lock_timeout = '3s';

ALTER TABLE appointments ADD COLUMN moved_at timestamptz;
COMMENT ON COLUMN appointments.moved_at IS 'When it was last moved, by whoever said so. Null of one that was moved before this column was there: its history tells.';
