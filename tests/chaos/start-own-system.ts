import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Switchboard, serviceNames, startSwitchboard } from '@switchboard/start';
import { createLedger, type Ledger } from '@switchboard/testkit/ledger';
import { openStores, type Stores } from '@switchboard/testkit/open-stores';
import { startTwilio } from '@switchboard/testkit/twilio/twilio-server';
import type { TwilioServer } from '@switchboard/testkit/twilio/twilio-server-types';
import type { Killed } from './fault-points.ts';
import { differingClocks } from './harm/clocks.ts';
import { type Network, startNetwork } from './harm/network.ts';
import type { OutsideServer } from './harm/slow-outside.ts';
import { mountSmallDisk, type SmallDisk } from './harm/small-disk.ts';
import { twilioAccount } from './traffic/world.ts';

/** On a machine that is busy with other tests. */
const START_MS = 300_000;

/** A whole system of its own, all its engines behind a network that can break, and what stands for the world outside. */
export interface OwnSystem {
  dir: string;
  running: Switchboard;
  stores: Stores;
  /** Of all calls that it was ever sent. */
  ledger: Ledger;
  twilio: TwilioServer;
  /** All servers of others; who starts another one adds it. */
  outside: Set<OutsideServer>;
  /** Undefined unless it was asked for. */
  network: Network | undefined;
  /** Undefined where no file system can be mounted: only root can. */
  disk: SmallDisk | undefined;
  /** Whose text is the name of a step: there a faulty service ends itself, once. */
  faultFile(killed: Killed): string;
  stop(options?: { keep?: boolean }): Promise<void>;
}

const faultyMains = Object.fromEntries(
  serviceNames.map((name) => {
    const at = name.startsWith('sink-') ? name.replace('-', '/src/') : `${name}/src`;
    return [name, fileURLToPath(new URL(`../../services/${at}/testing/faulty-main.ts`, import.meta.url))];
  }),
);
const faultFileOf = (dir: string, killed: string) => join(dir, `fault-${killed}`);
const faultFiles = (dir: string) =>
  Object.fromEntries(serviceNames.map((name) => [name, { SWITCHBOARD_FAULT_FILE: faultFileOf(dir, name) }]));

export interface OwnSystemOptions {
  /** The services' clocks differ. */
  clocks?: boolean;
  /** Services reach engines through something that can break. */
  network?: boolean;
  /** Postgres has a disk of its own that can get full. */
  smallDisk?: boolean;
  /** Services end themselves at a step where a file says so: {@link OwnSystem.faultFile}. */
  faulty?: boolean;
  env?: Record<string, string>;
  say?: (line: string) => void;
  signal?: AbortSignal;
}

export async function startOwnSystem(options: OwnSystemOptions = {}): Promise<OwnSystem> {
  const { say = () => undefined } = options;
  const dir = await mkdtemp(join(tmpdir(), 'switchboard-chaos-'));
  const authToken = randomBytes(16).toString('hex');
  const twilio = await startTwilio({ accounts: [{ ...twilioAccount, authToken }] });
  const network = options.network ? await startNetwork() : undefined;
  const disk = options.smallDisk ? await mountSmallDisk(dir) : undefined;
  const stopOutside = async (keep = false) => {
    await network?.stop();
    await twilio.close();
    await disk?.unmount();
    if (!keep) await rm(dir, { recursive: true, force: true });
  };
  try {
    const running = await startSwitchboard({
      dir,
      say,
      signal: options.signal,
      ports: network?.ports,
      insistOnPorts: true,
      patienceMs: START_MS,
      reachedAt: network?.reachedAt,
      givenSecrets: { twilioAuthToken: authToken },
      env: {
        TWILIO_ACCOUNT_SID: twilioAccount.accountSid,
        TWILIO_WHATSAPP_FROM: twilioAccount.number,
        TWILIO_API_URL: twilio.url,
        // Where Twilio would fetch what goes out with an answer.
        API_PUBLIC_URL: 'https://api.clinic.example',
        JOBS_MESSAGES_PER_SECOND: '100',
        MEDIA_ALLOW_HTTP: 'true',
        MEDIA_ALLOW_PRIVATE: 'true',
        JOBS_MEDIA_TIMEOUT_MS: '5000',
        WEBHOOKS_ALLOW_HTTP: 'true',
        WEBHOOKS_ALLOW_PRIVATE: 'true',
        ...options.env,
      },
      serviceEnv: options.faulty ? faultFiles(dir) : options.clocks ? differingClocks() : {},
      mains: options.faulty ? faultyMains : {},
    });
    const stores = openStores(running.demo, { applicationName: 'chaos', onError: () => undefined });
    return {
      dir,
      running,
      stores,
      ledger: createLedger(),
      twilio,
      outside: new Set([twilio]),
      network,
      disk,
      faultFile: (killed) => faultFileOf(dir, killed),
      async stop({ keep = false } = {}) {
        await stores.close();
        await running.stop();
        await stopOutside(keep);
      },
    };
  } catch (error) {
    await stopOutside();
    throw error;
  }
}
