import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generate } from 'selfsigned';

/** An authority of a test's own, what it signed, and another that signed nothing. Paths of PEM files. */
export interface Certificates {
  /** Authority that signed the server's certificate. */
  authority: string;
  /** Another authority: whoever trusts it alone trusts no server here. */
  stranger: string;
  /** Of `localhost` and 127.0.0.1. */
  certificate: string;
  key: string;
  /** Key and certificate in one file, as Kafka reads them. */
  keyAndCertificate: string;
  /** Signed by the same authority for `elsewhere.example`. */
  elsewhere: { certificate: string; key: string };
  remove(): Promise<void>;
}

/** Makes certificates that are good for a day. */
export async function makeCertificates(): Promise<Certificates> {
  const dir = await mkdtemp(join(tmpdir(), 'switchboard-certificates-'));
  const write = async (name: string, text: string) => {
    const file = join(dir, name);
    await writeFile(file, text, { mode: 0o600 });
    return file;
  };
  const [authority, stranger] = await Promise.all([makeAuthority('ours'), makeAuthority('stranger')]);
  const [server, elsewhere] = await Promise.all([
    sign(authority, 'localhost', [
      { type: 2, value: 'localhost' },
      { type: 7, ip: '127.0.0.1' },
    ]),
    sign(authority, 'elsewhere.example', [{ type: 2, value: 'elsewhere.example' }]),
  ]);
  return {
    authority: await write('authority.pem', authority.cert),
    stranger: await write('stranger.pem', stranger.cert),
    certificate: await write('server.pem', server.cert),
    key: await write('server.key', server.private),
    keyAndCertificate: await write('server.both.pem', `${server.private}\n${server.cert}\n`),
    elsewhere: {
      certificate: await write('elsewhere.pem', elsewhere.cert),
      key: await write('elsewhere.key', elsewhere.private),
    },
    remove: () => rm(dir, { recursive: true, force: true }),
  };
}

type Pair = Awaited<ReturnType<typeof generate>>;
type Names = { type: 2 | 7; value?: string; ip?: string }[];

const DAY_MS = 86_400_000;

function validity() {
  const now = Date.now();
  return { notBeforeDate: new Date(now - DAY_MS), notAfterDate: new Date(now + DAY_MS) };
}

function makeAuthority(name: string): Promise<Pair> {
  return generate([{ name: 'commonName', value: `Switchboard test authority ${name}` }], {
    ...validity(),
    keySize: 2048,
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
}

function sign(authority: Pair, commonName: string, altNames: Names): Promise<Pair> {
  return generate([{ name: 'commonName', value: commonName }], {
    ...validity(),
    keySize: 2048,
    algorithm: 'sha256',
    ca: { key: authority.private, cert: authority.cert },
    extensions: [
      { name: 'basicConstraints', cA: false },
      { name: 'keyUsage', digitalSignature: true, keyEncipherment: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      { name: 'subjectAltName', altNames },
    ],
  });
}
