/** TLS versions as configurations write them, with the runtime's names. */
export const TLS_VERSIONS = { TLS12: 'TLSv1.2', TLS13: 'TLSv1.3' } as const;

export type TlsVersionName = keyof typeof TLS_VERSIONS;

/** The other way round: how a configuration writes a version of the runtime. */
export function tlsVersionName(version: (typeof TLS_VERSIONS)[TlsVersionName]): TlsVersionName {
  return version === TLS_VERSIONS.TLS13 ? 'TLS13' : 'TLS12';
}
