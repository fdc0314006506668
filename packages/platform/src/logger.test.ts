import { describe, expect, it } from 'vitest';
import { createLogger } from './logger.ts';

function loggerWithLines() {
  const lines: string[] = [];
  const logger = createLogger(
    { service: 'test', level: 'debug' },
    { write: (line: string) => lines.push(line) },
  );
  return { logger, lines };
}

describe('createLogger', () => {
  it('writes JSON lines with service, level by name and time', () => {
    const { logger, lines } = loggerWithLines();
    logger.child({ shard: 1 }).warn({ rows: 2 }, 'slow');
    const line = JSON.parse(lines[0] ?? '');
    expect(line).toMatchObject({ service: 'test', level: 'warn', shard: 1, rows: 2, msg: 'slow' });
    expect(line.time).toMatch(/^\d{4}-\d\d-\d\dT/);
  });

  it.each([
    { of: 'driver', text: 'invalid input syntax: "Asha Rao, +919820012345"' },
    { of: 'parser', text: `Unexpected token 'A', "Asha Rao, +919820012345" is not valid JSON` },
  ])(
    'lets no text of a $of’s error into a line, however it is logged (any log: they carry what they choked on)',
    ({ text }) => {
      const { logger, lines } = loggerWithLines();
      const error = Object.assign(new Error(text), { code: '22P02' });
      logger.error({ error }, 'failed');
      logger.error({ err: error }, 'failed');
      logger.error({ error });
      logger.error({ err: error });
      logger.error(error);
      logger.child({ part: 'x' }).fatal(error, 'failed');
      expect(lines).toHaveLength(6);
      expect(lines.join('')).not.toMatch(/Asha|98200/);
      for (const line of lines) expect(line).toContain('22P02');
    },
  );

  it('leaves lines without an error as they are', () => {
    const { logger, lines } = loggerWithLines();
    logger.info('ready');
    logger.info({ rows: 2 });
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ msg: 'ready' });
    expect(JSON.parse(lines[1] ?? '')).not.toHaveProperty('msg');
  });
});
