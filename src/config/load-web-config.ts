import { OPEN_WEB, type WebConfig, type WebConfigResult, type WebTls } from '../settings/web-protection.ts';
import { type FileProblem, formatProblems, formatWarning, sortProblems } from '../text/file-problem.ts';
import { type ConfigSnapshot, namedFilesOf } from './snapshot/config-snapshot.ts';
import { namesIn } from './snapshot/names-in.ts';
import { SnapshotReader, type SnapshotOrigin } from './snapshot/snapshot-reader.ts';
import { parsePartially, type Partially } from './schema/parse-partially.ts';
import { keyPairProblem } from './resolve/key-pair-problem.ts';
import { readPem } from './resolve/read-pem.ts';
import { addProblem, isValid, type ResolveContext } from './resolve/resolve-context.ts';
import {
  CIPHER_SUITES,
  CURVES,
  webConfigSchema,
  type TlsServerValues,
  type WebValues,
} from './schema/web-config-schema.ts';
import { TLS_VERSIONS } from './schema/tls-versions.ts';
import { readYaml, type YamlSource } from '../yaml/yaml-source.ts';
import { bcryptCosts } from '../settings/bcrypt-cost.ts';

/**
 * Reads a web configuration file of the Prometheus exporter-toolkit and the certificates it names, as strictly as the
 * configuration itself. An empty file is one without settings. Never rejects for anything in a file. The text of keys and
 * hashes never appears in a problem.
 */
export async function loadWebConfig(origin: SnapshotOrigin): Promise<WebConfigResult> {
  const reader = new SnapshotReader(origin, async (text, file) => namesIn(text, file));
  return loadWebSnapshot(await reader.read());
}

function loadWebSnapshot(snapshot: ConfigSnapshot): WebConfigResult {
  const { file, text } = snapshot;
  if (text.kind === 'problem') return invalid([text.problem]);
  const source = readYaml(text.text, file);
  if (source.root === undefined || source.root === null) {
    return source.problems.length > 0 ? invalid(source.problems) : { kind: 'loaded', web: OPEN_WEB, warnings: [] };
  }
  const parsed = parsePartially(webConfigSchema, source);
  const context: ResolveContext = {
    source,
    problems: [...source.problems, ...parsed.problems],
    wrong: parsed.wrong,
    files: namedFilesOf(snapshot),
  };
  const web = resolveWeb(context, parsed.value ?? {});
  if (context.problems.length > 0) return invalid(context.problems);
  return { kind: 'loaded', web, warnings: costWarnings(source, web).map(formatWarning) };
}

/** Where costs differ, every refusal takes as long as one at the highest: what it costs is then paid for all users. */
function costWarnings(source: YamlSource, { users }: WebConfig): readonly FileProblem[] {
  const costs = bcryptCosts(users);
  if (costs.length < 2) return [];
  const words = `has hashes of cost ${costs.join(', ')}; a wrong password of any user takes as long as at cost ${costs.at(-1)}`;
  return [source.problemAtKey(['basic_auth_users'], `basic_auth_users ${words}, so hash all with one cost`)];
}

function invalid(problems: readonly FileProblem[]): WebConfigResult {
  return { kind: 'invalid', problems: formatProblems(sortProblems(problems)) };
}

function resolveWeb(context: ResolveContext, values: Partially<WebValues>): WebConfig {
  if (values.http_server_config?.http2 === true) {
    addProblem(
      context,
      ['http_server_config', 'http2'],
      'is true, but HTTP/2 is not built; remove it or set it to false',
    );
  }
  const headers = Object.entries(values.http_server_config?.headers ?? {});
  const limit = values.rate_limit;
  return {
    tls: values.tls_server_config === undefined ? null : resolveTlsServer(context, values.tls_server_config),
    users: definedOnly(Object.entries(values.basic_auth_users ?? {})),
    // A blank header is an unset one.
    headers: definedOnly(headers.filter(([, value]) => value !== '')),
    rateLimit: limit?.interval ? { intervalMs: limit.interval, burst: Math.max(1, limit.burst ?? 1) } : null,
  };
}

