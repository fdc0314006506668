import { createLogger } from '@switchboard/platform';
import { fastify } from 'fastify';
import { expect, test } from 'vitest';
import { comeAgain } from '../webhook/webhook-problems.ts';
import { answerWithProblems } from './problems.ts';

test('what broke on our side is named in the log by its kind and place, and told to nobody', async () => {
  const lines: string[] = [];
  const app = fastify();
  answerWithProblems(app, createLogger({ service: 'test' }, { write: (line) => void lines.push(line) }));
  app.get('/', () => {
    throw new TypeError('secret value');
  });
  const response = await app.inject('/');
  expect(response.statusCode).toBe(500);
  expect(response.body).not.toContain('secret value');
  expect(lines.join()).toContain('TypeError');
  expect(lines.join()).toContain('problems.test.ts');
  expect(lines.join()).not.toContain('secret value');
});

test('that webhooks are answered 503 stands in the log with its reason, once a minute and not for each', async () => {
  const lines: string[] = [];
  let now = 0;
  const app = fastify();
  const logger = createLogger({ service: 'test', level: 'info' }, { write: (line) => void lines.push(line) });
  answerWithProblems(app, logger, () => now);
  app.get('/:code', (request) => {
    throw comeAgain(String(Reflect.get(Object(request.params), 'code')), 'Not now.', new Error('the cause'));
  });
  const codes = () => lines.map((line) => JSON.parse(line)).map(({ code, msg }) => [msg, code]);
  for (const code of ['broker_unavailable', 'broker_unavailable', 'starting'])
    expect((await app.inject(`/${code}`)).statusCode).toBe(503);
  expect(codes()).toEqual([
    ['not available', 'broker_unavailable'],
    ['not available', 'starting'],
  ]);
  now = 60_000;
  await app.inject('/broker_unavailable');
  expect(codes()).toHaveLength(3);
});
