import {
  DEFAULT_HTTP_CLIENT_SETTINGS,
  type HttpAuthentication,
  type HttpClientSettings,
} from '../../settings/http-client-settings.ts';
import type { HttpClientValues } from '../schema/http-client-schema.ts';
import type { Partially } from '../schema/parse-partially.ts';
import { TLS_VERSIONS } from '../schema/tls-versions.ts';
import type { Path } from '../../yaml/path.ts';
import { isHeaderName } from '../../text/http-header.ts';
import { resolveCertificateFiles } from './resolve-certificate-files.ts';
import { addProblem, isValid, type ResolveContext } from './resolve-context.ts';

/**
 * How the HTTP server of an entry is spoken to. `path` is the entry. Certificates are read and checked; secrets are read
 * at each request, so only their paths are resolved here.
 */
export function resolveHttpClient(
  context: ResolveContext,
  path: Path,
  values: Partially<HttpClientValues>,
): HttpClientSettings {
  const { basic_auth: basic, authorization, tls_config: tls = {} } = values;
  if (basic !== undefined && authorization !== undefined) {
    addProblem(context, [...path, 'authorization'], 'stands beside basic_auth; expected one of the two');
  }
  if (values.enable_http2 === true)
    addProblem(context, [...path, 'enable_http2'], 'is true, but HTTP/2 is not built; remove it or set it to false');
  const defaults = DEFAULT_HTTP_CLIENT_SETTINGS;
  return {
    authentication:
      basic === undefined
        ? authorization === undefined
          ? null
          : resolveAuthorization(context, [...path, 'authorization'], authorization)
        : resolveBasic(context, [...path, 'basic_auth'], basic),
    tls: {
      serverName: tls.server_name === undefined || tls.server_name === '' ? null : tls.server_name,
      ...resolveCertificateFiles(context, [...path, 'tls_config'], tls),
      minVersion: tls.min_version === undefined ? defaults.tls.minVersion : TLS_VERSIONS[tls.min_version],
      insecureSkipVerify: tls.insecure_skip_verify ?? defaults.tls.insecureSkipVerify,
    },
    followRedirects: values.follow_redirects ?? defaults.followRedirects,
  };
}

type BasicValues = NonNullable<Partially<HttpClientValues>['basic_auth']>;

function resolveBasic(context: ResolveContext, path: Path, values: BasicValues): HttpAuthentication {
  const { username = '', username_file: nameFile = '', password_file: passwordFile = '' } = values;
  const [name, file] = [
    [...path, 'username'],
    [...path, 'username_file'],
  ] as const;
  if (isValid(context, name, file)) {
    if (username !== '' && nameFile !== '')
      addProblem(context, file, 'stands beside username; expected one of the two');
    if (username === '' && nameFile === '')
      addProblem(context, path, 'has no user name; set username or username_file');
  }
  // RFC 7617 2: what follows the first colon is the password.
  if (username.includes(':')) addProblem(context, name, 'contains a colon; a user name of basic_auth cannot');
  return {
    kind: 'basic',
    username,
    usernameFile: locate(context, nameFile),
    passwordFile: locate(context, passwordFile),
  };
}

type AuthorizationValues = NonNullable<Partially<HttpClientValues>['authorization']>;

function resolveAuthorization(context: ResolveContext, path: Path, values: AuthorizationValues): HttpAuthentication {
  const { type = 'Bearer', credentials_file: file = '' } = values;
  const typePath = [...path, 'type'];
  if (type.toLowerCase() === 'basic')
    addProblem(context, typePath, 'is "basic"; write basic_auth: {username: ...} instead');
  else if (!isHeaderName(type)) addProblem(context, typePath, 'is no scheme of an Authorization header, like Bearer');
  if (file === '' && isValid(context, [...path, 'credentials_file']))
    addProblem(context, [...path, 'credentials_file'], 'is empty; expected the path of a file');
  return { kind: 'credentials', type, credentialsFile: locate(context, file) ?? '' };
}

function locate(context: ResolveContext, name: string): string | null {
  return name === '' ? null : context.files.locate(name);
}
