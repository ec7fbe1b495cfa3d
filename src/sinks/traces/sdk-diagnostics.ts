import { diag, type DiagLogger, DiagLogLevel } from '@opentelemetry/api';

/** What the SDK says when a collector took a request and refused spans in it (otlp-exporter-base, logging-response-handler). */
const PARTIAL_SUCCESS = 'Received Partial Success response:';
/** A distinct complaint is passed on once; so many different ones would be a flood of its own. */
const MAX_COMPLAINTS = 20;

export type SdkDiagnostics = {
  /** Takes the SDK's logger. To be called once the SDK has started. */
  listen(): void;
  /** Spans that collectors refused in requests they accepted, since the last call. */
  takeRejected(): number;
};

/**
 * Hears what the SDK only says in its own log: refused spans, of which its result has no word, and complaints, which
 * go to `complain` once each. The SDK has one logger per process; the last listener has it.
 */
export function createSdkDiagnostics(complain: (message: string) => void): SdkDiagnostics {
  let rejected = 0;
  const told = new Set<string>();
  const tell = (message: string) => {
    if (told.has(message) || told.size >= MAX_COMPLAINTS) return;
    told.add(message);
    complain(message);
  };
  const ignore = () => undefined;
  const logger: DiagLogger = {
    error: tell,
    warn(message, ...details: unknown[]) {
      if (message === PARTIAL_SUCCESS) rejected += rejectedSpans(details[0]);
      else tell(message);
    },
    info: ignore,
    debug: ignore,
    verbose: ignore,
  };
  return {
    listen() {
      diag.setLogger(logger, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
    },
    takeRejected() {
      const taken = rejected;
      rejected = 0;
      return taken;
    },
  };
}

/** The text of the response as the SDK prints it. A warning without refused spans is a success. */
function rejectedSpans(detail: unknown): number {
  const rejected = typeof detail === 'string' ? /"rejectedSpans":"?(\d+)/.exec(detail)?.[1] : undefined;
  return rejected === undefined ? 0 : Number(rejected);
}
