import { joinBytes, uint32Bytes } from '../join-bytes.ts';
import type { ProtocolKind } from '../session.ts';
import { overHttp2 } from './over-http2.ts';

/**
 * Servers of gRPC, asked for their health by the standard service. Whatever they answer is a sign of life, also that they
 * have no such service. https://grpc.io/docs/guides/health-checking/
 */
export const grpc: ProtocolKind<'grpc'> = {
  name: 'grpc',
  create: ({ service, authority }) =>
    overHttp2({
      method: 'POST',
      path: '/grpc.health.v1.Health/Check',
      authority,
      fields: [
        ['content-type', 'application/grpc'],
        ['te', 'trailers'],
      ],
      message: checkRequest(service),
    }),
};

const NOT_COMPRESSED = [0];
/** Field 1 of HealthCheckRequest, a text: in protobuf's form. */
const SERVICE_TAG = [0x0a];

/** One message of gRPC, with a HealthCheckRequest; the name has less than 128 bytes. */
function checkRequest(service: string): Uint8Array {
  const name = joinBytes(service);
  const request = service === '' ? new Uint8Array() : joinBytes(SERVICE_TAG, [name.length], name);
  return joinBytes(NOT_COMPRESSED, uint32Bytes(request.length), request);
}
