import type { Goodbye, SaidGoodbye } from '../../domain/goodbye.ts';

/** https://kafka.apache.org/protocol#protocol_error_codes */
const BY_CODE: Readonly<Record<number, Goodbye>> = {
  [-1]: 'server_error',
  8: 'not_ready', // the broker is not available
  29: 'forbidden', // no right to the topic
  31: 'forbidden', // no right to the cluster
  33: 'auth_method', // this mechanism is not enabled
  34: 'auth_method', // a login where the listener has none
  35: 'protocol_error', // a version that the broker does not speak
  42: 'protocol_error', // a request that it does not understand
  58: 'auth_failed',
  89: 'slow_down', // a quota
};

/** Everything that a refusal can mean. */
export const KAFKA_REFUSALS: readonly Goodbye[] = [...new Set([...Object.values(BY_CODE), 'other' as const])];

/** What an error code other than 0 means. */
export function readKafkaError(code: number): SaidGoodbye {
  return { goodbye: BY_CODE[code] ?? 'other', goodbyeCode: String(code) };
}
