import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startOtlpSink } from '../support/otlp-sink.ts';
import { readStream } from '../support/stream-reader.ts';
import { canObserve, startClient, startObserver } from './observed-host.ts';
import { scratchFolder } from './scratch.ts';

const PORT = 15_433;
const INCIDENT_PORT = 15_440;
const ORDERLY_PORT = 20_100;

test.runIf(canObserve)('what happens to a program is an event; of an error there are a line and a span', async () => {
  const sink = await startOtlpSink();
  onTestFinished(() => sink.close());
  const folder = scratchFolder();
  const [config, journal] = [join(folder, 'finrst.yml'), join(folder, 'events.jsonl')];
  const group = `{name: db, observe: {}, static_configs: [{targets: ["127.0.0.1:${PORT}"]}]}`;
  writeFileSync(config, `tracing: {endpoint: "${sink.url}"}\ngroups: [${group}]\n`);
  const daemon = await startObserver(config, [`--events.file=${journal}`]);
  await daemon.logs(/msg="connections of other processes are observed"/);
  const address = new URL(daemon.url).host;
  using stream = await readStream(address, '/api/v1/events/stream?class=error');
  await stream.untilText(/^id: /m);

  await startClient('127.0.0.1', ORDERLY_PORT, 'fin', PORT).answer();
  const reset = startClient('127.0.0.1', 0, 'reset', PORT);
  const { pid } = await reset.answer();
  const [, traceId = ''] = await daemon.logs(
    new RegExp(`level=warn msg="observed connection ended".* pid=${pid} .*trace_id=([0-9a-f]{32})`),
  );
  const orderly = `127.0.0.1:${ORDERLY_PORT}`;
  await daemon.logs(new RegExp(`level=debug msg="observed connection ended".* local=${orderly} .*reason=fin`));

  const owner = { group: 'db', executable: 'python3' };
  const error = { ...owner, type: 'observed_ended', pid, class: 'error', reason: 'reset', errno: 'ECONNRESET' };
  const [message] = await stream.until(1);
  expect(message?.data).toMatchObject({ ...error, trace_id: traceId });
  const list = async (query: string) => {
    const answer = await fetch(`${daemon.url}/api/v1/events?${query}`);
    return ((await answer.json()) as { readonly events: readonly object[] }).events;
  };
  expect(await list('class=error')).toEqual([message?.data]);
  expect(await list('type=observed_ended')).toMatchObject([error, { group: 'db', local: orderly, reason: 'fin' }]);
  expect(await list('type=observed_connected')).toMatchObject([{ pid }, { local: orderly }]);

  const span = await sink.span(({ attributes }) => attributes['finrst.observed'] === true);
  expect(span).toMatchObject({ name: 'connection', traceId, status: 'error' });
  expect(span.attributes).toMatchObject({ 'process.pid': pid, 'process.executable.name': 'python3' });
  // Nobody listens in the namespace of the daemon.
  const page = await (await fetch(`${daemon.url}/peer?group=db&peer=127.0.0.1:${PORT}`)).text();
  expect(page).toContain('The applications&#39; connections end, and ours does not come about');
  daemon.child.kill('SIGTERM');
  expect(await daemon.exit).toBe(0);
  const lines = readFileSync(journal, 'utf8').split('\n');
  const observed = lines.filter((line) => line.includes('"observed_'));
  expect(observed.map((line) => JSON.parse(line) as object)).toMatchObject([{ ...error, trace_id: traceId }]);
});

test.runIf(canObserve)(
  'programs that lose connections to several peers at once make an incident of their own',
  async () => {
    const ports = [0, 1, 2, 3].map((index) => INCIDENT_PORT + index);
    const config = join(scratchFolder(), 'finrst.yml');
    const targets = ports.map((port) => `"127.0.0.1:${port}"`).join(', ');
    writeFileSync(config, `groups: [{name: db, observe: {}, static_configs: [{targets: [${targets}]}]}]\n`);
    const daemon = await startObserver(config);
    await daemon.logs(/msg="connections of other processes are observed"/);
    await Promise.all(ports.map((port) => startClient('127.0.0.1', 0, 'reset', port).answer()));
    const [, id] = await daemon.logs(
      /msg="incident: connections of applications to 4 of 4 peers of db ended within [^"]*" incident=(\d+) .*observed=true/,
    );
    const answer = await fetch(`${daemon.url}/api/v1/incidents`);
    const { incidents } = (await answer.json()) as { readonly incidents: readonly object[] };
    expect(incidents).toMatchObject([{ id, observed: true, ended: 4, of: 4, reasons: { reset: 4 } }]);
    await daemon.logs(/(?:msg="observed end explained"[^]*){4}/);
    const page = await (await fetch(`${daemon.url}/incidents/${id}`)).text();
    expect(page).toContain('Connections of applications to 4 of 4 peers');
  },
);
