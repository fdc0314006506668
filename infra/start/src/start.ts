import { engineNames } from './chosen.ts';
import { demoClinic } from './demo-clinic.ts';
import { type Demo, writeDemoFile } from './demo-file.ts';
import type { EngineAccess } from './engine-urls.ts';
import { demoTenantId } from './seed-clinic.ts';
import { type ServiceName, serviceNames } from './services.ts';
import {
  type Processes,
  type ProcessName,
  type StartProcessesOptions,
  startProcesses,
} from './start-processes.ts';

export interface StartOptions extends Omit<StartProcessesOptions, 'only'> {
  /** Which services are started; all unless told. */
  services?: readonly ServiceName[];
}

/** A running installation. */
export interface Switchboard {
  readonly dir: string;
  readonly demo: Demo;
  pid(name: ProcessName): number;
  /** Signals a process, SIGKILL unless told; the supervisor starts it again when it ends. */
  kill(name: ProcessName, signal?: NodeJS.Signals): Promise<void>;
  /** Stops a process and leaves it stopped. */
  hold(name: ProcessName): Promise<void>;
  /** Starts a process that was held. */
  release(name: ProcessName): Promise<void>;
  restart(name: ProcessName): Promise<void>;
  /** Waits until these services, or all, answer that they are ready. */
  ready(names?: readonly ServiceName[]): Promise<void>;
  /** Settles, with the reason, when a process crashed too often; `stop` is still to be called. */
  readonly gaveUp: Promise<Error>;
  /** Starts one more of a service, on a port of its own; it is not started again when it ends. */
  join: Processes['join'];
  /** Shows a process, which somebody else keeps, beside the others. */
  show: Processes['show'];
  /** Ends services, sinks last, then engines; data stays. */
  stop(): Promise<void>;
}

/**
 * Starts all engines and the services, and writes what a script needs into `demo.json`.
 *
 * @throws Error as `startProcesses` does, when one of them can't be started; then none stays.
 */
export async function startSwitchboard({
  services = serviceNames,
  ...options
}: StartOptions): Promise<Switchboard> {
  const processes = await startProcesses({ ...options, only: [...engineNames, ...services] });
  const { dir, supervisor, stop } = processes;
  try {
    const demo = demoOf(processes);
    await writeDemoFile(dir, demo);
    return {
      dir,
      demo,
      pid: (name) => supervisor.get(name).pid,
      kill: (name, signal = 'SIGKILL') => supervisor.kill(name, signal),
      hold: supervisor.hold,
      release: supervisor.release,
      async restart(name) {
        await supervisor.hold(name);
        await supervisor.release(name);
      },
      ready: processes.ready,
      gaveUp: supervisor.gaveUp,
      join: processes.join,
      show: processes.show,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function demoOf({ ports, secrets, engines }: Processes): Demo {
  const { kafka, schemaRegistry, postgres, clickhouse } = complete(engines);
  const ingest = `http://127.0.0.1:${ports.ingest}`;
  return {
    ingest,
    api: `http://127.0.0.1:${ports.api}`,
    kafka: kafka.KAFKA_BROKERS.join(','),
    schema_registry: schemaRegistry,
    postgres,
    clickhouse: { url: clickhouse.url, user: clickhouse.user, password: clickhouse.password },
    analyst: clickhouse.analyst,
    tenant: demoTenantId,
    login: { email: demoClinic.ownerEmail, password: secrets.loginPassword },
    api_key: secrets.apiKey,
    voice_agent_api_key: secrets.voiceAgentApiKey,
    webhook_secret: secrets.webhookSecret,
    pseudonym_key: secrets.pseudonymKey,
    twilio_auth_token: secrets.twilioAuthToken,
    twilio_public_url: ingest,
  };
}

function complete({ kafka, schemaRegistry, postgres, clickhouse }: Partial<EngineAccess>): EngineAccess {
  if (!kafka || !schemaRegistry || !postgres || !clickhouse) throw new Error('an engine has no URL');
  return { kafka, schemaRegistry, postgres, clickhouse };
}
