/** A client listener of a broker that speaks TLS and asks for a login; see https://kafka.apache.org/documentation/#security */
export interface SecureListener {
  /** Path of a PEM file: private key (PKCS#8), then the certificate of 127.0.0.1. */
  keyAndCertificate: string;
  /** Who may log in, by PLAIN and by SCRAM-SHA-512; nobody needs to when there are none. */
  logins?: readonly { name: string; password: string }[];
}

export interface BrokerPorts {
  client: number;
  /** Where clients are told to come; the client's own port unless something stands between. */
  advertised?: number;
  /** Of the broker's own listener, when clients must speak TLS. */
  internal: number;
  controller: number;
}

/** The properties that tell the broker where it listens, and how it is spoken to there. */
export function listenerProperties(
  ports: BrokerPorts,
  secure: SecureListener | undefined,
): Record<string, string> {
  const at = (name: string, port: number) => `${name}://127.0.0.1:${port}`;
  const own = (client: number) =>
    secure ? [at('CLIENT', client), at('PLAINTEXT', ports.internal)] : [at('PLAINTEXT', client)];
  const protocol = secure?.logins ? 'SASL_SSL' : 'SSL';
  return {
    listeners: [...own(ports.client), at('CONTROLLER', ports.controller)].join(','),
    'advertised.listeners': own(ports.advertised ?? ports.client).join(','),
    'listener.security.protocol.map': `CLIENT:${protocol},PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT`,
    'inter.broker.listener.name': 'PLAINTEXT',
    ...(secure && { 'ssl.keystore.type': 'PEM', 'ssl.keystore.location': secure.keyAndCertificate }),
    ...(secure?.logins && loginProperties(secure.logins)),
  };
}

/** Arguments of the storage tool, which alone can make a user that logs in by SCRAM before the broker runs. */
export function scramArguments(secure: SecureListener | undefined): string[] {
  return (secure?.logins ?? []).flatMap(({ name, password }) => [
    '--add-scram',
    `SCRAM-SHA-512=[name=${name},password=${password}]`,
  ]);
}

function loginProperties(logins: NonNullable<SecureListener['logins']>): Record<string, string> {
  const plain = logins.map(({ name, password }) => `user_${name}="${password}"`).join(' ');
  const prefix = 'listener.name.client';
  const module = 'org.apache.kafka.common.security';
  return {
    'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-512',
    [`${prefix}.sasl.enabled.mechanisms`]: 'PLAIN,SCRAM-SHA-512',
    [`${prefix}.plain.sasl.jaas.config`]: `${module}.plain.PlainLoginModule required ${plain};`,
    [`${prefix}.scram-sha-512.sasl.jaas.config`]: `${module}.scram.ScramLoginModule required;`,
  };
}
