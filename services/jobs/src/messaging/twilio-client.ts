import { SwitchboardError } from '@switchboard/platform';
import twilio from 'twilio';
import type RequestClient from 'twilio/lib/base/RequestClient.js';

export interface TwilioClientOptions {
  /** Where its API is, without a path. */
  apiUrl: string;
  /** How long an answer is awaited, ms. */
  timeoutMs: number;
}

/** An answer of Twilio's that is no success. Its text stays out: it holds numbers of patients. */
export class TwilioRefusal extends SwitchboardError {
  readonly status: number;
  /** Twilio's code, e.g. 63016; undefined: it gave none. */
  readonly twilioCode: number | undefined;
  readonly retryAfter: string | undefined;

  constructor(status: number, twilioCode: number | undefined, retryAfter: string | undefined) {
    super(
      'twilio_refused',
      `Twilio answered ${status}${twilioCode === undefined ? '' : `, code ${twilioCode}`}`,
    );
    this.status = status;
    this.twilioCode = twilioCode;
    this.retryAfter = retryAfter;
  }
}

export type TwilioMessages = ReturnType<typeof openTwilio>;

/**
 * Twilio's messages of one account. Each request has a connection of its own: one that was kept may end just when it is
 * used again, and nobody would know whether a message was taken.
 */
export function openTwilio(
  { apiUrl, timeoutMs }: TwilioClientOptions,
  accountSid: string,
  authToken: string,
) {
  const httpClient = new OwnRequestClient(apiUrl, timeoutMs);
  return twilio(accountSid, authToken, { httpClient, accountSid }).messages;
}

/** Leads elsewhere than the library knows, and tells answers that are no success with all that is needed of them. */
class OwnRequestClient extends twilio.RequestClient {
  readonly #apiUrl: URL;

  constructor(apiUrl: string, timeoutMs: number) {
    super({ timeout: timeoutMs, keepAlive: false });
    this.#apiUrl = new URL(apiUrl);
  }

  override async request<T>(options: RequestClient.RequestOptions<T>) {
    const uri = new URL(options.uri);
    uri.protocol = this.#apiUrl.protocol;
    uri.host = this.#apiUrl.host;
    const answer = await super.request<T>({ ...options, uri: uri.href });
    if (answer.statusCode >= 200 && answer.statusCode < 300) return answer;
    throw new TwilioRefusal(answer.statusCode, codeOf(answer.body), headerOf(answer, 'retry-after'));
  }
}

function codeOf(body: unknown): number | undefined {
  const code: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, 'code') : undefined;
  return typeof code === 'number' ? code : undefined;
}

function headerOf(answer: object, name: string): string | undefined {
  const headers: unknown = Reflect.get(answer, 'headers');
  const value: unknown =
    typeof headers === 'object' && headers !== null ? Reflect.get(headers, name) : undefined;
  return typeof value === 'string' ? value : undefined;
}
