-- Up Migration
-- The outbox is empty whenever it is analysed, so the planner may take it for a table of one row, and then joins what it moves by
-- going through all of it again for each row of a block. Without nested loops each row is read once, whatever it believes.
ALTER FUNCTION move_outbox(smallint, int) SET enable_nestloop = off;
