import { once } from 'node:events';
import { createServer } from 'node:http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { dayMs } from './clinic-time.ts';
import { postHistory } from './post-history.ts';
import { tellHistory } from './tell-history.ts';

const server = createServer((request, response) => {
  request.resume();
  response.writeHead(202, { 'content-type': 'application/json' }).end('{"results":[]}');
});
let url = '';

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (typeof address === 'object' && address) url = `http://127.0.0.1:${address.port}`;
});
afterAll(() => server.close());

it('the desk works through its lists week by week, each time once it sees all that was posted', {
  timeout: 30_000,
}, async () => {
  const history = tellHistory({ seed: 5, endAt: Date.parse('2026-11-20T12:00:00Z'), days: 30, patients: 60 });
  const rounds: { until: number; looks: number }[] = [];
  let looks = 0;
  const desk = {
    // What was posted is seen at the second look only.
    lastSaid: async () => {
      looks += 1;
      const said = history.flatMap((one) =>
        one.kind === 'event' && one.event.type === 'message.sent'
          ? [one.event.data.from_address, one.event.data.to_address]
          : [],
      );
      return new Map(looks < 2 ? [] : said.map((phone) => [String(phone), Number.POSITIVE_INFINITY]));
    },
    workThrough: async (until: number) => {
      rounds.push({ until, looks });
      looks = 0;
      return { resolved: 2, closed: 1 };
    },
  };
  const summary = await postHistory(
    { calls: { url, secret: 'x'.repeat(20) }, events: { url, key: 'k' }, desk },
    history,
  );
  expect(rounds.length).toBeGreaterThan(2);
  expect(summary).toMatchObject({ failed: 0, resolved: rounds.length * 2, closed: rounds.length });
  const untils = rounds.map(({ until }) => until);
  expect(untils.at(-1)).toBe((history.at(-1)?.at ?? 0) - 4 * 3_600_000);
  for (const [index, until] of untils.slice(1, -1).entries())
    expect(until - (untils[index] ?? 0)).toBeGreaterThanOrEqual(7 * dayMs);
  expect(rounds.every((round) => round.looks === 2)).toBe(true);
});
