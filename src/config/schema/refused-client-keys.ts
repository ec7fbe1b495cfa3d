import { pathText, type Path } from '../../yaml/path.ts';

/** Keys of Prometheus' HTTP clients that Finrst does not have, and what to do instead: the end of a sentence. */
const REFUSED: Readonly<Record<string, string>> = {
  'basic_auth.password': 'is a secret; secrets come from files: password_file',
  'basic_auth.password_ref': 'is not built; write password_file',
  'basic_auth.username_ref': 'is not built; write username or username_file',
  'authorization.credentials': 'is a secret; secrets come from files: credentials_file',
  'authorization.credentials_ref': 'is not built; write credentials_file',
  'tls_config.ca': 'is not read from the configuration; write ca_file',
  'tls_config.cert': 'is not read from the configuration; write cert_file',
  'tls_config.key': 'is a secret; secrets come from files: key_file',
  'tls_config.max_version': 'is not built; remove it',
  bearer_token: 'is a secret; secrets come from files: write authorization: {credentials_file: ...}',
  bearer_token_file: 'is an old name; write authorization: {credentials_file: ...}',
  oauth2: 'is not built; write basic_auth or authorization',
  'http_headers.files': 'is not built; write values, or authorization for a secret',
  'http_headers.secrets': 'are secrets; secrets come from files: write authorization: {credentials_file: ...}',
  proxy_url: 'is not built; remove it',
  no_proxy: 'is not built; remove it',
  proxy_from_environment: 'is not built; remove it',
  proxy_connect_header: 'is not built; remove it',
};

/** What to say about a key of an entry of `*_sd_configs`, `path` from the root; undefined for any that is not one of these. */
export function refusedClientKey(path: Path): string | undefined {
  const key = path[4] === 'http_headers' ? `http_headers.${path[6]}` : path.slice(4).join('.');
  return Object.hasOwn(REFUSED, key) ? `${pathText(path)} ${REFUSED[key]}` : undefined;
}
