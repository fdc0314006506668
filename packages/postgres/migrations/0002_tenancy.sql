-- Up Migration
CREATE TABLE tenants (
  id uuid PRIMARY KEY,
  slug text NOT NULL UNIQUE CHECK (slug ~ '^[a-z0-9][a-z0-9-]{1,62}$'),
  name text NOT NULL,
  status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'suspended')),
  time_zone text NOT NULL,
  country text NOT NULL CHECK (country ~ '^[A-Z]{2}$'),
  locale text NOT NULL DEFAULT 'en',
  first_weekday smallint NOT NULL DEFAULT 1 CHECK (first_weekday BETWEEN 1 AND 7),
  shard smallint NOT NULL DEFAULT 0,
  webhook_modes text[] NOT NULL DEFAULT '{standard,zoice}' CHECK (webhook_modes <@ '{standard,zoice,secret}'),
  match_link_threshold real NOT NULL DEFAULT 0.5,
  match_review_threshold real NOT NULL DEFAULT 0.2,
  retention_days jsonb NOT NULL DEFAULT '{"recordings": 90, "transcripts": 730, "calls": 2555}',
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
CALL secure_tenant_table('tenants', 'id');

CREATE TABLE tenant_webhook_secrets (
  tenant_id uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
  id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('voice', 'twilio')),
  sealed bytea NOT NULL,
  not_after timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id)
);
COMMENT ON COLUMN tenant_webhook_secrets.not_after IS 'End of the overlap of a rotated secret; null: in force.';
CALL secure_tenant_table('tenant_webhook_secrets');

CREATE TABLE tenant_numbers (
  tenant_id uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
  number text NOT NULL CHECK (number ~ '^\+[1-9][0-9]{6,14}$'),
  channel text NOT NULL CHECK (channel IN ('voice', 'whatsapp')),
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, channel, number)
);
CREATE UNIQUE INDEX tenant_numbers_number ON tenant_numbers (channel, number);
COMMENT ON INDEX tenant_numbers_number IS 'Which tenant has this called number; no number belongs to two.';
CALL secure_tenant_table('tenant_numbers');

CREATE TABLE users (
  tenant_id uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
  id uuid NOT NULL,
  email text NOT NULL CHECK (email = lower(email)),
  display_name text NOT NULL,
  role text NOT NULL CHECK (role IN ('owner', 'manager', 'agent', 'analyst')),
  password_hash text NOT NULL,
  status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'disabled')),
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id)
);
COMMENT ON COLUMN users.password_hash IS 'scrypt$N$r$p$salt$hash, base64.';
CREATE UNIQUE INDEX users_email ON users (email);
COMMENT ON INDEX users_email IS 'login_lookup(email): a mail address logs in to one clinic.';
CALL secure_tenant_table('users');

CREATE TABLE sessions (
  tenant_id uuid NOT NULL,
  token_hash bytea NOT NULL CHECK (octet_length(token_hash) = 32),
  user_id uuid NOT NULL,
  expires_at timestamptz NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, token_hash),
  FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX sessions_token ON sessions (token_hash);
COMMENT ON INDEX sessions_token IS 'session_lookup(token_hash), on each request of the dashboard.';
CREATE INDEX sessions_user ON sessions (tenant_id, user_id);
COMMENT ON INDEX sessions_user IS 'All sessions of a user, to end them; the cascade from users.';
CALL secure_tenant_table('sessions');

CREATE TABLE api_keys (
  tenant_id uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
  id uuid NOT NULL,
  key_id text NOT NULL CHECK (key_id ~ '^[a-z0-9]{8,32}$'),
  secret_hash bytea NOT NULL CHECK (octet_length(secret_hash) = 32),
  name text NOT NULL,
  scopes text[] NOT NULL,
  expires_at timestamptz,
  revoked_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id)
);
COMMENT ON COLUMN api_keys.secret_hash IS 'SHA-256 of the secret part; the secret has 256 random bits, so that no slow hash is needed.';
CREATE UNIQUE INDEX api_keys_key_id ON api_keys (key_id);
COMMENT ON INDEX api_keys_key_id IS 'api_key_lookup(key_id), on each request of a machine.';
CALL secure_tenant_table('api_keys');

CREATE TABLE audit_log (
  tenant_id uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
  id bigint GENERATED ALWAYS AS IDENTITY,
  at timestamptz NOT NULL DEFAULT now(),
  actor_kind text NOT NULL CHECK (actor_kind IN ('user', 'api_key', 'system')),
  actor_id text NOT NULL,
  action text NOT NULL,
  entity_kind text,
  entity_id uuid,
  request_id text,
  details jsonb NOT NULL DEFAULT '{}',
  PRIMARY KEY (tenant_id, id)
);
COMMENT ON TABLE audit_log IS 'Who looked at or changed what. Append-only: the application may insert and read. No PHI values.';
CREATE INDEX audit_log_entity ON audit_log (tenant_id, entity_kind, entity_id, at DESC) WHERE entity_id IS NOT NULL;
COMMENT ON INDEX audit_log_entity IS 'Who has seen this record.';
CALL secure_tenant_table('audit_log');
