/** Makes what is generated below deploy/ anew: the chart's README and schema, and the Kubernetes manifests. `node deploy/generate.ts` */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chartReadme } from './chart-readme.ts';
import { chartSchema } from './chart-schema.ts';
import { MANIFESTS, manifestsOf } from './kubernetes-manifests.ts';

const deploy = import.meta.dirname;
const readmeFile = join(deploy, 'chart/README.md');
const schemaFile = join(deploy, 'chart/values.schema.json');
const configSchema = readFileSync(join(deploy, '../finrst.schema.json'), 'utf8');
const values = readFileSync(join(deploy, 'chart/values.yaml'), 'utf8');

writeFileSync(readmeFile, chartReadme(readFileSync(readmeFile, 'utf8'), values));
writeFileSync(schemaFile, chartSchema(readFileSync(schemaFile, 'utf8'), configSchema));
for (const name of MANIFESTS) writeFileSync(join(deploy, 'kubernetes', name, 'finrst.yaml'), manifestsOf(name));
