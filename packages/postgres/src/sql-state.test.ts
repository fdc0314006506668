import { SwitchboardError } from '@switchboard/platform';
import { describe, expect, it } from 'vitest';
import { isRefusedRow, isSqlState, isTransient } from './sql-state.ts';

const withCode = (code: string) => Object.assign(new Error('text'), { code });

describe('isTransient', () => {
  it('is true of what passes by itself: no event is to blame', () => {
    const codes = ['40001', '40P01', '55P03', '57014', '57P01', '57P03', '57P05', '08006', '53100', '25006'];
    for (const code of [...codes, 'ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT'])
      expect([code, isTransient(withCode(code))]).toEqual([code, true]);
    expect(isTransient(new SwitchboardError('postgres_unavailable', 'away'))).toBe(true);
    expect(isTransient(new Error('Connection terminated unexpectedly'))).toBe(true);
    expect(isTransient(new Error('Query read timeout'))).toBe(true);
  });

  it('is false of what the same event would meet again', () => {
    const codes = ['23505', '23503', '22P02', '22P05', '21000', '42501', '42P01'];
    for (const code of codes) expect([code, isTransient(withCode(code))]).toEqual([code, false]);
    expect(isTransient('57014')).toBe(false);
  });

  it('is not taken in by a fault of our own that speaks of connections', () => {
    expect(isTransient(new TypeError("Cannot read properties of undefined (reading 'connection')"))).toBe(
      false,
    );
    expect(isTransient(new RangeError('timeout must be positive'))).toBe(false);
  });
});

describe('isRefusedRow', () => {
  it('is true of values that Postgres does not take', () => {
    for (const code of ['21000', '22P02', '22021', '23505', '23514', '54000'])
      expect([code, isRefusedRow(withCode(code))]).toEqual([code, true]);
  });

  it('is false of what every row would meet', () => {
    for (const code of ['42703', '42P01', '42501', '0A000', 'XX000', 'P0001', '57P01', 'EPIPE'])
      expect([code, isRefusedRow(withCode(code))]).toEqual([code, false]);
  });
});

describe('isSqlState', () => {
  it('knows codes of Postgres from those of Node and our own', () => {
    for (const code of ['42703', 'XX000', 'P0001', 'F0000'])
      expect([code, isSqlState(withCode(code))]).toEqual([code, true]);
    for (const code of ['EPIPE', 'EBADF', 'postgres_unavailable', ''])
      expect([code, isSqlState(withCode(code))]).toEqual([code, false]);
    expect(isSqlState('42703')).toBe(false);
  });
});
