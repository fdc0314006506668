// Whether they are one person's is looked at after each merge. Built while writers go on; every step may be run again.

/** @param {import('node-pg-migrate').MigrationBuilder} pgm */
export function up(pgm) {
  pgm.noTransaction();
  pgm.sql('DROP INDEX CONCURRENTLY IF EXISTS conversations_of_several');
  pgm.sql(`CREATE INDEX CONCURRENTLY conversations_of_several ON conversations (tenant_id, id)
    WHERE jsonb_array_length(coalesce(merge_state -> 'patients', '[]')) > 1`);
  pgm.sql(
    "COMMENT ON INDEX conversations_of_several IS 'Conversations whose messages name several patients, who may be one after a merge.'",
  );
  pgm.sql('DROP INDEX CONCURRENTLY IF EXISTS match_reviews_state');
  pgm.sql(
    'CREATE INDEX CONCURRENTLY match_reviews_state ON match_reviews (tenant_id, state, created_at, id)',
  );
  pgm.sql("COMMENT ON INDEX match_reviews_state IS 'Reviews in a state, closed ones too, page by page.'");
  // The new one serves all that this one did.
  pgm.sql('DROP INDEX CONCURRENTLY IF EXISTS match_reviews_open');
}

export const down = false;
