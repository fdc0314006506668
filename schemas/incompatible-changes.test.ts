import { describe, expect, it } from 'vitest';
import { releasedSchemas, unreadableVersions } from './compatibility.ts';
import { allowedChanges, changedSchema, refusedChanges } from './testing/schema-changes.ts';

describe('a change of record.received', () => {
  const older = releasedSchemas('record.received.v1');
  const versions = older.map(({ version }) => version);

  it.each(refusedChanges)('is refused when %s', (...change) => {
    expect(unreadableVersions(changedSchema(change), older)).toEqual(versions);
  });

  it.each(allowedChanges)('is allowed when %s', (...change) => {
    expect(unreadableVersions(changedSchema(change), older)).toEqual([]);
  });
});
