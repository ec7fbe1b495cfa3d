/** A strict reader of what `/metrics` says, for tests: whatever the format forbids is an error with its line. */
export type ParsedSample = {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  readonly exemplar?: {
    readonly labels: Readonly<Record<string, string>>;
    readonly value: number;
    readonly timestamp?: number;
  };
};
export type ParsedFamily = {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly samples: readonly ParsedSample[];
};
export type Parsed = ReadonlyMap<string, ParsedFamily>;

type Open = { name: string; type: string; help: string; samples: ParsedSample[] };

const SUFFIXES: Readonly<Record<string, readonly string[]>> = {
  counter: ['_total', '_created'],
  gauge: [''],
  histogram: ['_bucket', '_sum', '_count', '_created'],
};

/** OpenMetrics 1.0: ends in one EOF, no empty line, a counter's family without `_total`, canonical `le`, valid exemplars. */
export function parseOpenMetrics(text: string): Parsed {
  if (!text.endsWith('\n# EOF\n')) throw new Error('the text does not end in "# EOF" and a newline');
  const lines = text.slice(0, -'# EOF\n'.length).split('\n').slice(0, -1);
  if (lines.includes('')) throw new Error('OpenMetrics has no empty lines');
  const families = gather(lines);
  for (const family of families.values()) {
    const suffixes = SUFFIXES[family.type] ?? fail(`type ${family.type}`);
    if (family.type === 'counter' && family.name.endsWith('_total')) fail(`family ${family.name} carries _total`);
    for (const sample of family.samples) {
      if (!suffixes.some((suffix) => sample.name === family.name + suffix)) fail(`${sample.name} in ${family.name}`);
      checkExemplar(sample);
      const bound = sample.labels['le'];
      if (bound !== undefined && !/^(\d+\.\d+|\d+(\.\d+)?e[+-]\d+|\+Inf)$/.test(bound))
        fail(`le="${bound}" in ${sample.name}`);
    }
    check(family);
  }
  return families;
}

/** The text format 0.0.4: family names are sample names, or the histogram's without its suffix; no exemplars. */
export function parseTextFormat(text: string): Parsed {
  if (!text.endsWith('\n')) throw new Error('the last line does not end');
  const families = gather(text.split('\n').filter((line) => line !== ''));
  for (const family of families.values()) {
    for (const sample of family.samples) {
      const names =
        family.type === 'histogram'
          ? ['_bucket', '_sum', '_count'].map((suffix) => family.name + suffix)
          : [family.name];
      if (!names.includes(sample.name)) fail(`${sample.name} in ${family.name}`);
      if (sample.exemplar) fail(`an exemplar in the text format: ${sample.name}`);
    }
    check(family);
  }
  return families;
}

function gather(lines: readonly string[]): Map<string, Open> {
  const families = new Map<string, Open>();
  let open: Open | undefined;
  for (const line of lines) {
    const meta = /^# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.*)$/.exec(line);
    if (meta) {
      const [, kind, name = '', rest = ''] = meta;
      if (open?.name !== name) {
        if (families.has(name)) fail(`family ${name} begins twice`);
        open = { name, type: '', help: '', samples: [] };
        families.set(name, open);
      }
      if (open.samples.length > 0) fail(`${kind} of ${name} behind its samples`);
      if (kind === 'HELP') open.help = rest;
      else if (open.type !== '') fail(`two types of ${name}`);
      else open.type = rest;
    } else if (line.startsWith('#')) fail(`unexpected comment: ${line}`);
    else (open ?? fail(`a sample before any family: ${line}`)).samples.push(parseSample(line));
  }
  return families;
}

