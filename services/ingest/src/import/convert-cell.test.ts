import { describe, expect, it } from 'vitest';
import { type CellContext, type CellForm, convertCell } from './convert-cell.ts';

function converted(cell: string, form: CellForm, context: Partial<CellContext> = {}): unknown {
  const result = convertCell(cell, form, { timeZone: 'Asia/Kolkata', dates: 'iso', ...context });
  return 'value' in result ? result.value : undefined;
}

describe('times', () => {
  it.each([
    ['2026-11-24T16:00:00+05:30', '2026-11-24T10:30:00.000Z'],
    ['2026-11-24 16:00:00 +0530', '2026-11-24T10:30:00.000Z'],
    ['2026-11-24T10:30Z', '2026-11-24T10:30:00.000Z'],
    ['2026-11-24T10:30:00.123456z', '2026-11-24T10:30:00.000Z'],
    ['2026-11-24T16:00', '2026-11-24T10:30:00.000Z'],
    ['2026-11-24 4:00 PM', '2026-11-24T10:30:00.000Z'],
    ['2026-11-24 12:15 a.m.', '2026-11-23T18:45:00.000Z'],
    ['2026-11-24', '2026-11-23T18:30:00.000Z'],
    ['24/11/2026 16:00', undefined],
    ['2026-02-30 16:00', undefined],
    ['2026-11-24 25:00', undefined],
    ['2026-11-24 13:00 pm', undefined],
    ['16:00', undefined],
    ['45985.66', undefined],
  ])('%s is %s in the clinic’s zone', (cell, expected) => {
    expect(converted(cell, 'time')).toBe(expected);
  });

  it.each([
    ['24/11/2026 16:00', '2026-11-24T10:30:00.000Z'],
    ['4-3-2026 9:05', '2026-03-04T03:35:00.000Z'],
    ['24.11.2026 16:00:30', '2026-11-24T10:30:30.000Z'],
    ['2026-11-24 16:00', '2026-11-24T10:30:00.000Z'],
    ['11/24/2026 16:00', undefined],
  ])('%s is %s where the day stands first', (cell, expected) => {
    expect(converted(cell, 'time', { dates: 'dmy' })).toBe(expected);
  });

  it('that clocks show twice, or jump over, are one instant each', () => {
    const zone = { timeZone: 'Europe/Berlin' };
    expect(converted('2026-10-25 02:30', 'time', zone)).toBe('2026-10-25T00:30:00.000Z');
    expect(converted('2026-03-29 02:30', 'time', zone)).toBe('2026-03-29T01:00:00.000Z');
    expect(converted('2026-04-05 01:45', 'time', { timeZone: 'Australia/Lord_Howe' })).toBe(
      '2026-04-04T14:45:00.000Z',
    );
  });
});

describe('other cells', () => {
  it.each([
    ['1988-04-12', 'date', '1988-04-12'],
    ['12/04/1988', 'date', undefined],
    ['No-Show', 'word', 'no_show'],
    ['Checked In', 'word', 'checked_in'],
    ['YES', 'flag', true],
    ['0', 'flag', false],
    ['maybe', 'flag', undefined],
    ['+91 98123 45678 ; 022', 'phones', ['+91 98123 45678', '022']],
    ['-4', 'whole', -4],
    ['4.5', 'whole', undefined],
    ['800.50', 'decimal', 800.5],
    ['1,800', 'decimal', undefined],
    ['-1', 'decimal', undefined],
  ] as const)('%s as %s is %j', (cell, form, expected) => {
    expect(converted(cell, form)).toEqual(expected);
  });
});
