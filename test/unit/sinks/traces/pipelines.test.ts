import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';

import { systemClock } from '../../../../src/clock/system-clock.ts';
import { DEFAULT_TRACE_SETTINGS } from '../../../../src/settings/trace-settings.ts';
import { readFile } from '../../../support/read-file.ts';
import { Pipelines } from '../../../../src/sinks/traces/pipelines.ts';
import { SpanCounter } from '../../../../src/sinks/traces/span-counter.ts';

test('a reload opens a new pipeline where a file of the client certificate was replaced, and only then', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'finrst-traces-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const caFile = join(folder, 'ca.pem');
  const settings = { ...DEFAULT_TRACE_SETTINGS, endpoint: 'http://127.0.0.1:1', caFile };
  const options = {
    env: {},
    readFile,
    clock: systemClock,
    random: Math.random,
    build: { version: '1' },
    publish: () => {},
  };
  const pipelines = new Pipelines(options, new SpanCounter());
  onTestFinished(() => pipelines.close(0));

  await writeFile(caFile, 'first');
  await pipelines.use(settings);
  const first = pipelines.running?.pipeline;
  await pipelines.use(settings);
  expect(pipelines.running?.pipeline).toBe(first);

  await writeFile(caFile, 'second');
  await pipelines.use(settings);
  const second = pipelines.running?.pipeline;
  expect(second).toBeDefined();
  expect(second).not.toBe(first);

  await pipelines.use(null);
  expect(pipelines.running).toBeNull();
});
