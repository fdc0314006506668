import {
  isListed,
  mediaResource,
  messageResource,
  readFilter,
  type TwilioMessage,
} from './twilio-messages.ts';

/** JSON, or the id of a medium whose bytes are elsewhere. */
export type TwilioAnswer = { json: Record<string, unknown> } | { media: string };

/** What a GET below an account is answered with; undefined: there is no such thing. */
export function answerGet(
  messages: readonly TwilioMessage[],
  accountSid: string,
  path: string,
  query: URLSearchParams,
): TwilioAnswer | undefined {
  if (path === '/Messages.json') return { json: messagePage(messages, accountSid, query) };
  const [, sid, rest] = /^\/Messages\/([SM]M[0-9a-f]{32})(.*)$/.exec(path) ?? [];
  const message = messages.find((one) => one.sid === sid);
  if (!message || rest === undefined) return undefined;
  if (rest === '.json') return { json: messageResource(message) };
  if (rest === '/Media.json') {
    const list = message.media.map((media) => mediaResource(message, media));
    return {
      json: { media_list: list, next_page_uri: null, page: 0, page_size: 50, start: 0, end: list.length },
    };
  }
  const [, mediaSid, json] = /^\/Media\/(ME[0-9a-f]{32})(\.json)?$/.exec(rest) ?? [];
  const media = message.media.find((one) => one.sid === mediaSid);
  if (!media) return undefined;
  return json ? { json: mediaResource(message, media) } : { media: media.sid };
}

/** One page of a listing, newest first. Pages go on after the message that the token names, whatever comes meanwhile. */
function messagePage(
  messages: readonly TwilioMessage[],
  accountSid: string,
  query: URLSearchParams,
): Record<string, unknown> {
  const size = Math.min(Number(query.get('PageSize') ?? 50), 1_000);
  const page = Number(query.get('Page') ?? 0);
  const filter = readFilter(query);
  const found = messages
    .map((message, index) => ({ message, index }))
    .filter(({ message }) => isListed(message, filter))
    .toSorted((a, b) => b.message.createdAt.getTime() - a.message.createdAt.getTime() || b.index - a.index)
    .map(({ message }) => message);
  const token = query.get('PageToken')?.slice('PA'.length);
  const start = token === undefined ? page * size : 1 + found.findIndex(({ sid }) => sid === token);
  const shown = found.slice(start, start + size);
  const last = shown.at(-1);
  const uri = (changes: Record<string, string>) => {
    const next = new URLSearchParams(query);
    for (const [name, value] of Object.entries(changes)) next.set(name, value);
    return `/2010-04-01/Accounts/${accountSid}/Messages.json?${next}`;
  };
  const hasMore = last !== undefined && start + size < found.length;
  return {
    end: start + shown.length - 1,
    first_page_uri: uri({ Page: '0', PageSize: String(size) }),
    messages: shown.map(messageResource),
    next_page_uri: hasMore
      ? uri({ Page: String(page + 1), PageSize: String(size), PageToken: `PA${last.sid}` })
      : null,
    page,
    page_size: size,
    previous_page_uri: null,
    start,
    uri: uri({}),
  };
}
