import { readPassword } from '../../../settings/password.ts';
import type { Http1Settings } from '../../../settings/protocol-settings.ts';
import { parseHeaderFields } from '../../../text/header-fields.ts';
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
    const { context, at, group } = scope;
    const { origin = null, subprotocol = null, headers_file: file = '', ...values } = group.websocket ?? {};
    const shared = { ...resolveHttp1(scope, values), origin, subprotocol };
    if (file === '') return { name: 'websocket', settings: { ...shared, credentials: 'authorization' } };
    const filePath = [...at, 'headers_file'];
    if (shared.username !== null || shared.passwordFile !== null) {
      addProblem(context, filePath, 'stands beside other credentials; write them as a line Authorization: ... of it');
    }
    const passwordFile = resolveValueFile(context, filePath, { name: file, problemOf: fieldsProblem });
    return { name: 'websocket', settings: { ...shared, username: null, passwordFile, credentials: 'headers' } };
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
  return {
    username: null,
    passwordFile: resolveValueFile(context, filePath, { name: file, problemOf: valueProblem }),
    path: asked,
    host,
  };
}

type ValueFile = {
  readonly name: string;
  /** What is wrong with its text, behind the words "names FILE, "; null: nothing. */
  readonly problemOf: (text: string) => string | null;
};

/** The path to open at each connect. */
function resolveValueFile(context: ResolveContext, path: Path, { name, problemOf }: ValueFile): string {
  const located = context.files.locate(name);
  const bytes = readNamedFile(context, path, name);
  if (bytes === null) return located;
  const answer = readPassword(bytes);
  const problem = answer.kind === 'unusable' ? `which ${answer.why}` : problemOf(answer.password);
  if (problem !== null) addProblem(context, path, `names ${located}, ${problem}`);
  return located;
}

function valueProblem(text: string): string | null {
  return isHeaderValue(text) ? null : 'which holds characters that no HTTP header can carry';
}

function fieldsProblem(text: string): string | null {
  const parsed = parseHeaderFields(text);
  return parsed.kind === 'fields' ? null : `whose line ${parsed.line} ${parsed.why}`;
}
