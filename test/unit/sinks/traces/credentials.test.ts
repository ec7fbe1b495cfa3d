import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { createFakeClock } from '../../../support/fake-clock.ts';
import { CollectorHealth } from '../../../../src/sinks/traces/collector-health.ts';
import { createCollectorConnection, type SendResult } from '../../../../src/sinks/traces/collector-connection.ts';
import { planExport } from '../../../../src/sinks/traces/plan-export.ts';

test('a user name and a password in a variable are used, and not printed when the collector refuses', async () => {
  const seen: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    seen.push(request.headers.authorization);
    request.resume().on('end', () => response.writeHead(400).end());
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: `http://me:hunter2@127.0.0.1:${port}` };
  const decision = planExport(null, env);
  if (decision.kind === 'off') throw new Error('tracing is off');
  const { plan } = decision;
  const connection = createCollectorConnection({ plan, tls: {}, userAgent: 'test', takeRejected: () => 0 });
  onTestFinished(() => connection.abandon());
  const result = await new Promise<SendResult>((resolve) => connection.send([], resolve));
  expect(seen).toEqual([`Basic ${Buffer.from('me:hunter2').toString('base64')}`]);

  const printed: unknown[] = [];
  const warn = (...line: readonly unknown[]) => void printed.push(line);
  new CollectorHealth({ url: plan.url, clock: createFakeClock(), warn }).sent(result, 1);
  expect(JSON.stringify(printed)).toContain(`http://127.0.0.1:${port}/v1/traces`);
  expect(JSON.stringify([printed, decision.warnings])).not.toContain('hunter2');
});
