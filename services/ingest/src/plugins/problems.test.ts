import { createLogger } from '@switchboard/platform';
import { fastify } from 'fastify';
import { expect, test } from 'vitest';
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
