import { type YAMLMap, isMap, isNode, isScalar, parseDocument } from 'yaml';

const START = /<!-- values:.*-->\n/;
const END = '<!-- /values -->';
const MARK = ' -- ';

/** One value of the chart that means something by itself, in the order of the file. */
export type DocumentedValue = { readonly path: string; readonly fallback: string; readonly text: string };

/**
 * The chart's README with its table of values made anew from the comments of values.yaml.
 *
 * A value is documented by a comment `# -- text` right above it. Throws when a value has none, or when a marker is
 * missing: both are mistakes of whoever edited the files.
 */
export function chartReadme(readme: string, values: string): string {
  const start = START.exec(readme);
  const end = readme.indexOf(END);
  if (start === null || end < 0) throw new Error('README.md has lost its <!-- values --> markers');
  const rows = documentedValues(values).map(
    ({ path, fallback, text }) => `| \`${path}\` | ${cell(text)} | \`${cell(fallback)}\` |`,
  );
  const table = ['| value | what it does | default |', '| --- | --- | --- |', ...rows].join('\n');
  return `${readme.slice(0, start.index + start[0].length)}${table}\n${readme.slice(end)}`;
}

/** Every documented value of a values.yaml. */
export function documentedValues(values: string): readonly DocumentedValue[] {
  const { contents } = parseDocument(values);
  if (!isMap(contents)) throw new Error('values.yaml is not a map');
  return valuesOf(contents, []);
}

function valuesOf(map: YAMLMap, parents: readonly string[]): readonly DocumentedValue[] {
  return map.items.flatMap((pair, index) => {
    if (!isScalar(pair.key)) throw new Error(`a key below ${parents.join('.')} is not plain`);
    const path = [...parents, String(pair.key.value)];
    // The parser gives the comment of a nested map's first key to the map.
    const text = markedLine(pair.key.commentBefore) ?? (index === 0 ? markedLine(map.commentBefore) : null);
    if (text !== null) {
      const fallback = isNode(pair.value) ? (pair.value.toJSON() as unknown) : pair.value;
      return [{ path: path.join('.'), fallback: JSON.stringify(fallback), text }];
    }
    if (!isMap(pair.value) || pair.value.items.length === 0) {
      throw new Error(`values.yaml: ${path.join('.')} has no "#${MARK}" comment`);
    }
    return valuesOf(pair.value, path);
  });
}

function markedLine(comment: string | null | undefined): string | null {
  const line = comment?.split('\n').findLast((each) => each.startsWith(MARK));
  return line?.slice(MARK.length) ?? null;
}

function cell(text: string): string {
  return text.replaceAll('|', String.raw`\|`);
}
