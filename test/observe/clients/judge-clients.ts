import { type Client, type ClientRow, type Injected, type Verdict, VERDICTS } from './client-rows.ts';

/** An event `observed_ended` in the words of docs/http.md. */
export type ObservedEnd = {
  readonly class: string;
  readonly reason: string;
  readonly errno?: string;
  readonly pid?: number;
  readonly executable?: string;
};

/** All that is known of a row once its client has left. */
export type ClientRecord = {
  readonly pid: number;
  readonly exitCode: number | null;
  /** Its standard error and output. */
  readonly said: string;
  readonly ends: readonly ObservedEnd[];
  /** Counters: ends of the row's group by `class/reason`; of its peer all ends, connects, and what is still held. */
  readonly byReason: ReadonlyMap<string, number>;
  readonly byClass: number;
  readonly connects: number;
  readonly held: number;
};

const ERRNO_WORDS = [
  ['ECONNRESET', /connection reset by peer|ECONNRESET/gi],
  ['ETIMEDOUT', /connection timed out|recv timeout|ETIMEDOUT/gi],
] as const;

/** The errnos that these words name, and how often. */
function errnosSaid(said: string): ReadonlyMap<string, number> {
  const found = ERRNO_WORDS.map(([errno, words]) => [errno, said.match(words)?.length ?? 0] as const);
  return new Map(found.filter(([, count]) => count > 0));
}

/** Its process closed it, or ended. */
const CLOSED: Verdict = { class: 'local', reason: 'closed', errno: null };

/** What is wrong with a row: what was observed beside what was injected and what the client itself said. */
export function judgeClient({ client, injected }: ClientRow, record: ClientRecord): readonly string[] {
  const { ends, pid, byReason } = record;
  const verdict = VERDICTS[injected];
  const mayCloseFirst = injected !== 'leak' && client.says[injected].mayCloseFirst === true;
  const right = [verdict, ...(mayCloseFirst ? [CLOSED] : [])];
  const wanted = right.map(({ class: of, reason, errno }) => `${of}/${reason} ${errno}`);
  const faults = ends.flatMap((end) => {
    const seen = `${end.class}/${end.reason} ${end.errno ?? null}`;
    const owner = `${end.executable} ${end.pid}`;
    return [
      ...(wanted.includes(seen) ? [] : [`an end was ${seen}, not ${wanted.join(' or ')}`]),
      ...(owner === `${client.executable} ${pid}` ? [] : [`an end was of ${owner}, not ${client.executable} ${pid}`]),
    ];
  });
  const count = (what: string, is: number, be: number): void => {
    if (is !== be) faults.push(`${what}: ${is}, not ${be}`);
  };
  count('ends', ends.length, client.connections);
  count('connects counted', record.connects, client.connections);
  count('connections still counted', record.held, 0);
  count('ends counted by class', record.byClass, client.connections);
  const sum = (counts: Iterable<number>): number => [...counts].reduce((all, one) => all + one, 0);
  count('ends counted by reason', sum(byReason.values()), client.connections);
  count(
    'right ends counted',
    sum(right.map((one) => byReason.get(`${one.class}/${one.reason}`) ?? 0)),
    client.connections,
  );
  return [...faults, ...judgeWords(client, injected, record)];
}

function judgeWords(client: Client, injected: Injected, { said, exitCode }: ClientRecord): readonly string[] {
  const errnos = errnosSaid(said);
  if (injected === 'leak') return exitCode === 0 && errnos.size === 0 ? [] : [`it left with ${exitCode}: ${said}`];
  const { words, names } = client.says[injected];
  const named = new Map(names ? [[VERDICTS[injected].errno, client.connections]] : []);
  const text = (counts: ReadonlyMap<unknown, number>): string => JSON.stringify([...counts]);
  return [
    ...(exitCode === client.exitCode ? [] : [`it left with ${exitCode}, not ${client.exitCode}`]),
    ...(words.test(said) ? [] : [`it said ${said}, not ${words}`]),
    ...(text(errnos) === text(named) ? [] : [`it named ${text(errnos)}, not ${text(named)}: ${said}`]),
  ];
}

/** A row as docs/observe.md has it. */
export function sentence({ client, injected }: ClientRow, { said, ends }: ClientRecord): string {
  const own = injected === 'leak' ? 'nothing' : (client.says[injected].words.exec(said)?.[0] ?? said);
  const seen = new Set(ends.map((end) => [`${end.class}/${end.reason}`, end.errno ?? ''].join(' ').trim()));
  return `| ${client.name} | ${injected} | ${own} | ${[...seen].join(', ')} |`;
}
