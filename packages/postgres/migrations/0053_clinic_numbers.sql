-- Up Migration
-- A clinic keeps its own numbers: what it calls each, and which of a channel's is written from where nothing else decides.
SET LOCAL lock_timeout = '3s';

ALTER TABLE tenant_numbers ADD COLUMN label text CHECK (label <> '' AND length(label) <= 100);
ALTER TABLE tenant_numbers ADD COLUMN chosen_at timestamptz;
COMMENT ON COLUMN tenant_numbers.chosen_at IS 'When it was chosen to be written from: the last chosen of a channel is, else the oldest.';

GRANT INSERT, DELETE, UPDATE (label, chosen_at) ON tenant_numbers TO switchboard_api;
