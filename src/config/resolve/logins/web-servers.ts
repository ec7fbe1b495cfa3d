import { readPassword } from '../../../settings/password.ts';
import type { Http1Settings } from '../../../settings/protocol-settings.ts';
import { isHeaderValue } from '../../../text/http-header.ts';
import type { Path } from '../../../yaml/path.ts';
import type { GroupValues } from '../../schema/config-schema.ts';
import type { Partially } from '../../schema/parse-partially.ts';
import { readNamedFile } from '../read-named-file.ts';
import { NOBODY, resolveCredentials } from '../resolve-credentials.ts';
import { addProblem, type ResolveContext } from '../resolve-context.ts';
import { always, type LoginRules, type LoginScope, never } from './login-rules.ts';

export const http: LoginRules = {
  intervalMs: 30_000,
  showsPassword: always,
  resolve: (scope) => ({ name: 'http', settings: resolveHttp1(scope, scope.group.http ?? {}) }),
};

export const websocket: LoginRules = {
  intervalMs: 30_000,
  showsPassword: always,
  resolve(scope) {
    const values = scope.group.websocket ?? {};
    const { origin = null, subprotocol = null } = values;
    return { name: 'websocket', settings: { ...resolveHttp1(scope, values), origin, subprotocol } };
  },
};

export const http2: LoginRules = {
  intervalMs: 30_000,
  showsPassword: never,
  resolve({ group }) {
    const { path = '/', authority = null } = group.http2 ?? {};
    return { name: 'http2', settings: { ...NOBODY, path, authority } };
  },
};

export const grpc: LoginRules = {
  intervalMs: 30_000,
  showsPassword: never,
  resolve({ group }) {
    const { service = '', authority = null } = group.grpc ?? {};
    return { name: 'grpc', settings: { ...NOBODY, service, authority } };
  },
};

/** The options that `http` and `websocket` share: credentials are a user name and a password, or one file with all that stands behind `Authorization`. */
function resolveHttp1(
  { context, at }: LoginScope,
  values: Partially<NonNullable<GroupValues['http' | 'websocket']>>,
): Http1Settings {
  const { path: asked = '/', host = null, username, authorization_file: file = '' } = values;
  if (username?.includes(':') === true) {
    addProblem(context, [...at, 'username'], 'holds a colon, which ends a user name in HTTP');
  }
  const basic = resolveCredentials(context, at, values);
  if (file === '') return { ...basic, path: asked, host };
  const filePath = [...at, 'authorization_file'];
  if (username !== undefined || basic.passwordFile !== null) {
    addProblem(context, filePath, 'stands beside username or password_file; expected one of the two');
  }
  return { username: null, passwordFile: resolveValueFile(context, filePath, file), path: asked, host };
}

/** The path to open at each connect; the file must hold what a header can carry. */
function resolveValueFile(context: ResolveContext, path: Path, name: string): string {
  const located = context.files.locate(name);
  const bytes = readNamedFile(context, path, name);
  const answer = bytes === null ? null : readPassword(bytes);
  if (answer?.kind === 'unusable') addProblem(context, path, `names ${located}, which ${answer.why}`);
  else if (answer !== null && !isHeaderValue(answer.password)) {
    addProblem(context, path, `names ${located}, which holds characters that no HTTP header can carry`);
  }
  return located;
}
