/** A number as Grafana writes it in a unit. `nowMs` is only for times told relative to now. */
export function formatValue(value: number, unit: string, decimals: number | undefined, nowMs: number): string {
  if (!Number.isFinite(value)) return value === Infinity ? '+Inf' : '-';
  switch (unit) {
    case 'none':
      return fixed(value, decimals);
    case 'short':
      return scaled(value, 1000, ['', ' K', ' Mil', ' Bil'], decimals);
    case 'percentunit':
      return `${fixed(value * 100, decimals)}%`;
    case 's':
      return seconds(value, decimals);
    case 'cpm':
      return scaled(value, 1000, [' cpm', 'K cpm', 'M cpm'], decimals);
    case 'pps':
      return scaled(value, 1000, [' p/s', ' kp/s', ' Mp/s'], decimals);
    case 'bytes':
      return scaled(value, 1024, [' B', ' KiB', ' MiB', ' GiB'], decimals);
    case 'Bps':
      return scaled(value, 1000, [' B/s', ' kB/s', ' MB/s', ' GB/s'], decimals);
    case 'dtdurations':
      return duration(value, decimals ?? 0);
    case 'dateTimeFromNow':
      return fromNow((nowMs - value) / 1000);
    default:
      throw new Error(`the renderer does not know the unit ${unit}`);
  }
}

function fixed(value: number, decimals: number | undefined): string {
  return value.toFixed(decimals ?? fittingDecimals(value));
}

/** Three digits, or none where the number is whole. */
function fittingDecimals(value: number): number {
  const size = Math.abs(value);
  if (size === 0 || value % 1 === 0) return 0;
  const wanted = 1 - Math.floor(Math.log10(size));
  return Math.max(0, size / 10 ** -wanted > 2.25 ? wanted + 1 : wanted);
}

function scaled(value: number, factor: number, suffixes: readonly string[], decimals: number | undefined): string {
  let [rest, step] = [value, 0];
  while (Math.abs(rest) >= factor && step < suffixes.length - 1) [rest, step] = [rest / factor, step + 1];
  return `${fixed(rest, decimals)}${suffixes[step]}`;
}

function seconds(value: number, decimals: number | undefined): string {
  const size = Math.abs(value);
  if (size === 0) return '0 s';
  if (size < 1e-3) return `${fixed(value * 1e6, decimals)} µs`;
  if (size < 1) return `${fixed(value * 1e3, decimals)} ms`;
  if (size < 60) return `${fixed(value, decimals)} s`;
  if (size < 3600) return `${fixed(value / 60, decimals)} mins`;
  if (size < 86_400) return `${fixed(value / 3600, decimals)} hours`;
  if (size < 604_800) return `${fixed(value / 86_400, decimals)} days`;
  return `${fixed(value / 604_800, decimals)} weeks`;
}

const STEPS = [
  ['year', 31_536_000],
  ['month', 2_628_000],
  ['week', 604_800],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
] as const;

/** `decimals` more units than one, as Grafana counts them. */
function duration(value: number, decimals: number): string {
  const words: string[] = [];
  let rest = Math.abs(value);
  for (const [name, size] of STEPS) {
    const count = Math.floor(rest / size);
    if ((count === 0 && words.length === 0) || words.length > decimals) continue;
    words.push(`${count} ${name}${count === 1 ? '' : 's'}`);
    rest -= count * size;
  }
  return words.join(', ') || '0 seconds';
}

function fromNow(agoSeconds: number): string {
  if (agoSeconds < 45) return 'a few seconds ago';
  if (agoSeconds < 90) return 'a minute ago';
  if (agoSeconds < 45 * 60) return `${Math.round(agoSeconds / 60)} minutes ago`;
  return `${Math.round(agoSeconds / 3600)} hours ago`;
}
