-- Up Migration
-- All that a schedule tells: where it says no place, whose clocks its hours are by, how long their slots are, and what they are for.
SET LOCAL lock_timeout = '3s';

ALTER TABLE practitioner_schedules ALTER COLUMN location_id DROP NOT NULL,
  ADD COLUMN time_zone text, ADD COLUMN slot_minutes int, ADD COLUMN appointment_type_ids uuid[];
ALTER TABLE schedule_exceptions DROP CONSTRAINT schedule_exceptions_check1, ADD COLUMN time_zone text;
COMMENT ON TABLE practitioner_schedules IS 'Weekly rules in wall time; ends before starts: past midnight.';
COMMENT ON TABLE schedule_exceptions IS 'One date that differs from the weekly rules, in wall time: closed (leave, a holiday) or open besides. Without a location: closed at all of them, or open where nobody told.';
COMMENT ON COLUMN practitioner_schedules.location_id IS 'Null: nobody told where; the only location of a clinic that has one.';
COMMENT ON COLUMN practitioner_schedules.time_zone IS 'IANA zone of the wall time; null: the location''s, or else the clinic''s.';
COMMENT ON COLUMN practitioner_schedules.slot_minutes IS 'How long a slot is; null: as long as the visit.';
COMMENT ON COLUMN practitioner_schedules.appointment_type_ids IS 'Kinds of visit the hours are for (appointment_types); null: all.';
COMMENT ON COLUMN schedule_exceptions.time_zone IS 'IANA zone of the wall time; null: the location''s, or else the clinic''s.';

ALTER TABLE appointment_types ADD COLUMN duration_told boolean NOT NULL DEFAULT true;
COMMENT ON COLUMN appointment_types.duration_told IS 'False: duration_minutes is the usual one, since nobody told it; a visit is as long as a slot where the hours have slots.';
-- Those that a name alone made, which were not here before it: forced row-level security binds the owner too, who works for no
-- tenant here.
ALTER TABLE appointment_types NO FORCE ROW LEVEL SECURITY;
ALTER TABLE record_states NO FORCE ROW LEVEL SECURITY;
UPDATE appointment_types t SET duration_told = false
WHERE t.duration_minutes = 30 AND EXISTS (SELECT FROM record_states s WHERE s.tenant_id = t.tenant_id
  AND s.kind = 'appointment_type' AND s.entity_id = t.id AND s.created_at = t.created_at);
ALTER TABLE appointment_types FORCE ROW LEVEL SECURITY;
ALTER TABLE record_states FORCE ROW LEVEL SECURITY;
