import { ClientCredentials } from '../http-client/client-credentials.ts';
import { openResponse } from '../http-client/open-response.ts';
import { type ServerSentEvent, ServerSentEvents } from '../http-client/server-sent-events.ts';
import type { HttpClientSettings } from '../settings/http-client-settings.ts';
import type { StreamView } from '../terminal/stream-view.ts';
import { readableDuration } from '../text/figures.ts';
import type { LineFields } from '../text/line-format.ts';
import { timestamp } from '../text/timestamp.ts';
import type { Runtime } from './runtime.ts';

/** The daemon writes a comment every 15 s. */
const SILENCE_MS = 45_000;
const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 30_000;
/** Ids are milliseconds of the daemon's start x 4096, and count on: so many more while nobody looked are those of a later start. */
const IDS_PER_MS = 4096;
const RESTART_IDS = 1000 * IDS_PER_MS;

export type FollowedStreamOptions = {
  readonly runtime: Runtime;
  readonly view: StreamView;
  readonly url: URL;
  readonly client: HttpClientSettings;
  readonly signal: AbortSignal;
};

/** How a stream ended. `final`: asking again is of no use. */
type Ended = { readonly why: string; readonly isFinal: boolean };

/** The stream of events of a running daemon, opened again with growing waits after each time that it is dropped. */
export class FollowedStream {
  readonly #options: FollowedStreamOptions;
  readonly #credentials: ClientCredentials;
  #lastId: string | null = null;
  #wasOpen = false;
  #waitMs = FIRST_WAIT_MS;

  constructor(options: FollowedStreamOptions) {
    this.#options = options;
    this.#credentials = new ClientCredentials(options.client, options.runtime.readFile);
  }

  /** Resolves with what makes it useless to go on; never, where the signal ends it. */
  async follow(): Promise<string> {
    const { runtime, view, signal, url } = this.#options;
    for (;;) {
      const { why, isFinal } = await this.#read();
      if (signal.aborted) return new Promise(() => {});
      if (isFinal || !this.#wasOpen) return `${url.href} ${why}`;
      const waitMs = this.#waitMs * (0.5 + runtime.random() / 2);
      view.note(`the stream was dropped: ${url.host} ${why}; next try in ${readableDuration(waitMs)}`);
      await this.#wait(waitMs);
      this.#waitMs = Math.min(2 * this.#waitMs, LONGEST_WAIT_MS);
    }
  }

  /** Never resolves where the signal ends it. */
  #wait(lengthMs: number): Promise<void> {
    const { runtime, signal } = this.#options;
    return new Promise((resolve) => {
      const timer = runtime.clock.after(lengthMs, () => {
        signal.removeEventListener('abort', stop);
        resolve();
      });
      const stop = (): void => timer.cancel();
      signal.addEventListener('abort', stop);
    });
  }

  async #read(): Promise<Ended> {
    const { runtime, url, signal } = this.#options;
    const credentials = await this.#credentials.read();
    if (credentials.kind === 'unusable') return { why: `is not asked: ${credentials.why}`, isFinal: true };
    const silent = new AbortController();
    const giveUp = (): void => silent.abort();
    let timer = runtime.clock.after(SILENCE_MS, giveUp);
    const opened = await openResponse({
      url,
      headers: {
        Accept: 'text/event-stream',
        ...(credentials.authorization !== null && { Authorization: credentials.authorization }),
        ...(this.#lastId !== null && { 'Last-Event-ID': this.#lastId }),
      },
      tls: credentials.tls,
      signal: AbortSignal.any([signal, silent.signal]),
    });
    try {
      if (opened.kind === 'failed') {
        return { why: silent.signal.aborted ? SILENT : opened.why, isFinal: false };
      }
      const { response } = opened;
      const wrong = wrongAnswer(response.statusCode ?? 0, response.headers['content-type'] ?? '');
      if (wrong !== null) {
        response.destroy();
        return wrong;
      }
      const events = new ServerSentEvents();
      let isMissing = false;
      for await (const piece of response.setEncoding('utf8')) {
        timer.cancel();
        timer = runtime.clock.after(SILENCE_MS, giveUp);
        const messages = events.push(String(piece));
        if (messages === null) return { why: 'sent a message over 1 MiB; expected events of Finrst', isFinal: true };
        for (const message of messages) {
          isMissing = message.event === 'gap';
          this.#take(message);
        }
      }
      return { why: isMissing ? 'gave this reader up: it read too slowly' : 'ended it', isFinal: false };
    } catch {
      return { why: silent.signal.aborted ? SILENT : 'cut the connection off', isFinal: false };
    } finally {
      timer.cancel();
    }
  }

