import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One folder of `src/` in `layers.json`. */
export type Layer = {
  /** What lies in it, for the table in the docs. */
  readonly holds: string;
  /** Folders of `src/` that it may import, or a folder within one of them. */
  readonly ours: readonly string[];
  /** Packages that it may import; a scope stands for all its packages. */
  readonly packages?: readonly string[];
  /** Modules of Node.js that it may import, without `node:`; all of them unless given. */
  readonly node?: readonly string[];
  /** It may import neither Node.js nor packages. */
  readonly pure?: boolean;
  /** Its subfolders never import one another. */
  readonly apart?: boolean;
};

/** Who may import whom in `src/`: the one table behind the lint rules, the architecture test and the docs. */
export type Layers = {
  readonly folders: Readonly<Record<string, Layer>>;
  /** Folders whose types every folder may import, as types alone. */
  readonly typesForAll: readonly string[];
};

/** The lint configuration that follows from `layers.json`; `.oxlintrc.json` extends it. */
export const LINT_FILE = '.oxlintrc.layers.json';

/** How deep files may lie below `src/FOLDER/`. The lint rules know each depth by itself, so they need a bound. */
export const DEEPEST = 2;

/** `layers.json` as it stands. */
export function readLayers(root: string): Layers {
  return JSON.parse(readFileSync(join(root, 'layers.json'), 'utf8')) as Layers;
}

/** The text of `LINT_FILE`. Every import that no row allows is refused, known or not. */
export function lintConfig(layers: Layers): string {
  const folders = Object.entries(layers.folders).flatMap(([name, layer]) =>
    Array.from({ length: DEEPEST + 1 }, (_, depth) => override(layers, name, layer, depth)),
  );
  const main = {
    files: ['src/main.ts'],
    rules: restricted([
      { group: ['*', '!./**', ...NODE], message: 'src/main.ts imports our folders and Node.js, no package.' },
    ]),
  };
  return `${JSON.stringify({ overrides: [...folders, main] }, null, 2)}\n`;
}

type Pattern = {
  readonly message: string;
  readonly regex?: string;
  readonly group?: readonly string[];
  readonly allowTypeImports?: boolean;
};

const NODE = ['!node:*', '!node:*/**'];
const restricted = (patterns: readonly Pattern[]) => ({ 'no-restricted-imports': ['error', { patterns }] });

function override(layers: Layers, name: string, layer: Layer, depth: number) {
  const files = [`src/${name}/${'*/'.repeat(depth)}*.ts`];
  return { files, rules: restricted([...special(layers, name, layer, depth), allowed(layers, name, layer, depth)]) };
}

/**
 * Rules for single imports. They stand before the allow list, since the linter looks no further once a pattern with a
 * negation has let an import through.
 */
function special(layers: Layers, name: string, layer: Layer, depth: number): readonly Pattern[] {
  const patterns: Pattern[] = [];
  for (const types of layers.typesForAll) {
    if (types === name || layer.ours.includes(types)) continue;
    const message = `src/${name} imports only types from src/${types} (layers.json).`;
    patterns.push({ regex: `^(\\.\\./){${depth + 1}}${types}/`, allowTypeImports: true, message });
  }
  if (layer.apart === true && depth > 0) {
    const regex = `^(\\.\\./){${depth}}[^./]+/`;
    patterns.push({ regex, message: `Folders in src/${name} never import one another (layers.json).` });
  }
  if (layer.pure === true) return patterns;
  patterns.push({ regex: '^node:process$', message: 'Only src/main.ts touches `process`.' });
  if (name === 'clock') return patterns;
  patterns.push({ regex: '^node:(timers|perf_hooks)(/promises)?$', message: 'Time only through src/clock.' });
  return patterns;
}

/** Everything is refused, then what the row allows is let through. Later entries win over earlier ones. */
function allowed(layers: Layers, name: string, layer: Layer, depth: number): Pattern {
  const up = '../'.repeat(depth + 1);
  const own = depth === 0 ? [] : ['!../**'];
  const typesOnly = layers.typesForAll.filter((folder) => folder !== name);
  const ours = [...new Set([...layer.ours, ...typesOnly])].flatMap((path) => {
    const [folder = '', within] = path.split('/');
    const whole = [`!${up}${folder}`, `!${up}${folder}/**`];
    // A folder within another: the outer one has to be opened, else the inner one cannot be reached.
    return within === undefined ? whole : [`!${up}${folder}`, `${up}${folder}/**`, `!${up}${path}`, `!${up}${path}/**`];
  });
  // A pattern without a slash also lets the last part of a scoped name through, so scopes are refused once more.
  const [scopes, names] = [true, false].map((scoped) =>
    (layer.packages ?? [])
      .filter((path) => path.startsWith('@') === scoped)
      .flatMap((path) => [`!${path}`, `!${path}/**`]),
  );
  const packages = [...(names ?? []), '@*/**', ...(scopes ?? [])];
  const node = layer.pure === true ? [] : (layer.node?.map((name) => `!node:${name}`) ?? NODE);
  return {
    group: ['*', '!./**', ...own, `${up}**`, ...ours, ...packages, ...node],
    message: `src/${name} may import ${sentence(layer)} (layers.json).`,
  };
}

/** What a folder may import beside our folders: all of Node.js, and what is named. */
function othersOf({ pure, node, packages = [] }: Layer) {
  const whole = pure === true || node !== undefined ? [] : ['Node.js'];
  return { whole, named: [...(node ?? []).map((name) => `node:${name}`), ...packages] };
}

function sentence(layer: Layer): string {
  const { whole, named } = othersOf(layer);
  const all = [...layer.ours, ...named, ...whole];
  return all.length === 0 ? 'nothing' : all.join(', ');
}

const BEGIN = '<!-- layers: written by `npm run generate` -->';
const END = '<!-- end of layers -->';

/** Whether a page carries the table. */
export function hasLayerTable(page: string): boolean {
  return page.includes(BEGIN);
}

/** The page with its table of layers replaced. A page without the two marks is a mistake of ours. */
export function replaceLayerTable(page: string, layers: Layers): string {
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (begin === -1 || end < begin) throw new Error(`expected ${BEGIN} ... ${END}`);
  return `${page.slice(0, begin + BEGIN.length)}\n\n${layerTable(layers)}\n\n${page.slice(end)}`;
}

function layerTable({ folders, typesForAll }: Layers): string {
  const code = (name: string) => `\`${name}\``;
  const rows = Object.entries(folders).map(([name, layer]) => {
    const ours = layer.ours.length === 0 ? 'nothing' : layer.ours.map(code).join(' ');
    const { whole, named } = othersOf(layer);
    const other = [...whole, ...named.map(code)].join(', ') || 'nothing';
    const holds = layer.apart === true ? `${layer.holds}. Its folders never import one another` : layer.holds;
    return `| ${code(name)} | ${holds} | ${ours} | ${other} |`;
  });
  return [
    '| folder of `src/` | holds | may import of ours | and |',
    '|---|---|---|---|',
    ...rows,
    '',
    `Types of ${typesForAll.map(code).join(', ')} may be imported by every folder. \`main.ts\` may import all folders; nothing imports \`main.ts\`.`,
  ].join('\n');
}
