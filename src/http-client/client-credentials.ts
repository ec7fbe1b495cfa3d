import { createSecureContext, type ConnectionOptions, type SecureContext } from 'node:tls';
import { type ReadFile, whyUnreadable } from '../files/file-content.ts';
import type { HttpAuthentication, HttpClientSettings, HttpTlsSettings } from '../settings/http-client-settings.ts';

/** What a request takes along. */
export type Credentials = {
  readonly kind: 'ready';
  /** The value of the Authorization header; null: none is sent. */
  readonly authorization: string | null;
  readonly tls: RequestTls;
};

/** The options of TLS that a request needs, with files read. */
export type RequestTls = Pick<ConnectionOptions, 'rejectUnauthorized' | 'servername' | 'minVersion' | 'secureContext'>;

export type CredentialsResult = Credentials | Unusable;
/** A file cannot be used. `why` is a sentence without any of its content. */
type Unusable = { readonly kind: 'unusable'; readonly why: string };

type Text = { readonly kind: 'text'; readonly text: string };
type Files = { readonly ca: Buffer | null; readonly cert: Buffer | null; readonly key: Buffer | null };

/** RFC 9110 5.5: what a header can carry, as far as every server reads it alike. */
const HEADER_VALUE = /^[\x20-\x7e]+$/;

/**
 * The credentials of one client, read from their files at each request: what is rotated needs no reload. White space around
 * a secret is left out, since editors end a file with a new line.
 */
export class ClientCredentials {
  readonly #settings: HttpClientSettings;
  readonly #readFile: ReadFile;
  /** A bundle of certificate authorities takes 5 ms to parse: the same bytes are parsed once. */
  #known: { readonly files: Files; readonly context: SecureContext } | null = null;

  constructor(settings: HttpClientSettings, readFile: ReadFile) {
    this.#settings = settings;
    this.#readFile = readFile;
  }

  /** Never rejects for anything in a file. */
  async read(): Promise<CredentialsResult> {
    const { authentication, tls } = this.#settings;
    const authorization = authentication === null ? null : await this.#authorization(authentication);
    if (authorization?.kind === 'unusable') return authorization;
    const files = await this.#tlsFiles(tls);
    if (files.kind === 'unusable') return files;
    return { kind: 'ready', authorization: authorization?.text ?? null, tls: files.tls };
  }

  async #authorization(authentication: HttpAuthentication): Promise<Text | Unusable> {
    switch (authentication.kind) {
      case 'basic': {
        const { username, usernameFile, passwordFile } = authentication;
        const name = await this.#secret(usernameFile, username);
        const password = await this.#secret(passwordFile, '');
        if (name.kind === 'unusable') return name;
        if (password.kind === 'unusable') return password;
        const pair = Buffer.from(`${name.text}:${password.text}`).toString('base64');
        return { kind: 'text', text: `Basic ${pair}` };
      }
      case 'credentials': {
        const { type, credentialsFile } = authentication;
        const secret = await this.#secret(credentialsFile, '');
        if (secret.kind === 'unusable') return secret;
        if (secret.text === '') return { kind: 'unusable', why: `${credentialsFile} is empty` };
        if (HEADER_VALUE.test(secret.text)) return { kind: 'text', text: `${type} ${secret.text}` };
        return { kind: 'unusable', why: `${credentialsFile} holds characters that no HTTP header can carry` };
      }
    }
  }

  async #secret(file: string | null, written: string): Promise<Text | Unusable> {
    if (file === null) return { kind: 'text', text: written };
    const content = await this.#readFile(file);
    if (content.kind === 'unreadable') return unreadable(file, content.why);
    return { kind: 'text', text: Buffer.from(content.bytes).toString('utf8').trim() };
  }

  async #tlsFiles(settings: HttpTlsSettings): Promise<{ readonly kind: 'tls'; readonly tls: RequestTls } | Unusable> {
    const { serverName, caFile, certFile, keyFile, minVersion, insecureSkipVerify } = settings;
    const files: { -readonly [Key in keyof Files]: Files[Key] } = { ca: null, cert: null, key: null };
    for (const [key, file] of [['ca', caFile] as const, ['cert', certFile] as const, ['key', keyFile] as const]) {
      if (file === null) continue;
      const content = await this.#readFile(file);
      if (content.kind === 'unreadable') return unreadable(file, content.why);
      files[key] = Buffer.from(content.bytes);
    }
    const context = this.#secureContext(files, minVersion);
    if (context?.kind === 'unusable') return context;
    const tls: RequestTls = {
      rejectUnauthorized: !insecureSkipVerify,
      minVersion,
      ...(serverName !== null && { servername: serverName }),
      ...(context !== null && { secureContext: context.context }),
    };
    return { kind: 'tls', tls };
  }

  /** Null: no file is named, and the runtime makes a context of its own. */
  #secureContext(files: Files, minVersion: HttpTlsSettings['minVersion']) {
    const { ca, cert, key } = files;
    if (ca === null && cert === null && key === null) return null;
    if (this.#known !== null && isSame(this.#known.files, files))
      return { kind: 'context', context: this.#known.context } as const;
    try {
      const given = { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) };
      const context = createSecureContext({ ...given, minVersion });
      this.#known = { files, context };
      return { kind: 'context', context } as const;
    } catch (error) {
      // A key that does not fit its certificate, a file that is no PEM. OpenSSL never quotes the key.
      const why = error instanceof Error ? error.message : String(error);
      return { kind: 'unusable', why: `the files of tls_config cannot be used: ${why}` } as const;
    }
  }
}

function unreadable(file: string, why: string): Unusable {
  return { kind: 'unusable', why: `cannot read ${file}: ${whyUnreadable(why)}` };
}

function isSame(one: Files, other: Files): boolean {
  return (['ca', 'cert', 'key'] as const).every((key) => {
    const [a, b] = [one[key], other[key]];
    return a === null || b === null ? a === b : a.equals(b);
  });
}
