-- Up Migration
-- What was asked for is over when its time has passed and nobody took it: whoever reads says so by the clock. Requests that
-- are there already wait for two more weeks.
SET LOCAL lock_timeout = '3s';

ALTER TABLE booking_requests ADD COLUMN expires_at timestamptz NOT NULL DEFAULT now() + interval '14 days';
COMMENT ON COLUMN booking_requests.expires_at IS 'From when on an open request that nobody took is no work any more.';

-- An appointment that the clinic's system told of as another patient's, and that a merge of both patients shows to be one that
-- was made here.
ALTER TABLE appointments ADD COLUMN twin_of uuid;
COMMENT ON COLUMN appointments.twin_of IS 'The same visit, made here, while a merge says that both are one patient''s; this one is not counted meanwhile.';
