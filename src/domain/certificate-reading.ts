/** What a handshake showed of a peer's certificates: the earliest end of validity that counts, and when that was read. Wall-clock ms. */
export type CertificateReading = { readonly expiresAt: number; readonly readAt: number };

const DAY_MS = 86_400_000;
/** A week before the usual alert of 14 days: a certificate that is renewed in time raises none. */
const SOON_MS = 21 * DAY_MS;

/**
 * When a peer's certificates are to be read anew while its connection is held, wall-clock ms: within a day from when the
 * handshake is a day old and less than 21 days are left. `random` is in 0..1, so that peers do not come together.
 */
export function readAgainAt({ expiresAt, readAt }: CertificateReading, random: number): number {
  return Math.max(readAt + DAY_MS, expiresAt - SOON_MS) + random * DAY_MS;
}

/** The same after a try that was made at `triedAt`, whatever came of it: a day later, at the same hour, while little is left. */
export function readAgainAfter(reading: CertificateReading, triedAt: number, random: number): number {
  return reading.expiresAt - triedAt < SOON_MS ? triedAt + DAY_MS : readAgainAt(reading, random);
}
