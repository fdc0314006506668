import { readFileSync } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { type Certificates, makeCertificates } from '@switchboard/testkit/certificates';
import {
  dripping,
  endless,
  type FileServer,
  sentTo,
  startFileServer,
} from '@switchboard/testkit/file-server';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { allowHosts } from './allowed-hosts.ts';
import { type FetchOptions, type FetchRequest, fetchFile } from './fetch-file.ts';

/** Where the file servers of these tests stand; to the fetch it is of the public internet, and nothing else here is. */
const outside = '127.0.0.1';
const names: Record<string, string[]> = {
  'cdn.example.com': [outside],
  'api.example.com': [outside],
  'inside.example.com': ['10.0.0.5'],
  'metadata.example.com': ['169.254.169.254'],
  'mixed.example.com': ['10.0.0.5', outside],
  'loop.example.com': ['127.0.0.2', '::1'],
};

let server: FileServer;
beforeEach(async () => {
  server = await startFileServer({ address: outside });
});
afterEach(() => server.close());

const at = (host: string, path = '/file') => `http://${host}:${server.port}${path}`;

async function fetchIt(
  url: string,
  request: Partial<FetchRequest> = {},
  options: Partial<FetchOptions> = {},
) {
  const body = await fetchFile(
    {
      url,
      isAllowedHost: allowHosts(['*.example.com', outside, '127.0.0.2', '169.254.169.254', '[::1]', '::1']),
      maxBytes: 1_000_000,
      signal: AbortSignal.timeout(10_000),
      ...request,
    },
    {
      resolve: async (host) => names[host] ?? [],
      allowHttp: true,
      isAllowedAddress: (address) => address === outside,
      ...options,
    },
  );
  return buffer(body);
}
const fault = (code: string) => expect.objectContaining({ code });

describe('a fetch', () => {
  it('gets what is there', async () => {
    const bytes = Buffer.alloc(300_000, 'x');
    server.serve('/file', bytes);
    expect((await fetchIt(at('cdn.example.com'))).equals(bytes)).toBe(true);
    expect(server.asked).toEqual([
      { path: '/file', host: `cdn.example.com:${server.port}`, authorization: undefined },
    ]);
  });

  it('follows where it is sent, with credentials for the first host alone', async () => {
    server.serve('/file', Buffer.from('sound'));
    server.serve('/api', sentTo(at('cdn.example.com'), 307));
    const authorize = (url: URL) => (url.hostname === 'api.example.com' ? 'Basic c2VjcmV0' : undefined);
    expect((await fetchIt(at('api.example.com', '/api'), { authorize })).toString()).toBe('sound');
    expect(server.asked.map(({ host, authorization }) => [host.split(':')[0], authorization])).toEqual([
      ['api.example.com', 'Basic c2VjcmV0'],
      ['cdn.example.com', undefined],
    ]);
  });

  it.each([
    ['http://127.0.0.2/x', 'address_refused'],
    ['http://[::1]/x', 'address_refused'],
    ['http://169.254.169.254/latest/meta-data/', 'address_refused'],
    ['http://2130706434/', 'address_refused'],
    ['http://0x7f.2/', 'address_refused'],
    ['http://inside.example.com/x', 'address_refused'],
    ['http://metadata.example.com/x', 'address_refused'],
    ['http://loop.example.com/x', 'address_refused'],
    ['http://nowhere.example.com/x', 'address_refused'],
    ['http://elsewhere.org/x', 'host_not_allowed'],
    ['http://user:secret@cdn.example.com/x', 'address_refused'],
    ['file:///etc/passwd', 'address_refused'],
    ['ftp://cdn.example.com/x', 'address_refused'],
    ['data:audio/mpeg;base64,AAAA', 'address_refused'],
    ['//', 'address_refused'],
  ])('opens no door to %s, neither asked for nor sent to', async (url, code) => {
    await expect(fetchIt(url)).rejects.toEqual(fault(code));
    server.serve('/door', sentTo(url));
    // What is no address by itself is one beside another.
    if (url !== '//') await expect(fetchIt(at('cdn.example.com', '/door'))).rejects.toEqual(fault(code));
  });

  it('of several addresses of a name connects to allowed ones alone', async () => {
    server.serve('/file', Buffer.from('sound'));
    expect((await fetchIt(at('mixed.example.com'))).toString()).toBe('sound');
  });

  it('connects to the address that it looked at, though the name leads elsewhere a moment later', async () => {
    server.serve('/file', Buffer.from('sound'));
    let asked = 0;
    const resolve = async () => {
      asked += 1;
      return asked === 1 ? [outside] : ['10.0.0.5'];
    };
    expect((await fetchIt(at('cdn.example.com'), {}, { resolve })).toString()).toBe('sound');
    expect(asked).toBe(1);
  });

  it('takes plain http only where it is told so', async () => {
    server.serve('/file', Buffer.from('sound'));
    await expect(fetchIt(at('cdn.example.com'), {}, { allowHttp: false })).rejects.toEqual(
      fault('address_refused'),
    );
    expect(server.asked).toEqual([]);
  });

  it('goes in no circle', async () => {
    server.serve('/file', sentTo(at('cdn.example.com')));
    await expect(fetchIt(at('cdn.example.com'))).rejects.toEqual(fault('too_many_redirects'));
    expect(server.asked).toHaveLength(6);
  });

  it.each([
    [401, 'refused', true],
    [404, 'refused', true],
    [410, 'gone', false],
    [429, 'server_failed', true],
    [503, 'server_failed', true],
    [206, 'refused', true],
    [304, 'refused', true],
  ])('takes a %i for %s', async (status, code, retryable) => {
    server.serve('/file', (response) => response.writeHead(status).end());
    await expect(fetchIt(at('cdn.example.com'))).rejects.toMatchObject({ code, retryable });
  });
});

