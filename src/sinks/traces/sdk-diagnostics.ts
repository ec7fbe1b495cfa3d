import { diag, type DiagLogger, DiagLogLevel } from '@opentelemetry/api';

/** What the SDK says when a collector took a request and refused spans in it (otlp-exporter-base, logging-response-handler). */
const PARTIAL_SUCCESS = 'Received Partial Success response:';
/** A distinct problem is reported once; so many different ones would be a flood of its own. */
const MAX_PROBLEMS = 20;

/**
 * Hears what the SDK only says in its own log: refused spans, of which its result has no word, and problems, which are
 * reported once each. The SDK has one logger per process; the last one that listens has it.
 */
export class SdkDiagnostics {
  readonly #report: (problem: string) => void;
  readonly #reported = new Set<string>();
  #rejected = 0;

  constructor(report: (problem: string) => void) {
    this.#report = report;
  }

  /** Takes the SDK's logger. To be called once the SDK has started. */
  listen(): void {
    const ignore = () => undefined;
    const logger: DiagLogger = {
      error: (message) => this.#problem(message),
      warn: (message, ...details: unknown[]) => {
        if (message === PARTIAL_SUCCESS) this.#rejected += rejectedSpans(details[0]);
        else this.#problem(message);
      },
      info: ignore,
      debug: ignore,
      verbose: ignore,
    };
    diag.setLogger(logger, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
  }

  /** Spans that collectors refused in requests they accepted, since the last call. */
  takeRejected(): number {
    const taken = this.#rejected;
    this.#rejected = 0;
    return taken;
  }

  #problem(message: string): void {
    if (this.#reported.has(message) || this.#reported.size >= MAX_PROBLEMS) return;
    this.#reported.add(message);
    this.#report(message);
  }
}

/** The text of the response as the SDK prints it. A warning without refused spans is a success. */
function rejectedSpans(detail: unknown): number {
  const rejected = typeof detail === 'string' ? /"rejectedSpans":"?(\d+)/.exec(detail)?.[1] : undefined;
  return rejected === undefined ? 0 : Number(rejected);
}
