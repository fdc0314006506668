import { describe, expect, it } from 'vitest';
import { describeError, SwitchboardError } from './errors.ts';

/** What a driver throws: fields that may be told beside a text that may not. */
function driverError(message: string): Error {
  return Object.assign(new Error(message), {
    name: 'error',
    code: '23505',
    constraint: 'patients_pkey',
    table: 'patients',
    detail: 'Key (name)=(Asha Rao) already exists.',
    where: 'COPY patients, line 1: "Asha Rao"',
  });
}

function errorOf(parse: () => unknown): unknown {
  try {
    return parse();
  } catch (error) {
    return error;
  }
}

describe('describeError', () => {
  it('tells the message of our own errors', () => {
    const error = new SwitchboardError('broker_unavailable', 'the broker is away', { retryable: true });
    expect(describeError(error)).toMatchObject({
      name: 'SwitchboardError',
      code: 'broker_unavailable',
      message: 'the broker is away',
      retryable: true,
    });
  });

  it("tells a foreign error's code and constraint, never its text (any log: driver errors carry the values they choked on)", () => {
    const described = describeError(driverError('duplicate key: Asha Rao, +919820012345'));
    expect(described).toMatchObject({ code: '23505', constraint: 'patients_pkey', table: 'patients' });
    expect(described).not.toHaveProperty('message');
    expect(JSON.stringify(described)).not.toMatch(/Asha|98200/);
    expect(described.stack?.[0]).toMatch(/errors\.test\.ts/);
  });

  it('tells the kind of a parser’s error, never what it quotes (any log: parser errors carry the values they choked on)', () => {
    for (const parse of [
      () => JSON.parse('{"name": Asha Rao}'),
      () => new URL('tel//Asha Rao'),
      () => decodeURIComponent('Asha%Rao'),
      () => new Intl.DateTimeFormat('en', { timeZone: 'Asha/Rao' }),
    ]) {
      const described = describeError(errorOf(parse));
      expect(described).not.toHaveProperty('message');
      expect(described.name).toMatch(/Error$/);
      expect(JSON.stringify(described)).not.toMatch(/Asha|Rao/);
    }
  });

  it('lets no line of a message pass for a frame of the stack', () => {
    const message = 'bad input:\n    at Asha Rao (file:///call/1:1:1)\n    at +919820012345:2:2';
    const changed = driverError(message);
    changed.message = 'another';
    expect(JSON.stringify(describeError(driverError(message)))).not.toMatch(/Asha|98200/);
    expect(describeError(changed).stack?.join()).not.toMatch(/\+9198/);
  });

  it('follows causes, ours and foreign, but not for ever', () => {
    const inner = driverError('Asha Rao');
    const outer = new SwitchboardError('row_refused', 'a row was refused', { cause: inner });
    expect(describeError(outer).cause).toMatchObject({ code: '23505' });
    expect(JSON.stringify(describeError(outer))).not.toContain('Asha');
    inner.cause = outer;
    expect(() => JSON.stringify(describeError(outer))).not.toThrow();
  });

  it('tells only the type of what is no error', () => {
    expect(describeError('Asha Rao')).toEqual({ name: 'string' });
    expect(describeError(null)).toEqual({ name: 'object' });
  });
});
