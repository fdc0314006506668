-- Up Migration
-- What decides about slots besides the clinic's system's word is put in by the clinic's own people.
SET LOCAL lock_timeout = '3s';

ALTER TABLE schedule_exceptions ADD COLUMN instead boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN schedule_exceptions.instead IS 'Of open: the weekly hours that begin on this date are not worked. False: open besides them.';

-- Nothing wrote to it until now, so that the check looks at no rows.
ALTER TABLE clinic_holidays
  ADD COLUMN starts time NOT NULL DEFAULT '00:00', ADD COLUMN ends time NOT NULL DEFAULT '24:00',
  ADD CONSTRAINT clinic_holidays_time CHECK (ends > starts);
COMMENT ON TABLE clinic_holidays IS 'Dates, or a part of them by the location''s clocks, on which nobody works; without a location: nowhere.';

GRANT INSERT, UPDATE ON appointment_types TO switchboard_api;
GRANT INSERT, DELETE ON practitioner_schedules, schedule_exceptions, clinic_holidays TO switchboard_api;
GRANT UPDATE (rooms) ON locations TO switchboard_api;
