import { explainTlsFault, SwitchboardError } from '@switchboard/platform';

/** The settings do not fit the cluster; `certain` unless the same may be seen of a broker that is starting or ending. */
export interface AccessFault {
  message: string;
  certain: boolean;
}

/** Reads from an error of either client which setting keeps this process out; undefined when it is none. No value is repeated. */
export function accessFaultOf(error: unknown): AccessFault | undefined {
  if (!(error instanceof Error)) return undefined;
  if (error.name === 'KafkaJSSASLAuthenticationError' || codeOf(error) === 'PLT_KFK_AUTHENTICATION') {
    return {
      message:
        'Kafka refuses the login: check KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD',
      certain: true,
    };
  }
  const tls = explainTlsFault(error, {
    authorities: 'KAFKA_SSL_CA',
    address: 'KAFKA_BROKERS and what the brokers advertise',
    tls: 'KAFKA_SSL',
  });
  if (tls !== undefined) return { message: `Kafka is not reached over TLS: ${tls}`, certain: true };
  if (closedEarly.test(error.message)) {
    return {
      message:
        'a broker closes the connection before it answers: check KAFKA_SSL and KAFKA_SASL_MECHANISM against its listener',
      certain: false,
    };
  }
  const inner = error instanceof AggregateError ? error.errors : [error.cause];
  const faults = inner.map(accessFaultOf);
  return faults.find((fault) => fault?.certain) ?? faults.find(Boolean);
}

function codeOf(error: Error): unknown {
  return Reflect.get(error, 'code');
}

/** Why the cluster could not be used, as one of our errors; retryable unless the settings are certainly wrong. */
export function brokerUnavailable(message: string, cause: unknown): SwitchboardError {
  const fault = accessFaultOf(cause);
  if (!fault) return new SwitchboardError('broker_unavailable', message, { retryable: true, cause });
  const code = fault.certain ? 'broker_access_refused' : 'broker_unavailable';
  return new SwitchboardError(code, fault.message, { retryable: !fault.certain, cause });
}

/** A broker that expects TLS, or a login first, says so by ending the connection; the clients report it in these words. */
const closedEarly =
  /Closed connection|Connection closed|Broker requires TLS|TLS handshake failed|before secure TLS connection was established|closed by the server/;
