import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { readForm } from './read-fields.ts';
import { readMessage } from './read-message.ts';

const guide = readFileSync(new URL('../../../../docs/whatsapp.md', import.meta.url), 'utf8');

it.each([
  [
    'text',
    { event_type: 'message.received', kind: 'text', body: 'Can I come tomorrow at 4?', profile_name: 'Asha' },
  ],
  [
    'media',
    { event_type: 'message.received', kind: 'media', media: [{ index: 0, content_type: 'image/jpeg' }] },
  ],
  ['status', { event_type: 'message.status', direction: 'outbound', status: 'delivered' }],
])('the guide’s example of a %s is read as it says, to the last field', (name, expected) => {
  const form = new RegExp(`^\`\`\`form ${name}\n(.*?)\n\`\`\`$`, 'ms').exec(guide)?.[1] ?? '';
  expect(readMessage(readForm(Buffer.from(form)), null)).toMatchObject({
    ok: true,
    message: { ...expected, extra: null },
  });
});
