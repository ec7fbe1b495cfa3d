import type { Timer } from '../../clock/clock.ts';
import { runInSlices } from '../../clock/run-in-slices.ts';
import { MOST_FILE_BYTES } from '../../files/file-content.ts';
import { ClientCredentials } from '../../http-client/client-credentials.ts';
import { type DocumentResult, fetchDocument } from '../../http-client/fetch-document.ts';
import type { HttpSettings } from '../../settings/http-settings.ts';
import { formatDuration } from '../../text/duration.ts';
import { contentDigest } from '../content-digest.ts';
import { describeProblems } from '../describe-problems.ts';
import type { PeerSource, SourceContext, SourceUpdate } from '../peer-source.ts';
import { toTargetGroups } from '../to-target-groups.ts';

/** An answer that takes longer than the refresh interval, or than this, is none. */
const LONGEST_REFRESH_MS = 60_000;
/** Prometheus' pattern. */
const JSON_TYPE = /^application\/json(?:;\s*charset=(?:"utf-8"|utf-8))?$/i;

/** Targets that an HTTP server lists, asked again and again. A bad answer leaves the targets as they are. */
export class HttpSource implements PeerSource {
  readonly #settings: HttpSettings;
  readonly #context: SourceContext;
  readonly #credentials: ClientCredentials;
  /** The URL without what may be secret in it. */
  readonly #name: string;
  #publish: (update: SourceUpdate) => void = () => {};
  #timer: Timer | null = null;
  #underWay: AbortController | null = null;
  #isStopped = false;
  #isSynced = false;
  /** Sets that were published. */
  #published = 0;
  /** Of the last list that was good. */
  #digest: string | null = null;

  constructor(settings: HttpSettings, context: SourceContext) {
    this.#settings = settings;
    this.#context = context;
    this.#credentials = new ClientCredentials(settings.client, context.readFile);
    const { protocol, host, pathname } = new URL(settings.url);
    this.#name = `${protocol}//${host}${pathname}`;
  }

  start(publish: (update: SourceUpdate) => void): void {
    this.#publish = publish;
    void this.#refresh();
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
    this.#underWay?.abort();
  }

  async #refresh(): Promise<void> {
    const { clock, random } = this.#context;
    const { refreshIntervalMs } = this.#settings;
    const startedAt = clock.monotonic();
    const result = await this.#fetch(Math.min(refreshIntervalMs, LONGEST_REFRESH_MS));
    if (this.#isStopped) return;
    const tookMs = clock.monotonic() - startedAt;
    if (result.kind === 'failed') this.#publish({ kind: 'failed', why: result.why, place: null, tookMs });
    else await this.#take(result.bytes, tookMs);
    if (this.#isStopped) return;
    // Shards and replicas that started together must not ask together for ever.
    const untilNext = refreshIntervalMs * (0.9 + 0.2 * random()) - (clock.monotonic() - startedAt);
    this.#timer = clock.after(Math.max(0, untilNext), () => void this.#refresh());
  }

  async #fetch(deadlineMs: number): Promise<DocumentResult> {
    const { clock, version } = this.#context;
    const { url, headers, client, refreshIntervalMs } = this.#settings;
    const credentials = await this.#credentials.read();
    if (credentials.kind === 'unusable') return { kind: 'failed', why: credentials.why };
    if (this.#isStopped) return { kind: 'failed', why: 'was given up' };
    const underWay = new AbortController();
    this.#underWay = underWay;
    let isLate = false;
    const deadline = clock.after(deadlineMs, () => {
      isLate = true;
      underWay.abort();
    });
    const result = await fetchDocument({
      url,
      headers: {
        accept: 'application/json',
        'accept-encoding': 'gzip',
        'user-agent': `finrst/${version}`,
        'x-prometheus-refresh-interval-seconds': String(refreshIntervalMs / 1000),
      },
      ownHeaders: headers,
      credentials,
      followRedirects: client.followRedirects,
      contentType: JSON_TYPE,
      mostBytes: MOST_FILE_BYTES,
      signal: underWay.signal,
    });
    deadline.cancel();
    if (isLate) return { kind: 'failed', why: `did not answer in full within ${formatDuration(deadlineMs)}` };
    return result;
  }

  async #take(bytes: Uint8Array, tookMs: number): Promise<void> {
    const { clock, readTargetList } = this.#context;
    const digest = await contentDigest(clock, bytes);
    if (digest !== this.#digest) {
      const read = await readTargetList({ bytes, syntax: 'json', file: this.#name });
      if (this.#isStopped) return;
      if (read.kind === 'wrong') {
        this.#publish({ kind: 'failed', ...describeProblems(read.problems), tookMs });
        return;
      }
      const { entries } = read;
      const meta = { __meta_url: this.#name };
      const before = this.#published;
      const groups = await runInSlices(clock, toTargetGroups({ name: this.#name, meta, entries, before }));
      if (this.#isStopped) return;
      this.#digest = digest;
      this.#published = entries.length;
      this.#publish({ kind: 'groups', groups: groups ?? [] });
    }
    this.#publish({ kind: 'refreshed', tookMs });
    if (!this.#isSynced) this.#publish({ kind: 'synced' });
    this.#isSynced = true;
  }
}
