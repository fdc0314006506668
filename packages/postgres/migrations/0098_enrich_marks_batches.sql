-- Up Migration
-- Enrich marks what it begins as the sink does: an event that kills it is found by that.
GRANT SELECT, INSERT, UPDATE, DELETE ON in_flight, in_flight_attempts TO switchboard_enrich;
