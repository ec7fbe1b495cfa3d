// Writes finrst.schema.json and the tables of keys in docs/configuration.md from the one schema in code.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { configJsonSchema, keyReference, replaceReference } from './config-reference.ts';

const root = join(import.meta.dirname, '..');
const page = join(root, 'docs', 'configuration.md');
writeFileSync(join(root, 'finrst.schema.json'), `${JSON.stringify(configJsonSchema(), null, 2)}\n`);
writeFileSync(page, replaceReference(readFileSync(page, 'utf8'), keyReference()));
