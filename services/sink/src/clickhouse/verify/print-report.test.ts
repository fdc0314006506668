import { describe, expect, it } from 'vitest';
import { renderReport } from './print-report.ts';
import type { VerifyReport } from './report.ts';

const clean: VerifyReport = {
  epoch: 3,
  block: 120,
  heldMs: 40,
  compared: [{ check: 'daily-facts', table: 'analytics_voice_call_daily_e3', tenants: 2, rows: 500 }],
  findings: [],
  older: [],
  drift: 0,
};

describe('the printed report', () => {
  it('ends with the drift', () => {
    const lines = renderReport(clean).trimEnd().split('\n');
    expect(lines[0]).toBe('cut at block 120, epoch 3; blocks were held 40 ms');
    expect(lines.at(-1)).toBe('drift 0');
  });

  it('names what differs by table, tenant and day, and what was not recounted', () => {
    const text = renderReport({
      ...clean,
      drift: 1,
      findings: [
        {
          check: 'daily-facts',
          table: 'analytics_voice_call_daily_e3',
          tenant: 't-1',
          day: '2026-11-20',
          differing: 2,
          columns: ['calls'],
        },
      ],
      older: [{ kind: 'voice_call', tenant: 't-1', version: 1, statements: 9 }],
    });
    expect(text).toMatch(/daily-facts\s+analytics_voice_call_daily_e3\s+t-1\s+2026-11-20\s+2\s+calls/);
    expect(text).toMatch(/t-1\s+voice_call\s+1\s+9/);
  });
});
