import { runInSlices } from '../../clock/run-in-slices.ts';
import type { DnsSettings } from '../../settings/dns-settings.ts';
import { formatHostPort } from '../../text/host-port.ts';
import type { PeerSource, SourceContext, SourceUpdate, TargetGroup, TargetLabels } from '../peer-source.ts';
import { type Refreshed, RefreshLoop } from '../refresh-loop.ts';
import type { DnsRecord, DnsResolver } from './dns-records.ts';
import { lookUpName, type NameAnswer } from './look-up-name.ts';
import { parseSearchList, type SearchList } from './search-list.ts';

const RESOLV_CONF = '/etc/resolv.conf';
/** Three servers that do not answer take 18 s for each domain of the search list. */
const DEADLINE_MS = 30_000;
/** Names that are asked for at once: what a name server takes of one client. */
const MOST_AT_ONCE = 20;

/** Targets that DNS names, asked again and again. Each name counts by itself: one that fails keeps its targets. */
export class DnsSource implements PeerSource {
  readonly #settings: DnsSettings;
  readonly #context: SourceContext;
  readonly #openResolver: () => DnsResolver;
  readonly #loop: RefreshLoop;
  #resolver: DnsResolver | null = null;

  /** @param openResolver called once for each refresh */
  constructor(settings: DnsSettings, context: SourceContext, openResolver: () => DnsResolver) {
    this.#settings = settings;
    this.#context = context;
    this.#openResolver = openResolver;
    const { clock, random } = context;
    const intervalMs = settings.refreshIntervalMs;
    this.#loop = new RefreshLoop({ clock, random, intervalMs, refresh: () => this.#refresh() });
  }

  start(publish: (update: SourceUpdate) => void): void {
    this.#loop.start(publish);
  }

  stop(): void {
    this.#loop.stop();
    this.#resolver?.close();
  }

  async #refresh(): Promise<Refreshed> {
    const answers = await this.#lookUpAll();
    const groups: TargetGroup[] = [];
    const failures: string[] = [];
    for (const [index, name] of this.#settings.names.entries()) {
      const answer = answers[index];
      if (answer?.kind === 'records') groups.push(await this.#groupOf(name, answer.records));
      else failures.push(`${name}: ${answer?.why ?? ''}`);
    }
    if (groups.length > 0) this.#loop.publish({ kind: 'groups', groups });
    const [first, ...others] = failures;
    if (first === undefined) return { kind: 'refreshed' };
    const why = others.length === 0 ? first : `${first} (and ${others.length} more names)`;
    return { kind: 'failed', why, place: null };
  }

  async #lookUpAll(): Promise<readonly NameAnswer[]> {
    const { clock, readFile } = this.#context;
    const { names, type } = this.#settings;
    const content = await readFile(RESOLV_CONF);
    const text = content.kind === 'read' ? Buffer.from(content.bytes).toString('utf8') : '';
    const search: SearchList = parseSearchList(text);
    if (this.#loop.isStopped) return [];
    const resolver = this.#openResolver();
    this.#resolver = resolver;
    const deadline = clock.after(DEADLINE_MS, () => resolver.close());
    const answers: NameAnswer[] = [];
    for (let from = 0; from < names.length; from += MOST_AT_ONCE) {
      const some = names.slice(from, from + MOST_AT_ONCE);
      answers.push(...(await Promise.all(some.map((name) => lookUpName(resolver, { name, type }, search)))));
    }
    deadline.cancel();
    this.#resolver = null;
    return answers;
  }

  async #groupOf(name: string, records: readonly DnsRecord[]): Promise<TargetGroup> {
    const targets = await runInSlices(this.#context.clock, targetsOf(records, this.#settings.port));
    return { source: name, targets: targets ?? [], labels: { __meta_dns_name: name } };
  }
}

/** Records are a set: their order and what they weigh do not matter. */
function* targetsOf(records: readonly DnsRecord[], port: number | null): Generator<void, readonly TargetLabels[]> {
  const targets = new Map<string, TargetLabels>();
  for (const record of records) {
    yield;
    const target = targetOf(record, port);
    if (target !== null) targets.set(target['__address__'] ?? '', target);
  }
  const byAddress = [...targets].toSorted(([one], [other]) => (one < other ? -1 : 1));
  return byAddress.map(([, target]) => target);
}

/** Null: RFC 2782, a target of `.` says that the service is not there. */
function targetOf(record: DnsRecord, port: number | null): TargetLabels | null {
  if (record.type !== 'SRV') return { __address__: formatHostPort(record.address, port ?? 0) };
  const host = record.target.replace(/\.$/, '');
  if (host === '') return null;
  return {
    __address__: formatHostPort(host, record.port),
    __meta_dns_srv_record_target: `${host}.`,
    __meta_dns_srv_record_port: String(record.port),
  };
}
