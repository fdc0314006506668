-- Up Migration
-- A clinic's days are its zone's: what was stated in another zone is to be stated again, as is what older rules stated.
ALTER TABLE fact_current ADD COLUMN zone text NOT NULL DEFAULT '';
COMMENT ON COLUMN fact_current.zone IS 'IANA zone of the days the statement counts under; empty: stated before this was kept, or it counts under none.';
CREATE INDEX fact_current_made_by ON fact_current (tenant_id, kind, statement_version, zone) WHERE statement IS NOT NULL;
COMMENT ON INDEX fact_current_made_by IS 'Statements of older rules or another zone, which are to be made again.';

-- Marks older than any vendor's retries are removed.
GRANT DELETE ON inbox TO switchboard_sink;
