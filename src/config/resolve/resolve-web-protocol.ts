import { readPassword } from '../../settings/password.ts';
import type { Http1Settings, LoginSettings } from '../../settings/protocol-settings.ts';
import { isHeaderValue } from '../../text/http-header.ts';
import type { Path } from '../../yaml/path.ts';
import type { GroupValues } from '../schema/config-schema.ts';
import type { Partially } from '../schema/parse-partially.ts';
import { readNamedFile } from './read-named-file.ts';
import { NOBODY, resolveCredentials } from './resolve-credentials.ts';
import { addProblem, type ResolveContext } from './resolve-context.ts';

type Scope = { readonly name: 'http' | 'websocket' | 'http2' | 'grpc'; readonly group: Partially<GroupValues> };

/** The protocols that ask a path of a host. */
export function resolveWebProtocol(context: ResolveContext, path: Path, { name, group }: Scope): LoginSettings {
  switch (name) {
    case 'http':
      return { name, settings: resolveHttp1(context, [...path, name], group.http ?? {}) };
    case 'websocket': {
      const { origin = null, subprotocol = null } = group.websocket ?? {};
      const shared = resolveHttp1(context, [...path, name], group.websocket ?? {});
      return { name, settings: { ...shared, origin, subprotocol } };
    }
    case 'http2': {
      const { path: asked = '/', authority = null } = group.http2 ?? {};
      return { name, settings: { ...NOBODY, path: asked, authority } };
    }
    case 'grpc': {
      const { service = '', authority = null } = group.grpc ?? {};
      return { name, settings: { ...NOBODY, service, authority } };
    }
  }
}

/** The options that `http` and `websocket` share: credentials are a user name and a password, or one file with all that stands behind `Authorization`. */
function resolveHttp1(
  context: ResolveContext,
  path: Path,
  values: Partially<NonNullable<GroupValues['http' | 'websocket']>>,
): Http1Settings {
  const { path: asked = '/', host = null, username, authorization_file: file = '' } = values;
  if (username?.includes(':') === true) {
    addProblem(context, [...path, 'username'], 'holds a colon, which ends a user name in HTTP');
  }
  const basic = resolveCredentials(context, path, values);
  if (file === '') return { ...basic, path: asked, host };
  const filePath = [...path, 'authorization_file'];
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
