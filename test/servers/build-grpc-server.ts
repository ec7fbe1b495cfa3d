import { buildGoProgram } from '../support/build-go-program.ts';

/** Builds the server of `test/servers/grpc-server`; a cold build takes half a minute on two cores. */
export function buildGrpcServer(): Promise<string> {
  return buildGoProgram('grpc-server', new URL('grpc-server', import.meta.url));
}
