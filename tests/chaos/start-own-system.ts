import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ServiceName, type Switchboard, startSwitchboard } from '@switchboard/start';
import { createLedger, type Ledger } from '@switchboard/testkit/ledger';
import { openStores, type Stores } from '@switchboard/testkit/open-stores';
import { startTwilio } from '@switchboard/testkit/twilio/twilio-server';
import type { TwilioServer } from '@switchboard/testkit/twilio/twilio-server-types';
import { differingClocks } from './harm/clocks.ts';
import { type Network, startNetwork } from './harm/network.ts';
import { mountSmallDisk, type SmallDisk } from './harm/small-disk.ts';
import { twilioAccount } from './traffic/world.ts';

/** A whole system of its own, all its engines behind a network that can break, and what stands for the world outside. */
export interface OwnSystem {
  dir: string;
  running: Switchboard;
  stores: Stores;
  /** Of all calls that it was ever sent. */
  ledger: Ledger;
  twilio: TwilioServer;
  network: Network;
  /** Undefined where no file system can be mounted: only root can. */
  disk: SmallDisk | undefined;
  stop(options?: { keep?: boolean }): Promise<void>;
}

export interface OwnSystemOptions {
  /** The services' clocks differ. */
  clocks?: boolean;
  /** Postgres has a disk of its own that can get full. */
  smallDisk?: boolean;
  /** Programs in the place of services' own. */
  mains?: Partial<Record<ServiceName, string>>;
  env?: Record<string, string>;
  say?: (line: string) => void;
  signal?: AbortSignal;
}

export async function startOwnSystem(options: OwnSystemOptions = {}): Promise<OwnSystem> {
  const { say = () => undefined } = options;
  const dir = await mkdtemp(join(tmpdir(), 'switchboard-chaos-'));
  const authToken = randomBytes(16).toString('hex');
  const twilio = await startTwilio({ accounts: [{ ...twilioAccount, authToken }] });
  const network = await startNetwork();
  const disk = options.smallDisk ? await mountSmallDisk(dir) : undefined;
  const stopOutside = async (keep = false) => {
    await network.stop();
    await twilio.close();
    await disk?.unmount();
    if (!keep) await rm(dir, { recursive: true, force: true });
  };
  try {
    const running = await startSwitchboard({
      dir,
      say,
      signal: options.signal,
      ports: network.ports,
      insistOnPorts: true,
      reachedAt: network.reachedAt,
      givenSecrets: { twilioAuthToken: authToken },
      env: {
        TWILIO_ACCOUNT_SID: twilioAccount.accountSid,
        TWILIO_WHATSAPP_FROM: twilioAccount.number,
        TWILIO_API_URL: twilio.url,
        JOBS_MESSAGES_PER_SECOND: '100',
        MEDIA_ALLOW_HTTP: 'true',
        MEDIA_ALLOW_PRIVATE: 'true',
        ...options.env,
      },
      serviceEnv: options.clocks ? differingClocks() : {},
      mains: options.mains,
    });
    const stores = openStores(running.demo, { applicationName: 'chaos', onError: () => undefined });
    return {
      dir,
      running,
      stores,
      ledger: createLedger(),
      twilio,
      network,
      disk,
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
