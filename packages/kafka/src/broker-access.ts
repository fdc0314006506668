import { readFileSync } from 'node:fs';
import type { brokerShape, Config } from '@switchboard/platform';
import { SwitchboardError } from '@switchboard/platform/errors';

/** How a cluster is reached and who logs in there. */
export interface BrokerAccess {
  /** `host:port` of some of its brokers. */
  brokers: readonly string[];
  /** Speak TLS, trusting the authorities of `ca` (PEM), or the well-known ones. */
  tls?: { ca?: string };
  sasl?: SaslLogin;
}

type SaslMechanism = 'plain' | 'scram-sha-256' | 'scram-sha-512';

type SaslLogin = {
  [Mechanism in SaslMechanism]: { mechanism: Mechanism; username: string; password: string };
}[SaslMechanism];

type AccessSettings = Pick<
  Config<typeof brokerShape>,
  | 'KAFKA_BROKERS'
  | 'KAFKA_SSL'
  | 'KAFKA_SSL_CA'
  | 'KAFKA_SASL_MECHANISM'
  | 'KAFKA_SASL_USERNAME'
  | 'KAFKA_SASL_PASSWORD'
>;

/**
 * The cluster that the settings name.
 * @throws SwitchboardError `config_invalid` when they want a login without a name or password
 */
export function brokerAccess(settings: AccessSettings): BrokerAccess {
  return {
    brokers: settings.KAFKA_BROKERS,
    ...(settings.KAFKA_SSL && { tls: readAuthorities(settings.KAFKA_SSL_CA) }),
    ...(settings.KAFKA_SASL_MECHANISM && { sasl: loginOf(settings.KAFKA_SASL_MECHANISM, settings) }),
  };
}

function readAuthorities(file: string | undefined): { ca?: string } {
  return file === undefined ? {} : { ca: readFileSync(file, 'utf8') };
}

function loginOf(mechanism: SaslMechanism, settings: AccessSettings): SaslLogin {
  const { KAFKA_SASL_USERNAME: username, KAFKA_SASL_PASSWORD: password } = settings;
  if (username === undefined || password === undefined) {
    const missing = username === undefined ? 'KAFKA_SASL_USERNAME' : 'KAFKA_SASL_PASSWORD';
    throw new SwitchboardError('config_invalid', `${missing}: must be set with KAFKA_SASL_MECHANISM`);
  }
  return { mechanism, username, password };
}

/** A login as @platformatic/kafka wants it. */
export function clientSasl(sasl: SaslLogin | undefined) {
  const names = {
    plain: 'PLAIN',
    'scram-sha-256': 'SCRAM-SHA-256',
    'scram-sha-512': 'SCRAM-SHA-512',
  } as const;
  return sasl && { mechanism: names[sasl.mechanism], username: sasl.username, password: sasl.password };
}
