-- Up Migration
-- Conversations by message: what came in, what goes out and how far it got, media, and replies that were proposed.
SET LOCAL lock_timeout = '3s';

ALTER TABLE conversations
  ADD COLUMN source text, ADD COLUMN external_id text, ADD COLUMN contact_name text,
  ADD COLUMN assignee_id uuid, ADD COLUMN labels text[] NOT NULL DEFAULT '{}',
  ADD COLUMN unread int NOT NULL DEFAULT 0, ADD COLUMN snoozed_until timestamptz,
  ADD COLUMN last_message_at timestamptz, ADD COLUMN resolved_at timestamptz,
  ADD COLUMN reopened int NOT NULL DEFAULT 0, ADD COLUMN opted_out_at timestamptz,
  ADD COLUMN intent text, ADD COLUMN sentiment text, ADD COLUMN sentiment_score double precision, ADD COLUMN language text,
  ADD COLUMN original_patient_id uuid, ADD COLUMN merge_state jsonb NOT NULL DEFAULT '{}',
  ADD COLUMN version int NOT NULL DEFAULT 1,
  ADD CONSTRAINT conversations_assignee FOREIGN KEY (tenant_id, assignee_id)
    REFERENCES users (tenant_id, id) ON DELETE SET NULL (assignee_id) NOT VALID;
COMMENT ON COLUMN conversations.original_patient_id IS 'The patient before merges, so that an unmerge restores it.';
COMMENT ON COLUMN conversations.intent IS 'Like sentiment and language a pure function of the messages'' own results.';

CREATE TABLE conversation_messages (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  conversation_id uuid NOT NULL,
  direction text NOT NULL CHECK (direction IN ('inbound', 'outbound')),
  sender_kind text NOT NULL CHECK (sender_kind IN ('patient', 'user', 'assistant', 'system')),
  sender_id uuid,
  kind text NOT NULL DEFAULT 'text',
  body text,
  template text,
  quoted_message_id uuid,
  status text CHECK (status IN ('queued', 'sent', 'delivered', 'read', 'failed', 'undelivered', 'received', 'unknown')),
  status_at timestamptz,
  error_code text,
  sent_at timestamptz NOT NULL,
  edited_at timestamptz,
  language text,
  intent text,
  intent_confidence double precision,
  sentiment text,
  sentiment_score double precision,
  entities jsonb NOT NULL DEFAULT '[]',
  redactions jsonb NOT NULL DEFAULT '[]',
  extractor_version text,
  source text NOT NULL,
  external_id text,
  entered_in_error boolean NOT NULL DEFAULT false,
  merge_state jsonb NOT NULL DEFAULT '{}',
  extra jsonb,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, source, external_id),
  FOREIGN KEY (tenant_id, conversation_id) REFERENCES conversations (tenant_id, id) ON DELETE CASCADE
);
COMMENT ON COLUMN conversation_messages.quoted_message_id IS 'No foreign key: an answer may come before what it quotes.';
COMMENT ON COLUMN conversation_messages.redactions IS '[{start, end, kind}]: what an analyst must not see.';
CREATE INDEX conversation_messages_thread ON conversation_messages (tenant_id, conversation_id, sent_at, id);
COMMENT ON INDEX conversation_messages_thread IS 'The thread in order; the foreign key.';
CREATE INDEX conversation_messages_sent ON conversation_messages (tenant_id, sent_at DESC, id);
COMMENT ON INDEX conversation_messages_sent IS 'The messages of a period; retention by age.';
CREATE INDEX conversation_messages_failed ON conversation_messages (tenant_id, sent_at DESC) WHERE status IN ('failed', 'undelivered', 'unknown');
COMMENT ON INDEX conversation_messages_failed IS 'Messages that did not arrive, newest first.';
CREATE INDEX conversation_messages_text ON conversation_messages USING gin (to_tsvector('simple', left(body, 20000)));
COMMENT ON INDEX conversation_messages_text IS 'Messages with these words (search_messages).';
CALL secure_tenant_table('conversation_messages');

