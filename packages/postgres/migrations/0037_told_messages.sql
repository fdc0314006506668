-- Up Migration
-- What a vendor said of a message that is not there yet: how far it got, and how it reads after an edit. It is kept until the
-- message comes, so that any order ends the same.
SET LOCAL lock_timeout = '3s';

CREATE TABLE told_messages (
  tenant_id uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
  source text NOT NULL,
  external_id text NOT NULL,
  status text,
  status_at timestamptz,
  error_code text,
  said jsonb,
  edited_at timestamptz,
  edit_id text,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, source, external_id)
);
COMMENT ON COLUMN told_messages.external_id IS 'The vendor''s id of the message that is spoken of.';
COMMENT ON COLUMN told_messages.said IS 'The text after the edit, with what was found in it and what is to be masked: columns of conversation_messages.';
COMMENT ON COLUMN told_messages.edit_id IS 'The event of the edit that holds: of two at one time the greater.';
CALL secure_tenant_table('told_messages');

GRANT SELECT, INSERT, DELETE ON told_messages TO switchboard_sink;
