-- Up Migration
-- What staff write to each other about a conversation, and which request a message was sent by.
-- A foreign key locks the table it leads to, too.
SET LOCAL lock_timeout = '3s';

CREATE TABLE conversation_notes (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  conversation_id uuid NOT NULL,
  author_id uuid,
  body text NOT NULL CHECK (body <> ''),
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, conversation_id) REFERENCES conversations (tenant_id, id) ON DELETE CASCADE,
  FOREIGN KEY (tenant_id, author_id) REFERENCES users (tenant_id, id) ON DELETE SET NULL (author_id)
);
COMMENT ON TABLE conversation_notes IS 'Internal: never sent, and no fact is stated of them.';
CREATE INDEX conversation_notes_thread ON conversation_notes (tenant_id, conversation_id, created_at, id);
COMMENT ON INDEX conversation_notes_thread IS 'The notes of a conversation in order; the foreign key.';
CREATE INDEX conversation_notes_author ON conversation_notes (tenant_id, author_id);
COMMENT ON INDEX conversation_notes_author IS 'What somebody wrote; the foreign key.';
CALL secure_tenant_table('conversation_notes');

CREATE TABLE message_requests (
  tenant_id uuid NOT NULL,
  user_id uuid NOT NULL,
  key text NOT NULL,
  message_id uuid NOT NULL,
  digest bytea NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, user_id, key),
  FOREIGN KEY (tenant_id, message_id) REFERENCES conversation_messages (tenant_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE message_requests IS 'The Idempotency-Key that a message was sent with: the same request again is answered with the same message.';
COMMENT ON COLUMN message_requests.digest IS 'Keyed HMAC of what was asked for, so that another request with the key is told apart.';
CREATE INDEX message_requests_message ON message_requests (tenant_id, message_id);
COMMENT ON INDEX message_requests_message IS 'The request of a message; the foreign key.';
CALL secure_tenant_table('message_requests');

GRANT SELECT, INSERT ON conversation_notes, message_requests TO switchboard_api;
