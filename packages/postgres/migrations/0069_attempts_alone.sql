-- Up Migration
COMMENT ON TABLE in_flight IS 'Committed before a batch, or a part of one, is worked on: whoever finds one of another process took over from it, and goes part by part, and event by event through a part.';
COMMENT ON TABLE in_flight_attempts IS 'How often a single event was begun alone and not finished: an event that kills the process five times so is set aside.';
