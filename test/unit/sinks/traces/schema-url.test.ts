import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { SCHEMA_URL } from '../../../../src/sinks/traces/schema-url.ts';

test('the schema is that of the conventions which the tests hold attributes against', () => {
  const entry = createRequire(import.meta.url).resolve('@opentelemetry/semantic-conventions');
  const { version } = JSON.parse(readFileSync(join(dirname(entry), '../package.json'), 'utf8')) as { version: string };
  expect(SCHEMA_URL).toBe(`https://opentelemetry.io/schemas/${version}`);
});
