/** What resolv.conf says of names that are no whole ones. */
export type SearchList = {
  readonly domains: readonly string[];
  /** A name with so many dots is tried as it stands first. */
  readonly ndots: number;
};

/** resolv.conf(5) */
const MOST_NDOTS = 15;

/** The last `search` or `domain` line and the last `ndots` count. A file that is not there means none and 1. */
export function parseSearchList(resolvConf: string): SearchList {
  let domains: readonly string[] = [];
  let ndots = 1;
  for (const line of resolvConf.split('\n')) {
    const [keyword, ...words] = line.trim().split(/\s+/);
    if (keyword === 'domain') domains = words.slice(0, 1);
    if (keyword === 'search') domains = words;
    if (keyword !== 'options') continue;
    for (const option of words) {
      const dots = /^ndots:(\d+)$/.exec(option)?.[1];
      if (dots !== undefined) ndots = Math.min(MOST_NDOTS, Number(dots));
    }
  }
  // `search .` is how some write that there is none.
  return { domains: domains.map((domain) => domain.replace(/\.$/, '')).filter((domain) => domain !== ''), ndots };
}

/** The names to ask for, in order, as glibc has it: a final dot ends the search, dots enough bring the name itself first. */
export function namesToAsk(name: string, { domains, ndots }: SearchList): readonly string[] {
  if (name.endsWith('.')) return [name.slice(0, -1)];
  const dots = name.split('.').length - 1;
  const inDomains = domains.map((domain) => `${name}.${domain}`);
  return dots >= ndots ? [name, ...inDomains] : [...inDomains, name];
}
