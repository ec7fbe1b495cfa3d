import type { SilenceMeasurement } from '../daemon/measure-silence.ts';
import type { LadderEnd, MeasuredPeer } from '../domain/silence/silence-ladder-state.ts';
import {
  type AskedBy,
  askedText,
  secondsText,
  silenceParagraphs,
  type SilenceReport,
  silenceSentence,
} from '../explanations/silence-words.ts';
import { expectsAnswer } from '../settings/heartbeat.ts';
import { LONGEST_SILENCE_MS } from '../settings/silence-settings.ts';
import type { PeerSettings } from '../settings/peer-settings.ts';
import { LadderView } from '../terminal/ladder-view.ts';
import { silenceJson } from '../terminal/silence-json.ts';
import { parseTarget } from '../text/host-port.ts';
import { readableDuration } from '../text/figures.ts';
import { safeText } from '../text/safe-text.ts';
import { wrapText } from '../text/wrap-text.ts';
import { EXIT, command } from './command.ts';
import { MEASURE_FLAGS } from './flags/measure-flags.ts';
import type { FlagValues } from './flags/parse-flags.ts';
import type { Runtime } from './runtime.ts';
import { planWatch } from './watch-plan.ts';

type MeasureValues = FlagValues<typeof MEASURE_FLAGS>;

type Plan =
  | { readonly kind: 'plan'; readonly settings: PeerSettings }
  | { readonly kind: 'misused'; readonly messages: readonly string[] };

/** Finds out how long the path to a peer tolerates silence. Exit 0 with or without a limit, 1 where nothing can be said. */
export const measure = command({
  name: 'measure',
  usage: 'finrst measure HOST:PORT [flags]',
  summary: 'find out how long the path to a peer tolerates silence, and say whose limit that is',
  about: [
    'Opens connections that are silent, each for its step, then asks on each and says between which two steps the path',
    'forgets them, how, whose limit that is known to be, and which keepalive to set. Without --protocol or --heartbeat.send',
    'a keepalive probe asks: it proves the path as far as the first box that ends TCP. Ctrl-C ends it with what is known.',
  ].join('\n'),
  flags: MEASURE_FLAGS,
  examples: [
    'finrst measure ledger.partner.example:8443 --tls',
    'finrst measure redis-0:6379 --protocol=redis --up-to=1h',
    "finrst measure queue:61613 --heartbeat.send='\\n' --heartbeat.expect='\\n' --json",
    'finrst measure ledger.partner.example:8443 --steps=340s,345s,350s,355s,360s',
  ],
  operands: { least: 1, most: 1, completes: 'hosts' },
  async run(runtime, values, [peer = '']) {
    const plan = await planMeasure(runtime, values, peer);
    if (plan.kind === 'misused') {
      for (const message of plan.messages) runtime.printError(`finrst measure: ${message}`);
      return EXIT.misused;
    }
    // Asked for before the first await: a signal during the start must not be lost.
    const stopped = runtime.signals.stop();
    const run = new MeasureRun(runtime, { values, settings: plan.settings, peer });
    const measured = await runtime.measureSilence({
      clock: runtime.clock,
      random: runtime.random,
      settings: plan.settings,
      stepsMs: values.steps,
      upToMs: values['up-to'],
      connected: (reached) => run.reached(reached),
      decided: (result) => run.view?.decided(result),
    });
    if (measured.kind === 'failed') {
      runtime.printError(`finrst measure: ${measured.problem}`);
      return EXIT.failed;
    }
    run.measurement = measured.measurement;
    const end = await Promise.race([measured.measurement.ended, stopped.then(() => null)]);
    return run.finish(end);
  },
});

async function planMeasure(runtime: Runtime, values: MeasureValues, peer: string): Promise<Plan> {
  const messages = [
    ...(values['up-to'] < 1000 || values['up-to'] > LONGEST_SILENCE_MS
      ? ['--up-to is out of range; expected 1s to 7h']
      : []),
    ...(values['heartbeat.send'] !== null && values['heartbeat.expect'] === null
      ? ['--heartbeat.send is given without --heartbeat.expect: nothing would show that an answer came']
      : []),
  ];
  if (messages.length > 0) return { kind: 'misused', messages };
  const unused = { 'idle-timeout': null, keepalive: null, 'heartbeat.interval': null };
  // An answer may take as long as it is given, however often a daemon would ask.
  const timeout = values['heartbeat.timeout'];
  const interval = timeout === null || values['heartbeat.send'] === null ? null : timeout;
  const plan = await planWatch({ ...values, ...unused, 'heartbeat.interval': interval }, [peer], runtime);
  if (plan.kind === 'misused') return plan;
  const target = parseTarget(peer);
  const template = plan.config.groups[0]?.template;
  if (target.kind !== 'target' || template === undefined) throw new TypeError('the plan has checked the peer');
  const { host, port } = target.target;
  return { kind: 'plan', settings: { ...template, peer, host, port, labels: {} } };
}

