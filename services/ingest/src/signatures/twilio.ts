import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { parse, stringify } from 'node:querystring';
import { oneHeader, type SignatureScheme } from './scheme.ts';

/** A body's fields: what is there more than once has all its values. */
export type FormFields = ReadonlyMap<string, readonly string[]>;

export interface SignedRequest {
  /** As Twilio was told it, query string included. */
  url: string;
  /** The fields that are signed; asked for once the body was read. */
  fieldsOf(body: Buffer): FormFields;
}

const bodyHash = 'bodySHA256';

/**
 * Twilio's: `X-Twilio-Signature`, base64 HMAC-SHA1 of the URL and the body's fields by name, keyed with the account's token;
 * of a URL that carries the body's hash, of the URL alone. Twilio's library is right about what is signed: a test holds
 * this against it. It is not used here, since it takes a second and more to load.
 *
 * @see https://www.twilio.com/docs/usage/webhooks/webhooks-security
 */
export function twilioScheme({ url, fieldsOf }: SignedRequest): SignatureScheme {
  return {
    mode: 'twilio',
    header: 'x-twilio-signature',
    headers: ['x-twilio-signature'],
    read(headers) {
      const given = oneHeader(headers, 'x-twilio-signature') ?? '';
      if (!/^[A-Za-z0-9+/]{27}=$/.test(given)) return 'malformed';
      return {
        // The text is compared: base64 has more than one text for some bytes.
        presented: [Buffer.from(given)],
        expected({ textKey }, body) {
          const tail = tailOf(url, body, fieldsOf);
          if (tail === undefined) return [];
          return writingsOf(url).map((one) =>
            Buffer.from(createHmac('sha1', textKey).update(one).update(tail).digest('base64')),
          );
        },
      };
    },
  };
}

/** What is signed behind the URL; undefined: the body is not the one whose hash the URL carries. */
function tailOf(url: string, body: Buffer, fieldsOf: SignedRequest['fieldsOf']): string | undefined {
  if (!url.includes(bodyHash)) return joined(fieldsOf(body));
  const told = Buffer.from(new URL(url).searchParams.get(bodyHash) ?? '');
  const hash = Buffer.from(createHash('sha256').update(body).digest('hex'));
  return told.length === hash.length && timingSafeEqual(told, hash) ? '' : undefined;
}

function joined(fields: FormFields): string {
  return [...fields.keys()]
    .sort()
    .flatMap((name) => [...new Set(fields.get(name))].sort().map((value) => name + value))
    .join('');
}

/** Twilio signs the URL with its port or without, as it was told or normalised: always as many. */
function writingsOf(url: string): string[] {
  const normal = new URL(url).toString();
  const both = (one: string) => [withoutPort(one), withPort(one)];
  return [...both(url), ...both(normal), ...both(normal).map(requoted)];
}

const beginning = /^(https?:\/\/(?:[^/?#@]*@)?(?:\[[^\]]*\]|[^/?#:]*))(:\d*)?/i;

function withoutPort(url: string): string {
  return url.replace(beginning, '$1');
}

function withPort(url: string): string {
  const usual = /^https:/i.test(url) ? ':443' : ':80';
  return url.replace(beginning, (_all, host: string, port?: string) => host + (port || usual));
}

/** The query as Node's older writer has it, which quotes more. */
function requoted(url: string): string {
  const at = url.indexOf('?');
  return at < 0 || at === url.length - 1 ? url : `${url.slice(0, at)}?${stringify(parse(url.slice(at + 1)))}`;
}
