import { createHash } from 'node:crypto';
import fc from 'fast-check';
import twilio from 'twilio';
import { describe, expect, it } from 'vitest';
import { readForm } from '../whatsapp/read-fields.ts';
import { checkClaims, readClaims } from './check-signatures.ts';
import { createSigningSecret } from './secrets.ts';
import { twilioScheme } from './twilio.ts';

const token = 'a token of an account';
const prover = { webhookModes: new Set(['twilio']), secrets: [createSigningSecret('t', token)] };

function accepts(url: string, body: string, signature: string): boolean {
  const request = {
    headers: { 'x-twilio-signature': signature },
    rawHeaders: ['X-Twilio-Signature', signature],
  };
  const claims = readClaims(request, [twilioScheme({ url, fieldsOf: readForm })], 0);
  return typeof claims !== 'string' && checkClaims(claims, prover, 1, Buffer.from(body)) === undefined;
}

const fields = fc.dictionary(
  fc.stringMatching(/^[A-Za-z]\w{0,12}$/),
  fc.array(fc.string({ unit: 'grapheme', maxLength: 20 }), { minLength: 1, maxLength: 3 }),
  { maxKeys: 12 },
);
const urls = fc
  .record({
    scheme: fc.constantFrom('https', 'http'),
    port: fc.constantFrom('', ':443', ':80', ':8443'),
    query: fc.constantFrom('', '?send=0190f3c1-5c0a-7d1e-9a55-3f6f1c2d4e5f', "?a=it's&b=%20x", '?a=1&a=2'),
  })
  .map(({ scheme, port, query }) => `${scheme}://hooks.example${port}/api/v1/whatsapp/webhook/asha${query}`);

function asForm(given: Record<string, string[]>): string {
  return new URLSearchParams(
    Object.entries(given).flatMap(([name, values]) => values.map((value): [string, string] => [name, value])),
  ).toString();
}

describe('Twilio’s signature', () => {
  it('is taken where Twilio’s own library takes it, and refused where it refuses', () => {
    fc.assert(
      fc.property(urls, fields, urls, fields, fc.boolean(), (url, sent, otherUrl, otherSent, forged) => {
        const signed = forged ? otherSent : sent;
        const signature = twilio.getExpectedTwilioSignature(token, forged ? otherUrl : url, signed);
        const theirs = twilio.validateRequest(token, signature, url, sent);
        expect(accepts(url, asForm(sent), signature)).toBe(theirs);
      }),
      { numRuns: 200 },
    );
  });

  it('of a JSON body is over its hash', () => {
    fc.assert(
      fc.property(fc.json(), fc.boolean(), (body, changed) => {
        const hash = createHash('sha256').update(body).digest('hex');
        const url = `https://hooks.example/api/v1/whatsapp/webhook?bodySHA256=${hash}`;
        const signature = twilio.getExpectedTwilioSignature(token, url, {});
        const arrived = changed ? `${body} ` : body;
        const theirs = twilio.validateRequestWithBody(token, signature, url, arrived);
        expect(theirs).toBe(!changed);
        expect(accepts(url, arrived, signature)).toBe(theirs);
      }),
      { numRuns: 50 },
    );
  });

  it('of another token is none', () => {
    const url = 'https://hooks.example/x';
    expect(accepts(url, 'Body=x', twilio.getExpectedTwilioSignature('another', url, { Body: 'x' }))).toBe(
      false,
    );
  });
});
