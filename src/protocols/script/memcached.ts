import type { ProtocolKind } from '../session.ts';
import type { Script } from './compile-script.ts';
import { scriptKind } from './script-kind.ts';
import { expectLine, means, send, template } from './script-steps.ts';

/** memcached by its text protocol: `version` and nothing else. https://docs.memcached.org/protocols/basic/ */
export const memcached: ProtocolKind<'memcached'> = scriptKind('memcached', memcachedScript);

const REFUSALS = [
  means('too_many_connections', '^ERROR Too many open connections'),
  means('auth_method', '(?i)^(CLIENT_)?ERROR unauthenticated'),
  means('overloaded', '^SERVER_ERROR out of memory'),
  means('server_error', '^SERVER_ERROR'),
  means('other', '^(CLIENT_)?ERROR'),
];

function memcachedScript(): Script {
  return {
    login: [send('version\\r\\n'), expectLine('^VERSION ', REFUSALS)],
    // A server that says no is alive.
    heartbeat: {
      send: template('version\\r\\n'),
      expect: { kind: 'line', pattern: '^(VERSION |(CLIENT_|SERVER_)?ERROR)' },
    },
    goodbyes: [],
    farewell: template('quit\\r\\n'),
    first: { oneOf: 'VECS', expected: 'answers of memcached' },
  };
}
