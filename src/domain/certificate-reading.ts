/** What a handshake showed of a peer's certificates: the earliest end of validity that counts, and when that was read. Wall-clock ms. */
export type CertificateReading = { readonly expiresAt: number; readonly readAt: number };
