// Writes what follows from layers.json: the lint rules about imports, and the table of layers in docs/architecture.md.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LINT_FILE, lintConfig, readLayers, replaceLayerTable } from './layers.ts';

const root = join(import.meta.dirname, '..');
const layers = readLayers(root);
writeFileSync(join(root, LINT_FILE), lintConfig(layers));
const page = join(root, 'docs/architecture.md');
writeFileSync(page, replaceLayerTable(readFileSync(page, 'utf8'), layers));
