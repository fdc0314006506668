-- Up Migration
-- A zone that does not exist would stop all that is counted by the clinic's days. The comparison itself fails, with 22023.
ALTER TABLE tenants ADD CONSTRAINT tenants_time_zone_known
  CHECK (timezone(time_zone, timestamptz '2000-01-01 00:00:00Z') IS NOT NULL);