  #take(message: ServerSentEvent): void {
    const { view } = this.#options;
    this.#place(message.id);
    if (message.event === 'gap')
      view.note('events are missing here: the daemon has forgotten them, or this reader was too slow');
    // Connections of applications that come and go in order are no news for people.
    if (message.data === null || message.event === 'gap' || message.event === 'observed') return;
    const fields = fieldsOf(message.data);
    if (fields === null) view.note('a message is no event of Finrst and is left out');
    else if (message.event === 'burst') view.note(burstWords(message.data));
    else view.event(fields);
  }

  /** The first place of each connection says since when the daemon runs. */
  #place(id: string | null): void {
    if (id === null || !/^\d{1,16}$/.test(id)) return;
    const { view, url } = this.#options;
    const [before, now] = [Number(this.#lastId ?? 0), Number(id)];
    const startedAt = timestamp(Math.floor(now / IDS_PER_MS));
    if (!this.#wasOpen) view.note(`watching ${url.host}`);
    else if (now - before > RESTART_IDS) view.note(`the daemon was restarted at ${startedAt}`);
    else if (this.#waitMs > FIRST_WAIT_MS) view.note(`the stream goes on`);
    this.#wasOpen = true;
    this.#waitMs = FIRST_WAIT_MS;
    this.#lastId = id;
  }
}

const SILENT = `said nothing for ${SILENCE_MS / 1000} s`;

function wrongAnswer(status: number, type: string): Ended | null {
  if (status === 503) return { why: 'answered 503: it has no place for another stream, or stops', isFinal: false };
  const expected = 'expected 200 and a stream of events (text/event-stream): is this the address of a running Finrst?';
  if (status === 401 || status === 403)
    return { why: `answered ${status}; it expects --username and --password-file that it knows`, isFinal: true };
  if (status === 400)
    return { why: 'answered 400; expected the parameters group, peer, class, type and since_id', isFinal: true };
  if (status !== 200) return { why: `answered ${status}; ${expected}`, isFinal: status < 500 };
  return type.startsWith('text/event-stream')
    ? null
    : { why: `answered with ${type || 'no type'}; ${expected}`, isFinal: true };
}

/** The plain fields of an event, and its labels; null: the text is no JSON object. */
function fieldsOf(text: string): LineFields | null {
  const value = parsed(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const fields: Record<string, LineFields[string]> = {};
  for (const [key, field] of Object.entries(value) as (readonly [string, unknown])[]) {
    const isPlain = typeof field === 'string' || typeof field === 'number' || typeof field === 'boolean';
    if (isPlain || (key === 'labels' && isLabels(field))) fields[key] = field;
  }
  return fields;
}

function isLabels(value: unknown): value is Readonly<Record<string, string>> {
  return typeof value === 'object' && value !== null && Object.values(value).every((each) => typeof each === 'string');
}

/** "512 events at once (510 disconnected, 2 connected) of 3 groups". */
function burstWords(text: string): string {
  const { events, types, groups } = parsed(text) as { events?: unknown; types?: unknown; groups?: unknown };
  const counts = typeof types === 'object' && types !== null ? Object.entries(types) : [];
  const words = counts.map(([type, count]: [string, unknown]) => `${String(count)} ${type}`).join(', ');
  return `${String(events)} events at once (${words}) of ${String(groups)} groups: too many to print each`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
