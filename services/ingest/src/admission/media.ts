import type { IncomingMessage } from 'node:http';
import { RequestProblem } from '@switchboard/platform/problem';

/**
 * The media type of a body in UTF-8, as it is: signatures are over the bytes sent, so no encoding is undone.
 *
 * @param accepted media types that are taken
 * @throws RequestProblem 415
 */
export function mediaOf<Type extends string>(request: IncomingMessage, accepted: readonly Type[]): Type {
  const encoding = request.headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
  if (encoding !== 'identity') {
    throw new RequestProblem(415, 'unsupported_encoding', 'Send the body without Content-Encoding.', {
      headers: { 'accept-encoding': 'identity' },
    });
  }
  const [type, ...parameters] = (request.headers['content-type'] ?? '').toLowerCase().split(';');
  const charset = parameters.map((one) => /^\s*charset\s*=\s*"?([^"\s]+)/.exec(one)?.[1]).find(Boolean);
  const media = accepted.find((one) => one === type?.trim());
  if (media && (charset === undefined || /^utf-?8$/.test(charset))) return media;
  const names = accepted.join(' or ');
  throw new RequestProblem(415, 'unsupported_media_type', `Send ${names} in UTF-8.`, {
    headers: { 'accept-post': accepted.join(', ') },
  });
}
