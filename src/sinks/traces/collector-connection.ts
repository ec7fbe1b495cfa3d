import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';

import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';

import type { TracePlan } from './plan-export.ts';

/** The contents of the files that a plan names; absent: none named, or unreadable and reported. */
export type TlsMaterial = { readonly ca?: string; readonly cert?: string; readonly key?: string };

/** `rejected`: spans that the collector refused in a request it accepted. */
export type SendResult =
  | { readonly kind: 'accepted'; readonly rejected: number }
  | { readonly kind: 'failed'; readonly error: string };

/** One request at a time to the collector. */
export type CollectorConnection = {
  /** Serialises and sends now; `done` is called once the collector answered or the exporter gave up, not in every case. */
  send(spans: ReadableSpan[], done: (result: SendResult) => void): void;
  /** Ends the request under way. The next one opens a new connection. */
  abandon(): void;
};

export type CollectorConnectionOptions = {
  readonly plan: TracePlan;
  readonly tls: TlsMaterial;
  readonly userAgent: string;
  /** Spans refused in the response that is being reported right now. */
  readonly takeRejected: () => number;
};

type ExporterConfig = NonNullable<ConstructorParameters<typeof OTLPTraceExporter>[0]>;

/**
 * An OTLP exporter with a connection of its own, so that a request that hangs can be ended without touching another. The
 * exporter's own timeout counts from the last byte and does not cover connecting (Node.js: `request.setTimeout`); the
 * caller keeps the deadline and calls `abandon`.
 */
export function createCollectorConnection(options: CollectorConnectionOptions): CollectorConnection {
  const { plan, tls, userAgent, takeRejected } = options;
  const single = { keepAlive: true, maxSockets: 1 };
  const agent = plan.url.startsWith('https:') ? new HttpsAgent({ ...single, ...tls }) : new HttpAgent(single);
  const compression: string = plan.compression;
  const exporter = new OTLPTraceExporter({
    url: plan.url,
    headers: { ...plan.headers },
    timeoutMillis: plan.timeoutMs,
    compression: compression as NonNullable<ExporterConfig['compression']>,
    // A request that was given up may not have been reported yet when the next one starts.
    concurrencyLimit: 4,
    httpAgentOptions: () => agent,
    userAgent,
  });
  return {
    send(spans, done) {
      exporter.export(spans, (result) => {
        if (result.code === 0) done({ kind: 'accepted', rejected: takeRejected() });
        else done({ kind: 'failed', error: describe(result.error) });
      });
    },
    abandon: () => agent.destroy(),
  };
}

/** An aggregate (a refused name with two addresses) has no message of its own. */
function describe(error: Error | undefined): string {
  if (error === undefined) return 'the collector did not accept the spans';
  const code = 'code' in error && (typeof error.code === 'string' || typeof error.code === 'number') ? error.code : '';
  return [code, error.message].filter((part) => part !== '').join(' ') || error.name;
}
