-- Up Migration
-- Keys can't change over data that stays: what was sealed could not be opened, and every caller would be another one.
CREATE TABLE key_fingerprints (
  name text PRIMARY KEY,
  fingerprint bytea NOT NULL CHECK (octet_length(fingerprint) = 32),
  created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE key_fingerprints IS 'HMAC-SHA-256, under each key that this data was made with, of the key''s name: tells a right key from another one.';
