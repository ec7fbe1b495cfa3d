/** The part of a writable stream that is needed. */
export type TextOutput = {
  write(text: string): boolean;
  readonly writableLength: number;
  on(event: 'drain', listener: () => void): unknown;
};

/** Takes whole lines without their newline. Never blocks, never throws, never waits. */
export type LineWriter = (line: string) => void;

/** A reader that pauses (a log collector that restarts) is bridged by about five thousand lines; more is not worth the memory. */
const MAX_BUFFERED_BYTES = 1024 * 1024;

/**
 * Writes lines to a stream that may be slow or not read at all. Bytes that the kernel does not take yet wait in this
 * process, at most `maxBufferedBytes`; lines beyond that are dropped and counted, and once the stream has drained one line
 * made by `describeDropped` says how many. A line longer than that goes alone, when nothing else waits.
 */
export function createLineWriter(
  output: TextOutput,
  describeDropped: (dropped: number) => string,
  maxBufferedBytes: number = MAX_BUFFERED_BYTES,
): LineWriter {
  let dropped = 0;
  const reportGap = (): void => {
    if (dropped === 0) return;
    const line = describeDropped(dropped);
    dropped = 0;
    output.write(`${line}\n`);
  };
  output.on('drain', reportGap);
  return (line) => {
    const waiting = output.writableLength;
    // With nothing waiting no drain will come: a gap ends here.
    if (waiting === 0) reportGap();
    // While lines are missing, later ones are dropped too until the drain: the gap stays one gap, reported once.
    if (dropped > 0 || (waiting > 0 && waiting + line.length > maxBufferedBytes)) dropped += 1;
    else output.write(`${line}\n`);
  };
}
