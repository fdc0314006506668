import { describe, expect, it } from 'vitest';
import { readRequest } from './read-options.ts';

const create = [
  ['create', '--slug', 'elm', '--name', 'Elm Clinic', '--time-zone', 'Europe/London'],
  ['--owner-email', 'Anna@Elm.example', '--voice-number', '+44 20 7946 0001'],
].flat();
const without = (option: string) => create.toSpliced(create.indexOf(option), 2);

describe('a clinic on the command line', () => {
  it('has what is left out from what is said', () => {
    expect(readRequest(create)).toEqual({
      command: 'create',
      json: false,
      passwordStdin: false,
      slug: 'elm',
      name: 'Elm Clinic',
      timeZone: 'Europe/London',
      country: 'GB',
      locale: 'en-GB',
      owner: { email: 'anna@elm.example', name: 'Owner' },
      numbers: [{ channel: 'voice', number: '+442079460001' }],
    });
  });

  it('has quotas, of which none is that of all others', () => {
    const quota = ['quota', '--slug', 'elm', '--events', '1200', '--requests', 'none'];
    expect(readRequest(quota)).toEqual({
      command: 'quota',
      slug: 'elm',
      json: false,
      quotas: { events_per_minute: 1200, requests_per_minute: null },
    });
    for (const wrong of ['0', '1.5', '1e9', '1000000000', 'all'])
      expect(() => readRequest(['quota', '--slug', 'elm', '--records', wrong])).toThrow(
        '--records must be a whole number from 1 to 999999999, or none',
      );
  });

  it('has numbers as they are written in its country', () => {
    const numbers = [
      '--country',
      'IN',
      '--whatsapp-number',
      '022 4000 1234',
      '--whatsapp-number',
      '9812345678',
    ];
    expect(readRequest([...without('--voice-number'), ...numbers])).toMatchObject({
      country: 'IN',
      numbers: [
        { channel: 'whatsapp', number: '+912240001234' },
        { channel: 'whatsapp', number: '+919812345678' },
      ],
    });
  });
});

describe('a wrong command line', () => {
  it.each([
    [[], 'the command must be create, list, show, password or quota'],
    [['destroy'], 'the command must be create, list, show, password or quota'],
    [['list', 'elm'], 'the command must be create, list, show, password or quota'],
    [['show'], '--slug must be given'],
    [['password', '--slug', 'elm'], '--email must be given'],
    [without('--name'), '--name must be given'],
    [without('--owner-email'), '--owner-email must be given'],
    [without('--voice-number'), '--country must be given'],
    [
      [...create, '--slug', 'Elm Clinic'],
      '--slug must be 2 to 63 small letters, digits and dashes, e.g. my-clinic',
    ],
    [[...create, '--time-zone', 'Mars/Base'], '--time-zone must be an IANA zone, e.g. Asia/Kolkata'],
    [[...create, '--time-zone', '+05:30'], '--time-zone must be an IANA zone, e.g. Asia/Kolkata'],
    [[...create, '--country', 'India'], '--country must be two capital letters of ISO 3166, e.g. IN'],
    [[...create, '--locale', '!!'], '--locale must be a language tag, e.g. en-IN'],
    [[...create, '--owner-email', 'anna'], '--owner-email must be a mail address'],
    [[...create, '--voice-number', '12'], '--voice-number must be a telephone number, e.g. +912240001234'],
    [[...create, '--events', '20'], '--events is for quota, not for create'],
    [['quota', '--slug', 'elm', '--name', 'Elm'], '--name is for create, not for quota'],
    [[...create, '--colour', 'red'], "Unknown option '--colour'"],
  ])('%j says what would be right', (args, message) => {
    expect(() => readRequest(args)).toThrow(message);
  });
});
