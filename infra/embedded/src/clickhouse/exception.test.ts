import { expect, it } from 'vitest';
import { exception, fromEngine, httpStatus } from './exception.ts';

it('takes the exception out of its wrapping', () => {
  const error = new Error(
    "Query failed: Code: 164. DB::Exception: Code: 164. DB::Exception: Cannot modify 'readonly'. (READONLY) (version 26.7.2.1). (READONLY)",
  );
  const read = fromEngine(error);
  expect(read.code).toBe(164);
  expect(read.message).toBe("Code: 164. DB::Exception: Cannot modify 'readonly'. (READONLY)");
});

it('hides the file that rows went through', () => {
  const error = new Error(
    'Code: 27. DB::Exception: Cannot parse: (at row 1)\n: (in file/uri /data/spool/7): While executing JSON: While executing File: data for INSERT was parsed from file. (X)',
  );
  expect(fromEngine(error).message).toBe(
    'Code: 27. DB::Exception: Cannot parse: (at row 1)\n: While executing JSON. (X)',
  );
});

it('has a status for each kind of exception', () => {
  expect(exception(60, 'UNKNOWN_TABLE', 'x').message).toBe('Code: 60. DB::Exception: x (UNKNOWN_TABLE)');
  expect([62, 516, 497, 60, 159, 229, 48, 202, 241].map(httpStatus)).toEqual([
    400, 403, 403, 404, 408, 413, 501, 503, 500,
  ]);
  expect(fromEngine(new Error('boom')).code).toBe(1002);
});
