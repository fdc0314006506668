import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { z } from 'zod';
import { readStackFile } from './stack-file.ts';

const dir = mkdtempSync(join(tmpdir(), 'switchboard-stack-file-'));
afterAll(() => rmSync(dir, { recursive: true }));
const file = join(dir, 'demo.json');
const schema = z.object({ postgres: z.string() });

it('is nothing where nothing runs, what is asked of it where something does, and an error where it is broken', () => {
  expect(readStackFile(file, schema)).toBeUndefined();
  writeFileSync(file, '{"postgres":"postgres://here","more":1}');
  expect(readStackFile(file, schema)).toEqual({ postgres: 'postgres://here' });
  writeFileSync(file, '{"postgres":1}');
  expect(() => readStackFile(file, schema)).toThrow(z.ZodError);
  writeFileSync(file, '{');
  expect(() => readStackFile(file, schema)).toThrow(SyntaxError);
});
