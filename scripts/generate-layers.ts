// Writes what follows from layers.json: the lint rules about imports, and the tables of layers in the docs.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hasLayerTable, LINT_FILE, lintConfig, readLayers, replaceLayerTable } from './layers.ts';

const root = join(import.meta.dirname, '..');
const layers = readLayers(root);
writeFileSync(join(root, LINT_FILE), lintConfig(layers));
for (const name of ['CONTRIBUTING.md', 'docs/architecture.md']) {
  const file = join(root, name);
  const page = existsSync(file) ? readFileSync(file, 'utf8') : '';
  if (hasLayerTable(page)) writeFileSync(file, replaceLayerTable(page, layers));
}
