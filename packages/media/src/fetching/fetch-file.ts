import http from 'node:http';
import https from 'node:https';
import { isIP } from 'node:net';
import { createCheckedLookup } from '@switchboard/platform/checked-lookup';
import { isPublicAddress } from '@switchboard/platform/public-address';
import type { ResolveHost } from '@switchboard/platform/resolve-host';
import type { HostRule } from './allowed-hosts.ts';
import { connectionError, fetchError } from './fetch-error.ts';

export interface FetchOptions {
  resolve: ResolveHost;
  /** Plain HTTP too. */
  allowHttp: boolean;
  /** Which addresses may be connected to; those of the public internet unless told. */
  isAllowedAddress?: (address: string) => boolean;
  /** Certificates of authorities, PEM; the well-known ones unless told. */
  ca?: string;
}

export interface FetchRequest {
  url: string;
  /** Asked for the address and for each that it leads to. */
  isAllowedHost: HostRule;
  /** `Authorization` for one address; asked anew for each that the first leads to. */
  authorize?: (url: URL) => string | undefined;
  maxBytes: number;
  /** Ends the fetch, wherever it stands: from the look-up of the name to the last byte. */
  signal: AbortSignal;
}

const mostRedirects = 5;
const redirects = [301, 302, 303, 307, 308];

/**
 * Fetches a file. Each address on its way is https, of an allowed host, and of an IP address that is looked at in the
 * look-up that is connected to; nothing of one hop (credentials, cookies) goes to the next.
 * @returns its bytes as they come; reading them throws as this does
 * @throws SwitchboardError with a `FetchFault` as its code
 */
export async function fetchFile(
  request: FetchRequest,
  options: FetchOptions,
): Promise<AsyncIterable<Buffer>> {
  const { signal, maxBytes } = request;
  let url = readAddress(request.url, request, options);
  for (let hops = 0; hops <= mostRedirects; hops += 1) {
    const response = await get(url, request, options);
    const { statusCode = 0, headers } = response;
    if (statusCode === 200) {
      if (!['identity', undefined].includes(headers['content-encoding'])) throw drop(response, 'encoded');
      if (Number(headers['content-length'] ?? 0) > maxBytes) throw drop(response, 'too_large');
      return readBody(response, maxBytes, signal);
    }
    response.destroy();
    if (!redirects.includes(statusCode)) throw fetchError(faultOfStatus(statusCode));
    const next = URL.parse(headers.location ?? '', url.href);
    if (!next) throw fetchError('refused');
    url = readAddress(next.href, request, options);
  }
  throw fetchError('too_many_redirects');
}

function readAddress(text: string, { isAllowedHost }: FetchRequest, options: FetchOptions): URL {
  const { allowHttp, isAllowedAddress = isPublicAddress } = options;
  const url = URL.parse(text);
  if (!url || (url.protocol !== 'https:' && !(allowHttp && url.protocol === 'http:')))
    throw fetchError('address_refused');
  if (url.username !== '' || url.password !== '') throw fetchError('address_refused');
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  if (isIP(host) !== 0 && !isAllowedAddress(host)) throw fetchError('address_refused');
  if (!isAllowedHost(host)) throw fetchError('host_not_allowed');
  return url;
}

function get(
  url: URL,
  { authorize, signal }: FetchRequest,
  options: FetchOptions,
): Promise<http.IncomingMessage> {
  const { resolve, isAllowedAddress = isPublicAddress, ca } = options;
  const authorization = authorize?.(url);
  return new Promise((done, fail) => {
    const request = (url.protocol === 'https:' ? https : http).get(url, {
      // Nothing of one fetch is left for the next, neither a connection nor where it led.
      agent: false,
      signal,
      ca,
      lookup: createCheckedLookup({ resolve, isAllowed: isAllowedAddress }),
      headers: {
        accept: '*/*',
        // What is packed could be a thousand times as large.
        'accept-encoding': 'identity',
        'user-agent': 'Switchboard-Media/1',
        ...(authorization !== undefined && { authorization }),
      },
    });
    request.on('error', (error) => fail(connectionError(error, signal)));
    request.on('response', (response) => {
      // One that nobody reads any more may still break.
      response.on('error', () => undefined);
      done(response);
    });
  });
}

async function* readBody(
  response: http.IncomingMessage,
  maxBytes: number,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  let read = 0;
  try {
    for await (const chunk of response) {
      if (!Buffer.isBuffer(chunk)) continue;
      read += chunk.length;
      if (read > maxBytes) throw fetchError('too_large');
      yield chunk;
    }
  } catch (error) {
    if (signal.aborted) throw fetchError('timeout', error);
    throw read > maxBytes ? error : fetchError('interrupted', error);
  } finally {
    response.destroy();
  }
}

function drop(response: http.IncomingMessage, fault: 'encoded' | 'too_large') {
  response.destroy();
  return fetchError(fault);
}

function faultOfStatus(status: number) {
  if (status === 410) return 'gone';
  return status >= 500 || status === 429 ? 'server_failed' : 'refused';
}
