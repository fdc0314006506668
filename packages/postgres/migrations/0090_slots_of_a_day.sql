-- Up Migration
SET LOCAL lock_timeout = '3s';

ALTER TABLE practitioner_schedules VALIDATE CONSTRAINT practitioner_schedules_slot_minutes;
