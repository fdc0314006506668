import { expect, it, vi } from 'vitest';
import { createLogger } from './logger.ts';
import { sayUntilThere } from './say-until-there.ts';

it('says once of each engine that is away that it is waited for, and why, and then that it is there', async () => {
  const logger = createLogger({ service: 'test', level: 'silent' });
  const warn = vi.spyOn(logger, 'warn');
  const info = vi.spyOn(logger, 'info');
  let asked = 0;
  const waiting = sayUntilThere(
    {
      clickhouse: () => undefined,
      postgres() {
        asked += 1;
        const code = asked < 3 ? 'ECONNREFUSED' : '57P03';
        if (asked < 5) throw Object.assign(new Error('secret'), { code });
      },
    },
    logger,
  );
  await vi.waitFor(() => expect(info.mock.calls).toEqual([['postgres is there']]), 10_000);
  expect(warn.mock.calls).toEqual([
    [{ why: 'ECONNREFUSED', attempt: 1 }, 'postgres is waited for'],
    [{ why: '57P03', attempt: 3 }, 'postgres is waited for'],
  ]);
  await waiting.stop?.();
});

it('stops at once while an engine is still away', async () => {
  const logger = createLogger({ service: 'test', level: 'silent' });
  const waiting = sayUntilThere({ postgres: () => Promise.reject(new Error('away')) }, logger);
  await waiting.stop?.();
});
