-- The outbox is empty whenever it is analysed, so the planner takes it for a table of one row, and joined what it moves by going
-- through all of it again for each row: a block of 10,000 took minutes of processor time. Without nested loops each row is read once.
ALTER FUNCTION move_outbox(smallint, int) SET enable_nestloop = off;