describe('what a host may not do', () => {
  it('send without an end', async () => {
    server.serve('/file', endless);
    await expect(fetchIt(at('cdn.example.com'))).rejects.toMatchObject({
      code: 'too_large',
      retryable: false,
    });
    await expect.poll(() => server.open()).toBe(0);
  });

  it('announce more than is allowed', async () => {
    server.serve('/file', (response) => response.writeHead(200, { 'content-length': 1_000_001 }).write('x'));
    await expect(fetchIt(at('cdn.example.com'))).rejects.toEqual(fault('too_large'));
    await expect.poll(() => server.open()).toBe(0);
  });

  it.each([
    ['drip', dripping],
    ['say nothing', () => undefined],
    ['begin and stand still', (response: { write(text: string): unknown }) => response.write('x')],
  ])('%s for longer than the fetch may take', async (_, answer) => {
    server.serve('/file', answer);
    const signal = AbortSignal.timeout(300);
    await expect(fetchIt(at('cdn.example.com'), { signal })).rejects.toEqual(fault('timeout'));
    await expect.poll(() => server.open()).toBe(0);
  });

  it('pack a thousand times as much', async () => {
    server.serve('/file', (response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(5_000_000))),
    );
    await expect(fetchIt(at('cdn.example.com'))).rejects.toEqual(fault('encoded'));
  });

  it('hang up before the end, or at once', async () => {
    server.serve('/file', (response) => {
      response.writeHead(200, { 'content-length': 1_000 });
      response.write('some', () => response.destroy());
    });
    await expect(fetchIt(at('cdn.example.com'))).rejects.toMatchObject({
      code: 'interrupted',
      retryable: true,
    });
    server.serve('/file', (response) => response.destroy());
    await expect(fetchIt(at('cdn.example.com'))).rejects.toEqual(fault('not_connected'));
  });
});

describe('over TLS', () => {
  let certificates: Certificates;
  let secure: FileServer;
  beforeEach(async () => {
    certificates = await makeCertificates();
    const { key, certificate } = certificates.elsewhere;
    secure = await startFileServer({
      tls: { key: readFileSync(key, 'utf8'), cert: readFileSync(certificate, 'utf8') },
    });
    secure.serve('/file', Buffer.from('sound'));
  });
  afterEach(async () => {
    await secure.close();
    await certificates.remove();
  });
  const secured = (host: string, authority: string) =>
    fetchIt(
      `https://${host}:${secure.port}/file`,
      { isAllowedHost: () => true },
      { ca: readFileSync(authority, 'utf8'), allowHttp: false, resolve: async () => [outside] },
    );

  it('checks who answers, by name and by authority', async () => {
    expect((await secured('elsewhere.example', certificates.authority)).toString()).toBe('sound');
    await expect(secured('elsewhere.example', certificates.stranger)).rejects.toEqual(fault('tls_failed'));
    await expect(secured('cdn.example.com', certificates.authority)).rejects.toEqual(fault('tls_failed'));
  });

  it('is sent back to plain http by nobody', async () => {
    secure.serve('/file', sentTo(at('cdn.example.com')));
    await expect(secured('elsewhere.example', certificates.authority)).rejects.toEqual(
      fault('address_refused'),
    );
  });
});
