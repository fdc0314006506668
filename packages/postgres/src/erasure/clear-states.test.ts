import { phiPaths } from '@switchboard/schemas';
import { expect, it } from 'vitest';
import { tellingFields } from './clear-states.ts';

it('what the schema marks as telling of a patient is emptied', () => {
  const marked = phiPaths('record.received.v1').flatMap((path) => {
    const [kind = '', field = ''] = path.replace(/^\./, '').split('.');
    return ['appointment', 'journey', 'step', 'message'].includes(kind) ? [field.replace('[]', '')] : [];
  });
  expect(marked).toContain('body');
  expect(marked.filter((field) => !tellingFields.some((one) => one === field))).toEqual([]);
});
