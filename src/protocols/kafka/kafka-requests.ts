import { joinBytes, uint16Bytes, uint32Bytes } from '../join-bytes.ts';

/** https://kafka.apache.org/protocol#protocol_api_keys: key and version of each request. */
export const REQUEST = {
  /** Every broker since 0.10 answers version 0, before a login too. */
  apiVersions: [18, 0],
  /** Since 1.0: what follows is in requests, with errors. */
  saslHandshake: [17, 1],
  /** Since 2.2: the answer says how long the login is good for. */
  saslAuthenticate: [36, 1],
} as const;

/** What each request has in front. */
export type RequestHead = {
  readonly request: readonly [key: number, version: number];
  /** Of the answer, too. */
  readonly correlationId: number;
  readonly clientId: string;
};

/** A whole request. */
export function kafkaRequest({ request, correlationId, clientId }: RequestHead, body: Uint8Array): Uint8Array {
  const [key, version] = request;
  const head = joinBytes(uint16Bytes(key), uint16Bytes(version), uint32Bytes(correlationId), kafkaText(clientId));
  return joinBytes(uint32Bytes(head.length + body.length), head, body);
}

/** A STRING. */
export function kafkaText(text: string): Uint8Array {
  const bytes = joinBytes(text);
  return joinBytes(uint16Bytes(bytes.length), bytes);
}

/** BYTES. */
export function kafkaBytes(text: string): Uint8Array {
  const bytes = joinBytes(text);
  return joinBytes(uint32Bytes(bytes.length), bytes);
}
