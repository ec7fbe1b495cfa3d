import type { CertificateReading } from '../../domain/certificate-reading.ts';
import type { Endpoint } from '../../domain/events/connection-events.ts';
import type { PeerRef } from '../../domain/peer-ref.ts';
import type { PeerSettings } from '../../settings/peer-settings.ts';

/** A held connection whose peer presented certificates. */
export type CertificateHolder = {
  /** As it is now. */
  readonly peer: () => PeerRef;
  readonly remote: Endpoint;
  /** What its handshake showed. */
  readonly reading: CertificateReading;
  /** The settings in force. */
  readonly settings: () => PeerSettings;
};