CREATE TABLE message_media (
  tenant_id uuid NOT NULL,
  message_id uuid NOT NULL,
  position int NOT NULL,
  state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'stored', 'failed', 'expired')),
  source_url text,
  store_key text,
  content_type text,
  size_bytes bigint,
  sha256 text,
  attempts int NOT NULL DEFAULT 0,
  next_attempt_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, message_id, position),
  FOREIGN KEY (tenant_id, message_id) REFERENCES conversation_messages (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX message_media_pending ON message_media (tenant_id, next_attempt_at) WHERE state = 'pending';
COMMENT ON INDEX message_media_pending IS 'Media that are still with the vendor, by the next try.';
CREATE INDEX message_media_expiry ON message_media (tenant_id, expires_at) WHERE state = 'stored';
COMMENT ON INDEX message_media_expiry IS 'Media whose time is over.';
CALL secure_tenant_table('message_media');

CREATE TABLE message_sends (
  tenant_id uuid NOT NULL,
  message_id uuid NOT NULL,
  conversation_id uuid NOT NULL,
  state text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'sending', 'sent', 'failed', 'unknown')),
  attempts int NOT NULL DEFAULT 0,
  next_attempt_at timestamptz NOT NULL DEFAULT now(),
  sending_since timestamptz,
  error_code text,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, message_id),
  FOREIGN KEY (tenant_id, message_id) REFERENCES conversation_messages (tenant_id, id) ON DELETE CASCADE,
  FOREIGN KEY (tenant_id, conversation_id) REFERENCES conversations (tenant_id, id) ON DELETE CASCADE,
  CHECK ((state = 'sending') = (sending_since IS NOT NULL))
);
COMMENT ON TABLE message_sends IS 'What is to go out: marked as sending before the vendor is asked, so that a crash leaves something to look up, and nothing is sent twice.';
CREATE INDEX message_sends_due ON message_sends (tenant_id, next_attempt_at) WHERE state IN ('queued', 'sending');
COMMENT ON INDEX message_sends_due IS 'What is to be sent now, and what a process died with.';
CREATE INDEX message_sends_conversation ON message_sends (tenant_id, conversation_id, created_at);
COMMENT ON INDEX message_sends_conversation IS 'The sends of a conversation in order; the foreign key.';
CALL secure_tenant_table('message_sends');

CREATE TABLE reply_suggestions (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  conversation_id uuid NOT NULL,
  message_id uuid NOT NULL,
  body text NOT NULL,
  generator_version text NOT NULL,
  state text NOT NULL DEFAULT 'proposed' CHECK (state IN ('proposed', 'shown', 'edited', 'sent', 'dismissed')),
  shown_at timestamptz,
  decided_at timestamptz,
  decided_by uuid,
  sent_message_id uuid,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, conversation_id) REFERENCES conversations (tenant_id, id) ON DELETE CASCADE,
  FOREIGN KEY (tenant_id, message_id) REFERENCES conversation_messages (tenant_id, id) ON DELETE CASCADE,
  FOREIGN KEY (tenant_id, sent_message_id) REFERENCES conversation_messages (tenant_id, id) ON DELETE SET NULL (sent_message_id)
);
COMMENT ON COLUMN reply_suggestions.message_id IS 'The message it answers.';
CREATE INDEX reply_suggestions_conversation ON reply_suggestions (tenant_id, conversation_id, created_at DESC);
COMMENT ON INDEX reply_suggestions_conversation IS 'The newest suggestions of a conversation; the foreign key.';
CREATE INDEX reply_suggestions_message ON reply_suggestions (tenant_id, message_id);
COMMENT ON INDEX reply_suggestions_message IS 'Suggestions for a message; the foreign key.';
CREATE INDEX reply_suggestions_sent ON reply_suggestions (tenant_id, sent_message_id);
COMMENT ON INDEX reply_suggestions_sent IS 'The suggestion that a message was made from; the foreign key.';
CALL secure_tenant_table('reply_suggestions');

-- Full-text operators are not leakproof, so that the planner may not use their index under row-level security. The
-- tenant is the transaction's own. Newest first, so that what a limit cuts off is the oldest.
CREATE FUNCTION search_messages(words text, most int DEFAULT 1000) RETURNS TABLE (message_id uuid, conversation_id uuid, sent_at timestamptz)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT m.id, m.conversation_id, m.sent_at
  FROM conversation_messages m
  WHERE m.tenant_id = current_tenant()
    AND to_tsvector('simple', left(m.body, 20000)) @@ websearch_to_tsquery('simple', words)
  ORDER BY m.sent_at DESC, m.id
  LIMIT most
$$;
REVOKE ALL ON FUNCTION search_messages(text, int) FROM PUBLIC;
ALTER FUNCTION search_messages(text, int) OWNER TO switchboard_definer;
GRANT SELECT ON conversation_messages TO switchboard_definer;
GRANT EXECUTE ON FUNCTION search_messages(text, int) TO switchboard_api;

GRANT SELECT, INSERT, UPDATE ON conversation_messages, message_media, message_sends, reply_suggestions
  TO switchboard_sink, switchboard_api;
GRANT INSERT, UPDATE ON conversations TO switchboard_api;