type RunOf = { readonly values: MeasureValues; readonly settings: PeerSettings; readonly peer: string };

/** What one run prints. */
class MeasureRun {
  readonly #runtime: Runtime;
  readonly #of: RunOf;
  readonly #askedBy: AskedBy;
  readonly #startedAt: number;
  #peer: MeasuredPeer | null = null;
  measurement: SilenceMeasurement | null = null;
  view: LadderView | null = null;

  constructor(runtime: Runtime, of: RunOf) {
    this.#runtime = runtime;
    this.#of = of;
    this.#askedBy = askedByOf(of.settings);
    this.#startedAt = runtime.clock.now();
  }

  /** The first connection stands: prints the head, and draws the ladder from now on. */
  reached(peer: MeasuredPeer): void {
    const { measurement } = this;
    this.#peer = peer;
    if (this.#of.values.json || measurement === null) return;
    const { print, columns, colours, clock } = this.#runtime;
    for (const line of wrapText(this.#head(peer, measurement), columns())) print(line);
    const { rows, finding } = measurement;
    this.view = new LadderView({ write: print, colours, columns, clock, rows, finding });
    this.view.start();
  }

  /** Prints what was found; null: it was stopped. Returns the exit code. */
  finish(end: LadderEnd | null): number {
    const { measurement, view } = this;
    if (measurement === null) throw new TypeError('what has not begun cannot be over');
    const { print, clock, colours } = this.#runtime;
    const { rows, finding } = measurement;
    const report: SilenceReport = {
      end: end ?? { kind: 'stopped', finding: finding() },
      askedBy: this.#askedBy,
      rows: rows(),
      peer: safeText(this.#of.peer),
      address: this.#peer?.address ?? null,
      local: this.#peer?.local ?? null,
      startedAt: this.#startedAt,
      wallOffsetMs: clock.now() - clock.monotonic(),
    };
    measurement.stop();
    if (this.#of.values.json) print(silenceJson(report));
    else {
      const shown = view ?? new LadderView({ write: print, colours, columns: () => null, clock, rows, finding });
      shown.finish(silenceParagraphs(report), silenceSentence(report));
    }
    return isAnswer(report.end) ? EXIT.ok : EXIT.failed;
  }

  #head({ address, port, tls, rttMs }: MeasuredPeer, { stepsMs, mostMs }: SilenceMeasurement): string {
    const { clock } = this.#runtime;
    const rtt = rttMs === null ? '' : `, round trip ${readableDuration(rttMs)}`;
    const asks = this.#askedBy.kind === 'keepalive' ? 'a keepalive probe' : this.#askedBy.by;
    const atATime =
      this.#of.settings.protocol === null
        ? ', begun 0.5 s apart, all at a time'
        : ', three at a time, the longest first';
    const until = new Date(clock.now() + mostMs).toISOString().slice(11, 19);
    return [
      `${address.includes(':') ? `[${address}]` : address}:${port}${tls === null ? '' : `, ${tls}`}${rtt}.`,
      `${stepsMs.length} silences up to ${secondsText(stepsMs.at(-1) ?? 0)}${atATime}; after each ${asks} asks.`,
      askedText(this.#askedBy),
      `Ends at ${until} UTC at the latest (${readableDuration(mostMs)}). Ctrl-C ends it with what is known by then.`,
    ].join(' ');
  }
}

/** Where all ended at one moment something else happened meanwhile: that is no answer. */
function isAnswer(end: SilenceReport['end']): boolean {
  return end.kind === 'stopped' || (end.kind === 'found' && end.finding.kind !== 'together');
}

function askedByOf(settings: PeerSettings): AskedBy {
  if (!expectsAnswer(settings)) return { kind: 'keepalive' };
  const { protocol } = settings;
  return { kind: 'application', by: protocol === null ? 'the heartbeat' : `a heartbeat of ${protocol.name}` };
}
