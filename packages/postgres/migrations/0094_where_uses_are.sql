-- Up Migration
-- Who looks for the uses of tools finds both tables.
COMMENT ON TABLE voice_tool_calls IS 'What the vendor''s events tell of a call''s tools. Each use with its outcome and latency_ms: voice_tool_uses.';
