import { freePort } from '@switchboard/embedded';
import {
  GenericContainer,
  Network,
  type StartedNetwork,
  type StartedTestContainer,
  Wait,
} from 'testcontainers';
import { type ContainerSpec, containerSpecs, testPassword } from './container-specs.ts';
import type { Engines } from './engines.ts';

/** Engines in containers of their own, for tests. */
export interface ContainerStack {
  urls: Engines;
  /** Ends all of them; their data goes with them. */
  stop(): Promise<void>;
}

const startupMs = 180_000;

/** Starts all engines beside each other; when one can't be started, none stays. Images are fetched when missing. */
export async function startContainerStack(progress?: (line: string) => void): Promise<ContainerStack> {
  const specs = containerSpecs(await freePort());
  const network = await new Network().start();
  const started: StartedTestContainer[] = [];
  const start = async (spec: ContainerSpec): Promise<string> => {
    const container = await startContainer(spec, network);
    started.push(container);
    const address = `${container.getHost()}:${container.getMappedPort(spec.port.container)}`;
    progress?.(`${spec.alias} is ready (${address})`);
    return address;
  };
  const stop = async () => {
    await Promise.all(started.map((container) => container.stop()));
    await network.stop();
  };
  const postgresThenRegistry = async () => {
    const postgres = await start(specs.postgres);
    return { postgres, schemaRegistry: await start(specs.schemaRegistry) };
  };
  const starting = [start(specs.kafka), postgresThenRegistry(), start(specs.clickhouse)] as const;
  try {
    const [kafka, { postgres, schemaRegistry }, clickhouse] = await Promise.all(starting);
    return {
      urls: {
        kafka,
        schemaRegistry: `http://${schemaRegistry}/apis/ccompat/v7`,
        postgresAdmin: `postgres://postgres:${testPassword}@${postgres}/postgres`,
        clickhouse: {
          url: `http://${clickhouse}`,
          user: 'switchboard',
          password: testPassword,
          analyst: { user: 'analyst', password: testPassword },
        },
      },
      stop,
    };
  } catch (error) {
    await Promise.allSettled(starting);
    await stop();
    throw error;
  }
}

function startContainer(spec: ContainerSpec, network: StartedNetwork): Promise<StartedTestContainer> {
  const { container, host } = spec.port;
  return new GenericContainer(spec.image)
    .withNetwork(network)
    .withNetworkAliases(spec.alias)
    .withEnvironment(spec.environment)
    .withExposedPorts(host === undefined ? container : { container, host })
    .withCopyContentToContainer(spec.files ?? [])
    .withWaitStrategy(
      'path' in spec.ready
        ? Wait.forHttp(spec.ready.path, container)
        : Wait.forLogMessage(spec.ready.log, spec.ready.times),
    )
    .withStartupTimeout(startupMs)
    .start();
}
