import { createHmac } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkClaims, readClaims } from '../signatures/check-signatures.ts';
import { createSigningSecret } from '../signatures/secrets.ts';
import type { VendorAdapter } from './vendor.ts';

const root = new URL('../../../../', import.meta.url);
const guide = readFileSync(new URL('docs/adding-a-vendor.md', root), 'utf8');
const receivedAt = 1_795_150_940_000;

/** What stands in the guide under a name, e.g. of ```` ```ts adapter ````. */
function blockOf(name: string): string {
  const found = new RegExp(`^\`\`\`\\w+ ${name}\\n(.*?)^\`\`\`$`, 'ms').exec(guide)?.[1];
  if (found === undefined) throw new Error(`the guide has no ${name}`);
  return found;
}

describe('the guide for adding a vendor, followed word for word', () => {
  let dir: string;
  let adapter: VendorAdapter;

  beforeAll(async () => {
    // Beside the sources, where packages are found; nothing there is kept.
    const data = fileURLToPath(new URL('.switchboard/', root));
    mkdirSync(data, { recursive: true });
    dir = mkdtempSync(join(data, 'guide-'));
    const sources = new URL('services/ingest/src/', root);
    const write = (name: string, folder: string, block: string) => {
      const code = blockOf(block).replaceAll(/from '(\.[^']+)'/g, (_, path: string) =>
        path.endsWith('/lark.ts')
          ? `from './scheme-lark.ts'`
          : `from '${fileURLToPath(new URL(path, new URL(folder, sources)))}'`,
      );
      writeFileSync(join(dir, name), code);
    };
    write('scheme-lark.ts', 'signatures/', 'scheme');
    write('adapter-lark.ts', 'vendors/', 'adapter');
    const made: { createLarkAdapter(): VendorAdapter } = await import(join(dir, 'adapter-lark.ts'));
    adapter = made.createLarkAdapter();
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  it('makes of its body what it says', () => {
    expect(adapter.read(JSON.parse(blockOf('body')), receivedAt)).toEqual({
      ok: true,
      event: JSON.parse(blockOf('event')),
    });
  });

  it('knows what it signed, and nothing else', () => {
    const body = Buffer.from(blockOf('body'));
    const seconds = Math.floor(receivedAt / 1_000);
    const secret = createSigningSecret('one', 'a secret of Lark');
    const judge = (key: string) => {
      const digest = createHmac('sha256', key).update(`${seconds}.`).update(body).digest('hex');
      const headers = { 'lark-signature': `${seconds}.${digest}` };
      const claims = readClaims(
        { headers, rawHeaders: Object.entries(headers).flat() },
        adapter.schemes,
        seconds,
      );
      if (typeof claims === 'string') return claims;
      return checkClaims(claims, { webhookModes: new Set(['lark']), secrets: [secret] }, 1, body) ?? 'ok';
    };
    expect(judge('a secret of Lark')).toBe('ok');
    expect(judge('another secret')).toBe('wrong');
  });

  it('shows the line of index.ts as it stands there, with one more', () => {
    const index = readFileSync(new URL('index.ts', import.meta.url), 'utf8');
    const line = blockOf('index').trim().replace(', createLarkAdapter()', '');
    expect(index).toContain(line);
  });
});
