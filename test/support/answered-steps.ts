import type { Session, Step } from '../../src/protocols/session.ts';

/** Steps of the session, and of what the driver answers at once: an upgrade that is done, a key that is worked out. */
export function answeredSteps(session: Session, steps: readonly Step[]): readonly Step[] {
  const more = steps.flatMap(({ kind }) => {
    if (kind === 'derive') return session.derived(new Uint8Array(32));
    return kind === 'startTls' ? session.secured(null) : [];
  });
  return [...steps, ...more];
}
