import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  type ConfigShape,
  certificateFile,
  key32,
  list,
  loadConfig,
  port,
  printableConfig,
  secret,
} from './config.ts';
import { SwitchboardError } from './errors.ts';

const key = Buffer.alloc(32, 7).toString('base64');

function refusalOf(shape: ConfigShape, env: NodeJS.ProcessEnv): string {
  try {
    loadConfig(shape, env);
  } catch (error) {
    if (error instanceof SwitchboardError && error.code === 'config_invalid') return error.message;
    throw error;
  }
  return '';
}

describe('loadConfig', () => {
  it('parses, fills in defaults and freezes, lists too', () => {
    const config = loadConfig(
      { PORT: port(8080), BROKERS: list(), KEY: key32() },
      { BROKERS: 'a:1, b:2,', KEY: key },
    );
    expect(config).toEqual({ PORT: 8080, BROKERS: ['a:1', 'b:2'], KEY: Buffer.alloc(32, 7) });
    expect(Object.isFrozen(config)).toBe(true);
    expect(Object.isFrozen(config.BROKERS)).toBe(true);
  });

  it('takes an empty variable as unset, and leaves out what the shape does not name', () => {
    expect(loadConfig({ PORT: port(8080) }, { PORT: '', HOME: '/root' })).toEqual({ PORT: 8080 });
  });

  it('names every wrong setting and what would be right, and repeats no value', () => {
    const shape = { PORT: port(1), KEY: key32(), OTHER_KEY: key32(), BROKERS: list(), URL: z.url() };
    const message = refusalOf(shape, {
      PORT: 'hunter2',
      KEY: 'aHVudGVyMg==',
      BROKERS: ' , ',
      URL: 'hunter2',
    });
    expect(message).toMatch(/PORT: .*number/);
    expect(message).toContain('KEY: must be base64 of exactly 32 bytes');
    expect(message).toContain('OTHER_KEY: must be set to base64 of exactly 32 bytes');
    expect(message).toContain('BROKERS: must name at least one');
    expect(message).toContain('URL: Invalid URL');
    expect(message).not.toMatch(/hunter2|aHVudGVyMg/);
  });

  it('takes a file of certificates that it can read, and no other', () => {
    const refusal = 'CA: must be the path of a file with certificates in PEM';
    expect(refusalOf({ CA: certificateFile() }, { CA: '/nowhere/ca.pem' })).toContain(refusal);
    expect(refusalOf({ CA: certificateFile() }, { CA: import.meta.dirname })).toContain(refusal);
    expect(refusalOf({ CA: certificateFile() }, { CA: `${import.meta.dirname}/errors.ts` })).toContain(
      refusal,
    );
    expect(loadConfig({ CA: certificateFile() }, { CA: import.meta.filename }).CA).toBe(import.meta.filename);
    // This line makes this file pass for one: -----BEGIN CERTIFICATE-----
  });

  it('refuses ports that are none', () => {
    for (const PORT of ['-1', '65536', '80.5'])
      expect(refusalOf({ PORT: port(1) }, { PORT })).toContain('PORT');
  });
});

describe('printableConfig', () => {
  it('masks secrets, keys and passwords inside URLs', () => {
    const shape = {
      KEY: key32(),
      TOKEN: secret(z.string().optional()),
      LATE: secret(z.string()).default('hunter2').optional(),
      DESCRIBED: secret(z.string()).describe('A word.').default('hunter2'),
      DATABASE_URL: z.url(),
      ODD_URL: z.string(),
      SSL_URL: z.string(),
      NAME: z.string(),
    };
    const config = loadConfig(shape, {
      KEY: key,
      TOKEN: 'hunter2',
      DATABASE_URL: 'postgres://ann:hunter2@db:5432/x',
      ODD_URL: 'postgres://ann:hunter2/with@signs@db/x',
      SSL_URL: 'postgres://db/x?user=ann&password=hunter2&sslmode=require',
      NAME: 'plain',
    });
    const printed = printableConfig(shape, config);
    expect(JSON.stringify(printed)).not.toMatch(/hunter2|BwcH/);
    expect(printed).toMatchObject({
      TOKEN: '***',
      LATE: '***',
      DESCRIBED: '***',
      DATABASE_URL: 'postgres://ann:***@db:5432/x',
      ODD_URL: 'postgres://ann:***@db/x',
      SSL_URL: 'postgres://db/x?user=ann&password=***&sslmode=require',
      NAME: 'plain',
    });
  });

  it('shows that a secret is empty', () => {
    const shape = { PASSWORD: secret(z.string().default('')) };
    expect(printableConfig(shape, loadConfig(shape, {}))).toEqual({ PASSWORD: '' });
  });
});
