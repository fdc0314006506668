import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type DemoClinic, startDemoClinic } from './demo-clinic.ts';

const pathOf = (name: string) => fileURLToPath(new URL(`../../docs/${name}`, import.meta.url));
const cookbook = readFileSync(pathOf('sql-cookbook.md'), 'utf8');
const nightly = readFileSync(pathOf('nightly-tables.md'), 'utf8');

let clinic: DemoClinic;
beforeAll(async () => {
  clinic = await startDemoClinic();
});
afterAll(() => clinic.stop());

/** The parts of a document under a heading of the second level. */
function sectionsOf(text: string): { heading: string; body: string }[] {
  const [, ...sections] = text.split(/^## /m);
  return sections.map((section) => {
    const end = section.indexOf('\n');
    return { heading: section.slice(0, end), body: section.slice(end) };
  });
}

const queriesOf = (text: string) => [...text.matchAll(/^```sql\n(.*?)^```$/gms)].map(([, sql = '']) => sql);

describe('the cookbook', () => {
  const recipes = sectionsOf(cookbook).filter(({ body }) => queriesOf(body).length > 0);

  test('has 20 recipes and more, each explained, with one query', () => {
    expect(recipes.length).toBeGreaterThanOrEqual(20);
    for (const { heading, body } of recipes) {
      expect([heading, queriesOf(body).length]).toEqual([heading, 1]);
      expect(body.split('```sql')[0]?.trim().length).toBeGreaterThan(40);
    }
  });

  test('divides by nothing that may be 0, which would answer nan', () => {
    for (const { heading, body } of recipes) {
      const divisors = [...(queriesOf(body)[0] ?? '').matchAll(/ \/ (\S+)/g)].map(([, by = '']) => by);
      expect([heading, divisors.filter((by) => !/^(nullIf\(|\d)/.test(by))]).toEqual([heading, []]);
    }
  });

  /** `npx vitest run -u tests/documents` writes the results anew. */
  test('shows of every query what it answers the data team’s user', async () => {
    let shown = cookbook;
    for (const { heading, body } of recipes) {
      const [sql = ''] = queriesOf(body);
      const answer = await clinic.ask(sql, 'Markdown');
      expect([heading, answer.trim().split('\n').length > 2]).toEqual([heading, true]);
      const query = `\`\`\`sql\n${sql}\`\`\`\n`;
      const after = shown.slice(shown.indexOf(query) + query.length);
      const [result = ''] = /^\n(\|.*\n)*/.exec(after) ?? [];
      shown = shown.replace(query + result, () => `${query}\n${answer}`);
    }
    await expect(shown).toMatchFileSnapshot(pathOf('sql-cookbook.md'));
  });
});

describe('what gives the columns of the nightly tables now', () => {
  const tables = sectionsOf(nightly).filter(({ heading }) => heading.startsWith('analytics_'));

  test('is told for each table', () => {
    expect(tables.map(({ heading }) => heading)).toEqual(
      ['appointment', 'journey', 'communication', 'voice_call'].map((what) => `analytics_${what}_daily`),
    );
  });

  test.each(tables)('runs for every column of $heading', async ({ body }) => {
    const given = new Set<string>();
    for (const sql of queriesOf(body)) {
      const { meta, data } = JSON.parse(await clinic.ask(sql, 'JSON'));
      expect([sql, data.length > 0]).toEqual([sql, true]);
      for (const { name } of meta) given.add(name);
    }
    const columns = [...body.matchAll(/^\| `(\w+)` \|/gm)].map(([, column]) => column);
    expect(columns.length).toBeGreaterThan(8);
    expect(columns.filter((column) => !given.has(column ?? ''))).toEqual([]);
  });
});

test('the data team’s user reads facts and sums of every kind, and nothing else', async () => {
  const names = (
    await clinic.ask(`SELECT name FROM system.tables WHERE database = 'switchboard'`, 'TSV')
  ).split('\n');
  for (const what of ['appointment', 'journey', 'communication', 'voice_call'])
    for (const span of ['daily', 'hourly']) expect(names).toContain(`analytics_${what}_${span}`);
  const tenant = `'01890000-0000-7000-8000-0000000000aa'`;
  for (const sql of [
    'SELECT * FROM switchboard_epochs',
    `SELECT * FROM api_message_daily(tenant = ${tenant})`,
    'INSERT INTO fact_message SELECT * FROM fact_message',
  ])
    await expect(clinic.ask(sql, 'TSV')).rejects.toThrow(/Not enough privileges|ACCESS_DENIED|READONLY/);
});
