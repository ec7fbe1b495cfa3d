import type { ExpositionFormat } from '../../settings/exposition-format.ts';

export const CONTENT_TYPES: Readonly<Record<ExpositionFormat, string>> = {
  text: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
};

/**
 * The format that an Accept header likes best: OpenMetrics 1.0 where it is named with at least the q-value of the text
 * format, else the text format, which is also the answer to a header that names neither (as the Prometheus libraries do;
 * a scraper that understands neither sees it by the Content-Type, not by a 406).
 */
export function negotiateFormat(accept: string | undefined): ExpositionFormat {
  let text = 0;
  let openmetrics = 0;
  for (const { value, parameters, q } of weighted(accept ?? '')) {
    const version = parameters.get('version');
    if (value === 'application/openmetrics-text') {
      if (version === undefined || version === '1.0.0') openmetrics = Math.max(openmetrics, q);
    } else if (value === 'text/plain') {
      if (version === undefined || version === '0.0.4') text = Math.max(text, q);
    }
  }
  return openmetrics > 0 && openmetrics >= text ? 'openmetrics' : 'text';
}

type Weighted = { readonly value: string; readonly parameters: ReadonlyMap<string, string>; readonly q: number };

/** The members of a header with q-values (RFC 9110, 12.4.2), in lower case. A malformed q counts as 0: not wanted. */
function weighted(header: string): readonly Weighted[] {
  return header
    .split(',')
    .map((member) => member.trim())
    .filter((member) => member !== '')
    .map((member) => {
      const [value = '', ...rest] = member.split(';').map((part) => part.trim().toLowerCase());
      const parameters = new Map(rest.map(parameter));
      const q = Number(parameters.get('q') ?? '1');
      return { value, parameters, q: q >= 0 && q <= 1 ? q : 0 };
    });
}

function parameter(text: string): [string, string] {
  const at = text.indexOf('=');
  if (at < 0) return [text, ''];
  return [
    text.slice(0, at).trim(),
    text
      .slice(at + 1)
      .trim()
      .replace(/^"(.*)"$/, '$1'),
  ];
}
