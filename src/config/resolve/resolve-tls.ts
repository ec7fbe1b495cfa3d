import { DEFAULT_TLS_SETTINGS, type TlsSettings } from '../../settings/tls-settings.ts';
import type { Partially } from '../schema/parse-partially.ts';
import type { TlsValues } from '../schema/tls-schema.ts';
import { TLS_VERSIONS } from '../schema/tls-versions.ts';
import type { Path } from '../../yaml/path.ts';
import { resolveCertificateFiles } from './resolve-certificate-files.ts';
import type { ResolveContext } from './resolve-context.ts';

/** How the peers of a group are spoken to over TLS; every file it names is read and checked. */
export function resolveTls(context: ResolveContext, path: Path, values: Partially<TlsValues>): TlsSettings {
  const name = values.server_name;
  return {
    serverName: name === undefined || name === '' ? null : name,
    ...resolveCertificateFiles(context, path, values),
    minVersion: values.min_version === undefined ? DEFAULT_TLS_SETTINGS.minVersion : TLS_VERSIONS[values.min_version],
    insecureSkipVerify: values.insecure_skip_verify ?? DEFAULT_TLS_SETTINGS.insecureSkipVerify,
    expectCloseNotify: values.expect_close_notify ?? DEFAULT_TLS_SETTINGS.expectCloseNotify,
  };
}