function parseSample(line: string): ParsedSample {
  const reader = new Reader(line);
  const name = reader.take(/[a-zA-Z_:][a-zA-Z0-9_:]*/y);
  const labels = reader.labels();
  reader.take(/ /y);
  const value = reader.number();
  if (reader.done()) return { name, labels, value };
  reader.take(/ # /y);
  const exemplarLabels = reader.labels();
  reader.take(/ /y);
  const exemplarValue = reader.number();
  if (reader.done()) return { name, labels, value, exemplar: { labels: exemplarLabels, value: exemplarValue } };
  reader.take(/ /y);
  const timestamp = reader.number();
  if (!reader.done()) fail(`more behind the exemplar: ${line}`);
  return { name, labels, value, exemplar: { labels: exemplarLabels, value: exemplarValue, timestamp } };
}

class Reader {
  readonly line: string;
  at = 0;
  constructor(line: string) {
    this.line = line;
  }
  take(pattern: RegExp): string {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.line)?.[0] ?? fail(`expected ${pattern} at ${this.at} of: ${this.line}`);
    this.at += found.length;
    return found;
  }
  done(): boolean {
    return this.at === this.line.length;
  }
  number(): number {
    const text = this.take(/[+-]?Inf|NaN|-?\d+(\.\d+)?(e[+-]?\d+)?/y);
    return Number(text.replace('Inf', 'Infinity'));
  }
  labels(): Record<string, string> {
    const labels: Record<string, string> = {};
    if (this.line[this.at] !== '{') return labels;
    this.take(/\{/y);
    while (this.line[this.at] !== '}') {
      if (Object.keys(labels).length > 0) this.take(/,/y);
      const name = this.take(/[a-zA-Z_][a-zA-Z0-9_]*/y);
      if (Object.hasOwn(labels, name)) fail(`label ${name} twice in: ${this.line}`);
      this.take(/="/y);
      const raw = this.take(/(?:[^"\\\n]|\\[\\"n])*/y);
      this.take(/"/y);
      labels[name] = raw.replace(/\\(.)/g, (_, character: string) => (character === 'n' ? '\n' : character));
    }
    this.take(/\}/y);
    return labels;
  }
}

function checkExemplar({ name, labels, exemplar }: ParsedSample): void {
  if (!exemplar) return;
  if (!/_(total|bucket)$/.test(name)) fail(`an exemplar at ${name}`);
  const length = Object.entries(exemplar.labels).flat().join('').length;
  if (length > 128) fail(`an exemplar of ${length} characters at ${name}`);
  const bound = labels['le'];
  if (bound !== undefined && exemplar.value > Number(bound.replace('+Inf', 'Infinity')))
    fail(`an exemplar above its bucket at ${name}`);
}

/** What both formats demand: no series twice, counters that are counts, whole histograms. */
function check(family: Open): void {
  const seen = new Set<string>();
  for (const { name, labels, value } of family.samples) {
    const series = seriesKey(name, labels);
    if (seen.has(series)) fail(`series twice: ${series}`);
    seen.add(series);
    if (family.type === 'counter' && !(value >= 0)) fail(`${series} is ${value}`);
  }
  if (family.type === 'histogram') checkHistogram(family);
}

function checkHistogram(family: Open): void {
  const counts = new Map<string, number>();
  const buckets = new Map<string, { bound: number; count: number }[]>();
  for (const { name, labels, value } of family.samples) {
    const { le, ...rest } = labels;
    const key = seriesKey('', rest);
    if (name.endsWith('_count')) counts.set(key, value);
    if (le === undefined) continue;
    buckets.set(key, [...(buckets.get(key) ?? []), { bound: Number(le.replace('+Inf', 'Infinity')), count: value }]);
  }
  for (const [key, list] of buckets) {
    for (const [index, { bound, count }] of list.entries()) {
      const before = list[index - 1];
      if (before && (bound <= before.bound || count < before.count))
        fail(`buckets of ${family.name}${key} out of order`);
    }
    const last = list.at(-1);
    if (last?.bound !== Infinity || last.count !== counts.get(key)) fail(`${family.name}${key}: +Inf is not the count`);
  }
  if (counts.size !== buckets.size) fail(`${family.name}: a histogram without buckets`);
}

/** A series as one comparable text, whatever the order of its labels. */
export function seriesKey(name: string, labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([label, value]) => `${label}=${JSON.stringify(value)}`);
  return `${name}{${pairs.sort().join(',')}}`;
}

function fail(message: string): never {
  throw new Error(message);
}
