import { createSecureContext } from 'node:tls';
import { type ReadFile, whyUnreadable } from '../../files/file-content.ts';
import type { RequestTls } from '../../http-client/client-credentials.ts';
import type {
  KubernetesLogin,
  KubernetesSecret,
  KubernetesServer,
  KubernetesTls,
} from '../../settings/kubernetes-settings.ts';
import { formatHostPort } from '../../text/host-port.ts';

/** All that a request to the API server needs. Made anew for each: tokens and certificates are replaced under way. */
export type ApiAccess = {
  readonly url: URL;
  /** Of the header Authorization; null: none is sent. */
  readonly authorization: string | null;
  readonly tls: RequestTls;
};

/** `why` is the end of a sentence, or one by itself. */
type Failed = { readonly kind: 'failed'; readonly why: string };

export type AccessResult = { readonly kind: 'ready'; readonly access: ApiAccess } | Failed;

export type AccessContext = {
  readonly readFile: ReadFile;
  /** The variables of the process. */
  readonly environment: Readonly<Record<string, string | undefined>>;
};

/** Where a pod finds what its service account has (Kubernetes, "Accessing the Kubernetes API from a Pod"). */
export const SERVICE_ACCOUNT_FOLDER = '/var/run/secrets/kubernetes.io/serviceaccount';

/** A header takes no control characters; tokens and base64 have none, nor spaces. */
const HEADER_TEXT = /^[\x21-\x7e]+$/;

/** Reads what a request needs, from files and variables as they are now. Never rejects. */
export async function readAccess(server: KubernetesServer, context: AccessContext): Promise<AccessResult> {
  const place = placeOf(server, context.environment);
  if (place.kind === 'failed') return place;
  const { url, tls, login } = place;
  const secrets = [tls.ca, tls.cert, tls.key, ...secretsOf(login)];
  const read = await readSecrets(secrets, context.readFile);
  if (read.kind === 'failed') return read;
  const header = authorizationOf(login, read.textOf);
  if (header.kind === 'failed') return header;
  const { authorization } = header;
  if (url.protocol === 'http:') return { kind: 'ready', access: { url, authorization, tls: {} } };
  const secured = secure(tls, read.textOf);
  return secured.kind === 'failed' ? secured : { kind: 'ready', access: { url, authorization, tls: secured.tls } };
}

type Place = {
  readonly kind: 'place';
  readonly url: URL;
  readonly tls: KubernetesTls;
  readonly login: KubernetesLogin;
};

function placeOf(server: KubernetesServer, environment: AccessContext['environment']): Place | Failed {
  if (server.kind === 'url') return { ...server, kind: 'place', url: new URL(server.url) };
  const [host, port] = [environment['KUBERNETES_SERVICE_HOST'], environment['KUBERNETES_SERVICE_PORT']];
  if (host === undefined || host === '') {
    const why = 'Finrst is not in a cluster (KUBERNETES_SERVICE_HOST is not set); set kubeconfig_file or api_server';
    return { kind: 'failed', why };
  }
  const url = URL.parse(`https://${formatHostPort(host, Number(port ?? '443'))}`);
  if (url === null)
    return { kind: 'failed', why: 'KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are no address' };
  const file = (name: string): KubernetesSecret => ({ kind: 'file', path: `${SERVICE_ACCOUNT_FOLDER}/${name}` });
  return {
    kind: 'place',
    url,
    tls: {
      ca: file('ca.crt'),
      cert: null,
      key: null,
      serverName: null,
      minVersion: 'TLSv1.2',
      insecureSkipVerify: false,
    },
    login: { kind: 'token', scheme: 'Bearer', token: file('token') },
  };
}

type TextOf = (secret: KubernetesSecret) => string;

async function readSecrets(
  secrets: readonly (KubernetesSecret | null)[],
  readFile: ReadFile,
): Promise<{ readonly kind: 'read'; readonly textOf: TextOf } | Failed> {
  const texts = new Map<string, string>();
  for (const secret of secrets) {
    if (secret?.kind !== 'file') continue;
    const content = await readFile(secret.path);
    if (content.kind === 'unreadable')
      return { kind: 'failed', why: `${secret.path} cannot be read: ${whyUnreadable(content.why)}` };
    texts.set(secret.path, Buffer.from(content.bytes).toString());
  }
  const textOf: TextOf = (secret) => (secret.kind === 'text' ? secret.text : (texts.get(secret.path) ?? ''));
  return { kind: 'read', textOf };
}

function secretsOf(login: KubernetesLogin): readonly KubernetesSecret[] {
  switch (login.kind) {
    case 'none':
      return [];
    case 'token':
      return [login.token];
    case 'basic':
      return [login.username, login.password];
  }
}

type Header = { readonly kind: 'header'; readonly authorization: string | null };

function authorizationOf(login: KubernetesLogin, textOf: TextOf): Header | Failed {
  switch (login.kind) {
    case 'none':
      return { kind: 'header', authorization: null };
    case 'token': {
      const token = textOf(login.token).trim();
      if (!HEADER_TEXT.test(token)) return { kind: 'failed', why: `${nameOf(login.token)} holds no token` };
      return { kind: 'header', authorization: `${login.scheme} ${token}` };
    }
    case 'basic': {
      // A file ends in a line break that belongs to nobody's password.
      const [user, password] = [login.username, login.password].map((each) => textOf(each).replace(/\r?\n$/, ''));
      return { kind: 'header', authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` };
    }
  }
}

function nameOf(secret: KubernetesSecret): string {
  return secret.kind === 'file' ? secret.path : 'the configured token';
}

type Secured = { readonly kind: 'secured'; readonly tls: RequestTls };

function secure(
  { ca, cert, key, serverName, minVersion, insecureSkipVerify }: KubernetesTls,
  textOf: TextOf,
): Secured | Failed {
  try {
    const secureContext = createSecureContext({
      minVersion,
      ...(ca !== null && { ca: textOf(ca) }),
      ...(cert !== null && { cert: textOf(cert) }),
      ...(key !== null && { key: textOf(key) }),
    });
    return {
      kind: 'secured',
      tls: {
        secureContext,
        rejectUnauthorized: !insecureSkipVerify,
        ...(serverName !== null && { servername: serverName }),
      },
    };
  } catch (error) {
    // OpenSSL says what it dislikes; it never quotes a key.
    if (error instanceof Error) return { kind: 'failed', why: `certificate or key cannot be used: ${error.message}` };
    throw error;
  }
}
