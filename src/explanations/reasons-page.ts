/** A section of the page: its text up to the next heading of any level. */
export type PageSection = { readonly heading: string; readonly anchor: string; readonly body: string };

/** What Envoy and HAProxy write for one of our words, as the page has it. */
export type ProxyCodes = { readonly envoy: string; readonly haproxy: string };

/** docs/reasons.md taken apart. */
export type ReasonsPage = {
  readonly sections: readonly PageSection[];
  /** By `error/reset`. */
  readonly proxyCodes: ReadonlyMap<string, ProxyCodes>;
};

const HEADING = /^#{2,3} (.+)$/;
const PROXY_ROW = /^\| \[(\w+\/\w+)\]\(#\S+\) \| (.+) \| (.+) \|$/;

/** Takes the page apart. What it does not hold is missing from the result; nothing is a failure. */
export function readReasonsPage(markdown: string): ReasonsPage {
  const sections: { heading: string; anchor: string; lines: string[] }[] = [];
  const proxyCodes = new Map<string, ProxyCodes>();
  for (const line of markdown.split('\n')) {
    const [, heading] = HEADING.exec(line) ?? [];
    if (heading !== undefined) sections.push({ heading, anchor: anchorOf(heading), lines: [] });
    else sections.at(-1)?.lines.push(line);
    const [, term, envoy, haproxy] = PROXY_ROW.exec(line) ?? [];
    if (term !== undefined && envoy !== undefined && haproxy !== undefined) proxyCodes.set(term, { envoy, haproxy });
  }
  return {
    sections: sections.map(({ heading, anchor, lines }) => ({ heading, anchor, body: lines.join('\n').trim() })),
    proxyCodes,
  };
}

/** The anchor of a heading, as GitHub makes it. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\w\- ]/g, '')
    .replaceAll(' ', '-');
}
