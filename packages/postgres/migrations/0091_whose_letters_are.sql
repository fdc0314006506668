-- Up Migration
-- A sink of an older release, which runs on for a while beside the first newer ones, reads no original whose content type
-- names a trace: the patients of such a letter are found by upkeep.
GRANT UPDATE (people) ON dead_letters TO switchboard_sink;
