import { readFileSync, writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startOtlpSink } from '../support/otlp-sink.ts';
import { scrape, startDaemon } from './finrst-process.ts';
import { listener, scratchFolder } from './scratch.ts';

test('five peers of a group that are reset at once are one incident, in every output, and over when they are back', async () => {
  const sink = await startOtlpSink();
  onTestFinished(() => sink.close());
  const hit: Socket[] = [];
  const targets = async (accept: (socket: Socket) => void): Promise<string[]> => {
    const ports = await Promise.all([1, 2, 3, 4, 5].map(() => listener(accept)));
    return ports.map((port) => `127.0.0.1:${port}`);
  };
  const [hitTargets, calmTargets] = [await targets((socket) => void hit.push(socket)), await targets(() => {})];
  const folder = scratchFolder();
  const [file, journal] = [join(folder, 'finrst.yml'), join(folder, 'events.jsonl')];
  const group = (name: string, its: readonly string[]) => ({ name, static_configs: [{ targets: its }] });
  const config = {
    global: { reconnect: { initial: '4s' } },
    groups: [group('hit', hitTargets), group('calm', calmTargets)],
  };
  writeFileSync(file, JSON.stringify(config));
  const daemon = await startDaemon(file, [`--events.file=${journal}`], { OTEL_EXPORTER_OTLP_ENDPOINT: sink.url });
  await daemon.logs(/(?:msg="connection established"[^]*){10}/);
  const incidents = async () =>
    ((await (await fetch(`${daemon.url}/api/v1/incidents`)).json()) as { incidents: Record<string, unknown>[] })
      .incidents;
  expect(await incidents()).toEqual([]);

  hit.forEach((socket) => socket.resetAndDestroy());
  const [line] = await daemon.logs(/^.*msg="incident: .*$/m);
  expect(line).toMatch(
    /level=warn msg="incident: 5 of 5 peers of hit ended within .*, all reset: .*; the other 5 peers are unharmed" incident=\d+ state=running scope=group value=hit /,
  );
  const [, id] = /incident=(\d+)/.exec(line) ?? [];

  // The peers come back by themselves, some of them at once.
  await daemon.logs(/^.*msg="incident over".*still_down=0.*$/m);
  const [over] = await incidents();
  expect(over).toMatchObject({
    id,
    state: 'over',
    scope: 'group',
    value: 'hit',
    ended: 5,
    of: 5,
    reasons: { reset: 5 },
    still_down: 0,
    observed: false,
  });
  const samples = await scrape(daemon.url);
  expect(samples.get('finrst_incident_active')).toBe(0);
  expect(samples.get('finrst_incidents_total{scope="group"}')).toBe(1);
  expect(samples.get('finrst_incidents_total{scope="process"}')).toBe(0);
  const { events } = (await (await fetch(`${daemon.url}/api/v1/events`)).json()) as {
    events: Record<string, unknown>[];
  };
  const explained = events.filter(({ type }) => type === 'explained');
  expect(explained).toHaveLength(5);
  expect(explained[0]).toMatchObject({ by: 'incident', incident: id, class: 'error', reason: 'reset' });
  const span = await sink.span(({ name }) => name === 'incident');
  expect(span.attributes).toMatchObject({ 'finrst.incident.scope': 'group', 'finrst.incident.value': 'hit' });
  daemon.child.kill('SIGTERM');
  await daemon.exit;
  const written = readFileSync(journal, 'utf8')
    .split('\n')
    .filter((text) => text.includes('"type":"incident"'));
  expect(written.map((text) => (JSON.parse(text) as { state: string }).state)).toEqual(['running', 'over']);
});
