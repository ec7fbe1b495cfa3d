import type { ObservedPeer } from '../../../sinks/status/observed-peers.ts';
import { counted } from '../page-parts.ts';

export type WhichDies = { readonly headline: string; readonly sentence: string };

export type WhichDiesFacts = Pick<ObservedPeer, 'isUp' | 'theirs' | 'ours'> & {
  /** Whether applications have connections now, those included that the peer has closed. */
  readonly haveTheyAny: boolean;
  /** Whether ours is established now; null: Finrst holds none. */
  readonly isOursUp: boolean | null;
};

/** Whose connections to a peer break: the applications', ours, or both. No more than the counts of the window say. */
export function whichDies(facts: WhichDiesFacts): WhichDies {
  const { isUp, theirs, ours, haveTheyAny, isOursUp } = facts;
  if (isUp !== true) {
    const why = isUp === null ? 'it has not begun' : 'the log says why';
    return say('Connections of applications are not observed', `Nothing is known of them now: ${why}.`);
  }
  const hadTheyAny = haveTheyAny || theirs.broke + theirs.eof + theirs.local > 0;
  if (!hadTheyAny) return say('No application has a connection to it', 'None of this host had one in this time.');
  const broke = `${counted(theirs.broke, 'connection')} of applications broke`;
  if (isOursUp === null)
    return theirs.broke > 0
      ? say("The applications' connections end", `${broke}. Finrst holds none to compare with.`)
      : say("The applications' connections do not break", 'Finrst holds none to compare with.');
  if (!isOursUp && ours.broke + ours.eof + ours.local === 0)
    return say(
      theirs.broke > 0 ? "The applications' connections end, and ours does not come about" : 'Ours does not come about',
      `${theirs.broke > 0 ? broke : 'None of the applications broke'}, and Finrst has not been connected in this time: see its attempts.`,
    );
  return compared(theirs.broke, ours.broke, broke);
}

function compared(theirs: number, ours: number, broke: string): WhichDies {
  const oursToo = `${ours === 1 ? 'ours broke once' : `ours broke ${counted(ours, 'time')}`}`;
  if (theirs > 0 && ours === 0)
    return say(
      "The applications' connections end, ours does not",
      `${broke}, ours never. The peer and the way there carried ours: look at what the applications do otherwise, their silence and keepalive, their pool, their requests.`,
    );
  if (theirs === 0 && ours > 0)
    return say(
      "Ours ends, the applications' connections do not",
      `${oursToo}, none of the applications did: look at what Finrst does otherwise, its silence and keepalive, its heartbeat or login.`,
    );
  if (theirs > 0)
    return say(
      "The applications' connections end, and so does ours",
      `${broke}, ${oursToo}: look at what both share, the peer and the way there.`,
    );
  return say("Neither the applications' connections nor ours break", 'What ended in this time ended in order.');
}

function say(headline: string, sentence: string): WhichDies {
  return { headline, sentence };
}
