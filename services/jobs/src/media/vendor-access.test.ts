import { allowHosts } from '@switchboard/media/fetching/allowed-hosts';
import { describe, expect, it } from 'vitest';
import { accessByAccount, twilioAccess } from './vendor-access.ts';

const account = { accountSid: 'AC00', token: 'secret' };
const basic = `Basic ${Buffer.from('AC00:secret').toString('base64')}`;

describe('twilioAccess', () => {
  it.each([
    ['https://api.twilio.com/2010-04-01/Accounts/AC00/Messages/MM1/Media/ME1', basic],
    ['http://api.twilio.com/x', undefined],
    ['https://api.twilio.com:8443/x', undefined],
    ['https://api.twilio.com.evil.example/x', undefined],
    ['https://mms.twiliocdn.com/x', undefined],
    ['https://s3-external-1.amazonaws.com/media.twiliocdn.com/x', undefined],
  ])('%s is asked with %s', (url, authorization) => {
    expect(twilioAccess(account).authorize(new URL(url))).toBe(authorization);
    expect(twilioAccess(undefined).authorize(new URL(url))).toBeUndefined();
  });

  it('leads to Twilio’s hosts alone', () => {
    const allowed = allowHosts(twilioAccess(account).hosts);
    expect(['api.twilio.com', 'media.twiliocdn.com'].map(allowed)).toEqual([true, true]);
    expect(['twilio.com.evil.example', 'eviltwilio.com', 's3.amazonaws.com'].map(allowed)).toEqual([
      false,
      false,
      false,
    ]);
  });
});

describe('accessByAccount', () => {
  const tenantId = 'a0000000-0000-4000-8000-000000000000';
  const fetch = {
    tenantId,
    kind: 'media',
    entityId: 'm',
    position: 0,
    claim: 'c',
    url: '',
    spelledHost: '',
    declaredType: null,
    declaredSha256: null,
    source: 'twilio',
    attempt: 1,
    expiresAt: null,
    hosts: [],
  } as const;
  const accessOf = accessByAccount(
    async (clinic) => (clinic === tenantId ? account : undefined),
    'https://api.twilio.com',
  );
  const asked = async (more: { source?: string; tenantId?: string }) =>
    (await accessOf({ ...fetch, hosts: [], ...more })).authorize(new URL('https://api.twilio.com/x'));

  it('gives a clinic’s account to its own messages alone', async () => {
    expect(await asked({})).toBe(basic);
    expect(await asked({ source: 'zoice' })).toBeUndefined();
    expect(await asked({ tenantId: 'b0000000-0000-4000-8000-000000000000' })).toBeUndefined();
  });
});
