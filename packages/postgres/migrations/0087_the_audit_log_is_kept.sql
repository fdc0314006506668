-- Up Migration
-- The audit log is never emptied: a setting that says otherwise did nothing.
SET LOCAL lock_timeout = '3s';

ALTER TABLE tenants ALTER COLUMN retention_days
  SET DEFAULT '{"recordings": 90, "media": 365, "transcripts": 730, "messages": 730, "calls": 2555, "appointments": 2555}';
UPDATE tenants SET retention_days = retention_days - 'audit', settings_version = settings_version + 1 WHERE retention_days ? 'audit';
