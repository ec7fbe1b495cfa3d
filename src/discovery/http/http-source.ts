import { runInSlices } from '../../clock/run-in-slices.ts';
import { MOST_FILE_BYTES } from '../../files/file-content.ts';
import { ClientCredentials } from '../../http-client/client-credentials.ts';
import { type DocumentResult, fetchDocument } from '../../http-client/fetch-document.ts';
import type { HttpSettings } from '../../settings/http-settings.ts';
import { formatDuration } from '../../text/duration.ts';
import { contentDigest } from '../content-digest.ts';
import { describeProblems } from '../describe-problems.ts';
import type { PeerSource, SourceContext, SourceUpdate } from '../peer-source.ts';
import { type Refreshed, RefreshLoop } from '../refresh-loop.ts';
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
  readonly #loop: RefreshLoop;
  #underWay: AbortController | null = null;
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
    const { clock, random } = context;
    const intervalMs = settings.refreshIntervalMs;
    this.#loop = new RefreshLoop({ clock, random, intervalMs, refresh: () => this.#refresh() });
  }

  start(publish: (update: SourceUpdate) => void): void {
    this.#loop.start(publish);
  }

  stop(): void {
    this.#loop.stop();
    this.#underWay?.abort();
  }

  async #refresh(): Promise<Refreshed> {
    const result = await this.#fetch(Math.min(this.#settings.refreshIntervalMs, LONGEST_REFRESH_MS));
    if (result.kind === 'failed') return { kind: 'failed', why: result.why, place: null };
    return this.#take(result.bytes);
  }

  async #fetch(deadlineMs: number): Promise<DocumentResult> {
    const { clock, version } = this.#context;
    const { url, headers, client, refreshIntervalMs } = this.#settings;
    const credentials = await this.#credentials.read();
    if (credentials.kind === 'unusable') return { kind: 'failed', why: credentials.why };
    if (this.#loop.isStopped) return { kind: 'failed', why: 'was given up' };
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

  async #take(bytes: Uint8Array): Promise<Refreshed> {
    const { clock, readTargetList } = this.#context;
    const digest = await contentDigest(clock, bytes);
    if (digest === this.#digest) return { kind: 'refreshed' };
    const read = await readTargetList({ bytes, syntax: 'json', file: this.#name });
    if (read.kind === 'wrong') return { kind: 'failed', ...describeProblems(read.problems) };
    const { entries } = read;
    const meta = { __meta_url: this.#name };
    const before = this.#published;
    const groups = await runInSlices(clock, toTargetGroups({ name: this.#name, meta, entries, before }));
    this.#digest = digest;
    this.#published = entries.length;
    this.#loop.publish({ kind: 'groups', groups: groups ?? [] });
    return { kind: 'refreshed' };
  }
}
