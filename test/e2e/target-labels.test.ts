import { readFileSync, writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { parseOpenMetrics, parseTextFormat } from '../support/exposition-parser.ts';
import { startOtlpSink } from '../support/otlp-sink.ts';
import { startDaemon } from './finrst-process.ts';
import { listener, scratchFolder } from './scratch.ts';

/** Everything that could end a value, a line or a screen. */
const HOSTILE = 'a"} 1\\\nts=forged level=error\u001b[2J\u202e';

const configOf = (port: number, team: string): string =>
  JSON.stringify({
    global: { metrics: { target_labels: ['team', 'severity'] }, reconnect: { initial: '60s' } },
    groups: [{ name: 'g', static_configs: [{ targets: [`127.0.0.1:${port}`], labels: { team, zone: 'z' } }] }],
  });

test('a target label is on all that is said of a peer, escaped; another value keeps the connection and begins its series anew', async () => {
  const sink = await startOtlpSink();
  onTestFinished(() => sink.close());
  const accepted: Socket[] = [];
  const port = await listener((socket) => void accepted.push(socket));
  const folder = scratchFolder();
  const [file, journal] = [join(folder, 'finrst.yml'), join(folder, 'events.jsonl')];
  writeFileSync(file, configOf(port, HOSTILE));
  const daemon = await startDaemon(file, ['--config.auto-reload-interval=0s', `--events.file=${journal}`], {
    OTEL_EXPORTER_OTLP_ENDPOINT: sink.url,
  });
  const series = async (name: string) => {
    const text = parseTextFormat(await (await fetch(`${daemon.url}/metrics`)).text());
    const accept = { headers: { accept: 'application/openmetrics-text; version=1.0.0' } };
    const open = parseOpenMetrics(await (await fetch(`${daemon.url}/metrics`, accept)).text());
    const samples = text.get(name)?.samples;
    expect(open.get(name.replace(/_total$/, ''))?.samples.map(({ labels, value }) => ({ labels, value }))).toEqual(
      samples?.map(({ labels, value }) => ({ labels, value })),
    );
    return samples?.map(({ labels, value }) => ({ ...labels, value }));
  };
  const peer = { group: 'g', peer: `127.0.0.1:${port}` };

  const [connected] = await daemon.logs(/^.*msg="connection established".*$/m);
  expect(connected).toContain(String.raw` label.team="a\"} 1\\\nts=forged level=error\u001b[2J\u202e" connection_id=`);
  const labels = { ...peer, team: HOSTILE, severity: '' };
  expect(await series('finrst_connections_total')).toEqual([{ ...labels, value: 1 }]);
  expect(await series('finrst_peer_info')).toEqual([{ ...labels, address: '127.0.0.1', zone: 'z', value: 1 }]);

  writeFileSync(file, configOf(port, 'payments'));
  daemon.child.kill('SIGHUP');
  await daemon.logs(/msg="configuration reloaded" added=0 changed=1 removed=0 unchanged=0/);
  const relabelled = { ...peer, team: 'payments', severity: '' };
  expect(await series('finrst_connections_total')).toEqual([{ ...relabelled, value: 0 }]);
  expect(await series('finrst_peer_up')).toEqual([{ ...relabelled, value: 1 }]);
  expect(accepted).toHaveLength(1);

  accepted[0]?.resetAndDestroy();
  const [ended] = await daemon.logs(/^.*msg=disconnected.*$/m);
  expect(ended).toContain(' group=g label.team=payments connection_id=');
  expect(await series('finrst_peer_disconnects_by_reason_total')).toEqual([
    { ...relabelled, class: 'error', reason: 'reset', value: 1 },
  ]);
  const { events } = (await (await fetch(`${daemon.url}/api/v1/events`)).json()) as { events: object[] };
  expect(events).toMatchObject([
    { type: 'disconnected', labels: { team: 'payments' } },
    { type: 'connected', labels: { team: HOSTILE } },
  ]);
  const span = (name: string) => sink.span((one) => one.name === name);
  expect((await span('connect')).attributes).toMatchObject({ 'finrst.label.team': HOSTILE });
  expect((await span('connection')).attributes).toMatchObject({ 'finrst.label.team': 'payments' });

  daemon.child.kill('SIGTERM');
  expect(await daemon.exit).toBe(0);
  const lines = readFileSync(journal, 'utf8').trimEnd().split('\n');
  expect(lines.filter((line) => !/^[\x20-\x7e]+$/.test(line))).toEqual([]);
  const written = lines.map((line) => JSON.parse(line) as { readonly type: string; readonly labels?: object });
  // The wait before the next attempt is drawn: it may be over already.
  const first = written.filter(({ type }) => type.endsWith('connected')).slice(0, 2);
  expect(first.map((line) => line.labels)).toEqual([{ team: HOSTILE }, { team: 'payments' }]);
});