function definedOnly(entries: readonly (readonly [string, string | undefined])[]): Readonly<Record<string, string>> {
  return Object.fromEntries(entries.flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])));
}

type PemKey = 'cert' | 'key' | 'client_ca';

function resolveTlsServer(context: ResolveContext, values: Partially<TlsServerValues>): WebTls | null {
  const cert = resolvePem(context, values, 'cert');
  const key = resolvePem(context, values, 'key');
  const clientCa = resolvePem(context, values, 'client_ca');
  checkClientAuth(context, values);
  const [least, most] = [values.min_version ?? 'TLS12', values.max_version ?? 'TLS13'];
  if (least > most)
    addProblem(
      context,
      ['tls_server_config', 'min_version'],
      `is ${least}; expected at most max_version, which is ${most}`,
    );
  if (cert === null || key === null) return null;
  const mismatch = keyPairProblem(cert, key);
  if (mismatch !== null) addProblem(context, ['tls_server_config'], mismatch);
  const auth = values.client_auth_type ?? 'NoClientCert';
  return {
    cert,
    key,
    clientCa,
    clientAuth: auth === 'RequireClientCert' ? 'RequireAnyClientCert' : auth,
    clientAllowedSans: (values.client_allowed_sans ?? []).filter((san) => san !== undefined),
    minVersion: TLS_VERSIONS[least],
    maxVersion: TLS_VERSIONS[most],
    ciphers: translated(values.cipher_suites, CIPHER_SUITES),
    ecdhCurve: translated(values.curve_preferences, CURVES),
    honorCipherOrder: values.prefer_server_cipher_suites ?? true,
  };
}

/** The PEM text of `what`, from the file or from the inline key; certificate and key are required. */
function resolvePem(context: ResolveContext, values: Partially<TlsServerValues>, what: PemKey): string | null {
  const [inlinePath, filePath] = [
    ['tls_server_config', what],
    ['tls_server_config', `${what}_file`],
  ] as const;
  const [inline, name] = [values[what], values[`${what}_file`]];
  const hasFile = name !== undefined && name !== '';
  if (hasFile && inline !== undefined) addProblem(context, filePath, `stands beside ${what}; expected one of the two`);
  if (hasFile) return readPem(context, filePath, { name, holds: what === 'key' ? 'private key' : 'certificate' });
  if (inline === undefined && what !== 'client_ca' && isValid(context, inlinePath, filePath)) {
    addProblem(context, filePath, 'is missing; TLS needs cert_file and key_file');
  }
  return inline ?? null;
}

function checkClientAuth(context: ResolveContext, values: Partially<TlsServerValues>): void {
  const path = ['tls_server_config', 'client_auth_type'];
  const auth = values.client_auth_type ?? 'NoClientCert';
  if (!isValid(context, path)) return;
  const hasCa = values.client_ca !== undefined || (values.client_ca_file ?? '') !== '';
  if (hasCa && auth === 'NoClientCert') {
    addProblem(
      context,
      path,
      'asks for no client certificate, but a client_ca is given; set RequireAndVerifyClientCert',
    );
  }
  if (!hasCa && (auth === 'VerifyClientCertIfGiven' || auth === 'RequireAndVerifyClientCert')) {
    addProblem(context, path, `is ${auth}, which needs client_ca_file to verify against`);
  }
  const requires = auth.startsWith('Require');
  if (values.client_allowed_sans !== undefined && !requires) {
    const sans = ['tls_server_config', 'client_allowed_sans'];
    addProblem(
      context,
      sans,
      'needs client_auth_type RequireAndVerifyClientCert; other clients may show no certificate',
    );
  }
}

/** OpenSSL's names, joined as its lists are; null for an empty list: the runtime's own choice. */
function translated(
  words: readonly (string | undefined)[] | undefined,
  names: Readonly<Record<string, string>>,
): string | null {
  const list = (words ?? []).flatMap((word) => (word === undefined ? [] : [names[word] ?? word]));
  return list.length === 0 ? null : list.join(':');
}
