import { readFileSync } from 'node:fs';
import { describe, expect, inject, it } from 'vitest';
import { createClickHouse } from '../client.ts';

describe('infra/clickhouse/access.sql', () => {
  it('is understood by the engine, statement by statement', async () => {
    const { url, user, password } = inject('engines').clickhouse;
    const client = createClickHouse({ url, user, password, database: 'default' });
    const text = readFileSync(new URL('../../../../infra/clickhouse/access.sql', import.meta.url), 'utf8');
    const statements = text
      .replace(/^--.*\n/gm, '')
      .split(/;\s*\n/)
      .filter((statement) => statement.trim());
    try {
      expect(statements.length).toBeGreaterThan(10);
      for (const statement of statements)
        await client.query('SELECT formatQuery({statement:String}) AS sql', { statement });
    } finally {
      await client.close();
    }
  });
});
