import { ByteReader, ByteWriter, type Packed, wholeAt } from './packed.ts';
import { CHANGE_KINDS, type ChangeKind, type PeerChange } from './peer-history.ts';

/** The contract's bound. */
const MOST = 32;

export const NO_CHANGES: Packed = '';

const writer = new ByteWriter();

/**
 * With one more, the oldest of more than 32 left out. The newest stands first, with its time; each that follows has the time
 * from it to the one before, so four bytes where they are less than 17 minutes apart: the rest is copied as it is.
 */
export function withChange(packed: Packed, time: number, kind: ChangeKind): Packed {
  const at = Math.floor(time);
  writer.byte(CHANGE_KINDS.indexOf(kind));
  writer.whole(at);
  if (packed === NO_CHANGES) return writer.take();
  const before = wholeAt(packed, 1);
  writer.byte(packed.charCodeAt(0));
  writer.whole(stepOf(at - before.value));
  let end = before.end;
  for (let left = 2 * (MOST - 2); left > 0 && end < packed.length; left--) end = wholeAt(packed, end).end;
  writer.latin1(packed.slice(before.end, end));
  return writer.take();
}

/** The end in order of that time was announced, as was learned later. */
export function withAnnounced(packed: Packed, time: number): Packed {
  const at = Math.floor(time);
  return changesOf(packed).reduce(
    (all, each) => withChange(all, each.at, each.at === at && each.kind === 'eof' ? 'announced' : each.kind),
    NO_CHANGES,
  );
}

/** The oldest first. */
export function changesOf(packed: Packed): readonly PeerChange[] {
  const changes: PeerChange[] = [];
  const reader = new ByteReader(packed);
  for (let at: number | null = null; !reader.isAtEnd;) {
    const kind = CHANGE_KINDS[reader.byte()] ?? 'failed';
    const figure = reader.whole();
    at = at === null ? figure : at - lengthOf(figure);
    changes.push({ at, kind });
  }
  return changes.toReversed();
}

/** A clock can be set back: even numbers are milliseconds onward, odd ones backward. */
function stepOf(lengthMs: number): number {
  return lengthMs < 0 ? -2 * lengthMs - 1 : 2 * lengthMs;
}

function lengthOf(step: number): number {
  return step % 2 === 0 ? step / 2 : -(step + 1) / 2;
}
