import type { Evidence } from './event-feed.ts';

const FIGURES = [
  'quiet_s',
  'retry_in_s',
  'unacked_bytes',
  'retransmits',
] as const satisfies readonly (keyof Evidence)[];

/** The figures of each end's log line (logfmt), by connection id. A figure that the line lacks is absent. */
export function evidenceIn(log: string): ReadonlyMap<string, Evidence> {
  const found = new Map<string, Evidence>();
  for (const line of log.split('\n')) {
    const id = / connection_id=(\S+)/.exec(line)?.[1];
    if (id === undefined || !line.includes(' class=')) continue;
    // What explains an end later is a line of the same id, without figures.
    found.set(id, { ...found.get(id), ...Object.fromEntries(FIGURES.flatMap((name) => figure(line, name))) });
  }
  return found;
}

function figure(line: string, name: string): readonly (readonly [string, number])[] {
  const text = new RegExp(` ${name}=(\\S+)`).exec(line)?.[1];
  return text === undefined ? [] : [[name, Number(text)]];
}
