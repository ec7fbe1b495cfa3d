import type { PeerHistory } from '../../sinks/status/peer-history.ts';
import type { PeerStatus } from '../../sinks/status/peer-status.ts';

/** The state of a peer in the words of the pages. `since`: wall-clock milliseconds. */
export type ShownState = { readonly word: string; readonly since: number };

/** Each attempt is a state of its own for the interface; for people a peer is down from its end, or its first failure, on. */
export function shownState(
  { state, since }: Pick<PeerStatus, 'state' | 'since'>,
  { changes }: Pick<PeerHistory, 'changes'>,
): ShownState {
  const entered = Date.parse(since);
  switch (state) {
    case 'established':
      return { word: 'connected', since: entered };
    case 'not_held':
      return { word: 'not held', since: entered };
    case 'closing':
    case 'retired':
    case 'stopped':
      return { word: state, since: entered };
    case 'backoff':
    case 'resolving':
    case 'connecting':
    case 'handshaking': {
      const first = changes[changes.findLastIndex(({ kind }) => kind === 'connected' || kind === 'local') + 1];
      if (first !== undefined) return { word: 'down', since: first.at };
      return { word: state === 'backoff' ? 'waiting' : 'connecting', since: entered };
    }
  }
}
