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
      error: (...words) => this.#problem(words),
      warn: (message, ...details: unknown[]) => {
        if (message === PARTIAL_SUCCESS) this.#rejected += rejectedSpans(details[0]);
        else this.#problem([message, ...details]);
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

  #problem(words: readonly unknown[]): void {
    const message = describe(words);
    if (message === null || this.#reported.has(message) || this.#reported.size >= MAX_PROBLEMS) return;
    this.#reported.add(message);
    this.#report(message);
  }
}

/** Values of the OTEL_* variables, which may be secrets, stand in these. What is wrong with a variable we report ourselves. */
const ABOUT_VARIABLES = /^Configuration:|^Header "/;
/** An answer that cannot be read may be quoted. */
const LONGEST_PROBLEM = 500;

/** The words of a call of the SDK's logger in one line: a component's name, a sentence, an error. Null: for nobody else's eyes. */
function describe(words: readonly unknown[]): string | null {
  const texts = words.flatMap((word) => {
    if (word instanceof Error) return [word.message];
    return typeof word === 'string' ? [word] : []; // what else there is are bytes
  });
  if (texts.some((text) => ABOUT_VARIABLES.test(text))) return null;
  const message = texts.join(': ');
  return message.length > LONGEST_PROBLEM ? `${message.slice(0, LONGEST_PROBLEM)}...` : message;
}

/** The text of the response as the SDK prints it. A warning without refused spans is a success. */
function rejectedSpans(detail: unknown): number {
  const rejected = typeof detail === 'string' ? /"rejectedSpans":"?(\d+)/.exec(detail)?.[1] : undefined;
  return rejected === undefined ? 0 : Number(rejected);
}
