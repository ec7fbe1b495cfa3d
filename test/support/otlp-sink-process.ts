import { startOtlpSink } from './otlp-sink.ts';

/** An OTLP sink in a process of its own, so that a measurement sees the exporter alone. Forked; answers `count` with spans taken. */
const sink = await startOtlpSink();
process.send?.({ url: sink.url });
process.on('message', () =>
  process.send?.({ taken: sink.spans.size, requests: sink.requests.length, bytes: sentBytes() }),
);
process.on('disconnect', () => process.exit(0));

function sentBytes(): number {
  return sink.requests.reduce((sum, { bytes }) => sum + bytes, 0);
}
