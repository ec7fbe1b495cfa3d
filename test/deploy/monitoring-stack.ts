import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { type Server, createServer } from 'node:http';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import type { Loose } from './rendered-chart.ts';
import { freePort } from '../support/free-port.ts';
import { type StartedProgram, fetchJson, startProgram, untilReady } from './started-program.ts';

/** Programs of Debian's packages prometheus and prometheus-alertmanager. */
export const STACK_NEEDS = ['prometheus', 'prometheus-alertmanager'] as const;

export type FiredAlert = {
  readonly status: 'firing' | 'resolved';
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
};

export type MonitoringStack = {
  /** Result of an instant query, as Prometheus' API has it. */
  query(expr: string): Promise<readonly Loose[]>;
  /** The rules as Prometheus has loaded them, with their health and their alerts. */
  rules(): Promise<readonly Loose[]>;
  /** What Alertmanager holds, muted alerts included. */
  alerts(): Promise<readonly Loose[]>;
  /** What Alertmanager has sent to a receiver so far. */
  sentTo(receiver: string): readonly FiredAlert[];
  stop(): Promise<void>;
};

export type StackOptions = {
  /** A folder to work in. */
  readonly folder: string;
  /** The program of Prometheus. */
  readonly prometheus: string;
  /** One scrape job, as in Prometheus' configuration. */
  readonly scrape: Readonly<Record<string, unknown>>;
  /** Content of a rules file; each group is evaluated once a second, whatever its own interval. */
  readonly rules: { readonly groups: readonly object[] };
  /** Text of an Alertmanager configuration; its waits are shortened and its receivers become one that the test hears. */
  readonly alertmanager: string;
};

/** Real Prometheus and real Alertmanager on loopback, once a second, until stopped. */
export async function startMonitoring(options: StackOptions): Promise<MonitoringStack> {
  const { folder, scrape, rules, alertmanager } = options;
  const started: StartedProgram[] = [];
  const sent = new Map<string, FiredAlert[]>();
  const hook = await startHook(sent);
  const stop = async (): Promise<void> => {
    for (const each of started) await each.stop();
    hook.close();
  };
  try {
    mkdirSync(folder, { recursive: true });
    const [alertmanagerPort, prometheusPort] = [await freePort(), await freePort()];
    writeFileSync(join(folder, 'alertmanager.yml'), stringify(heard(alertmanager, hook)));
    started.push(
      startProgram('prometheus-alertmanager', [
        `--config.file=${join(folder, 'alertmanager.yml')}`,
        `--storage.path=${join(folder, 'alertmanager')}`,
        `--web.listen-address=127.0.0.1:${alertmanagerPort}`,
        '--cluster.listen-address=',
      ]),
    );
    writeFileSync(
      join(folder, 'rules.yml'),
      stringify({ groups: rules.groups.map((group) => ({ ...group, interval: '1s' })) }),
    );
    writeFileSync(
      join(folder, 'prometheus.yml'),
      stringify({
        global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
        rule_files: ['rules.yml'],
        alerting: { alertmanagers: [{ static_configs: [{ targets: [`127.0.0.1:${alertmanagerPort}`] }] }] },
        scrape_configs: [scrape],
      }),
    );
    started.push(
      startProgram(options.prometheus, [
        `--config.file=${join(folder, 'prometheus.yml')}`,
        `--storage.tsdb.path=${join(folder, 'prometheus')}`,
        `--web.listen-address=127.0.0.1:${prometheusPort}`,
        '--log.level=warn',
      ]),
    );
    const [prometheus, manager] = [`http://127.0.0.1:${prometheusPort}`, `http://127.0.0.1:${alertmanagerPort}`];
    for (const address of [prometheus, manager]) await untilReady(`${address}/-/ready`, started);
    return {
      query: async (expr) =>
        (await fetchJson(`${prometheus}/api/v1/query?query=${encodeURIComponent(expr)}`)).data.result,
      rules: async () =>
        (await fetchJson(`${prometheus}/api/v1/rules`)).data.groups.flatMap((group: Loose) => group.rules),
      alerts: async () => fetchJson(`${manager}/api/v2/alerts`),
      sentTo: (receiver) => sent.get(receiver) ?? [],
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The configuration with waits of a second and each receiver a webhook of the test's. */
function heard(text: string, hook: Server): unknown {
  const config: Loose = parse(text);
  const { port } = hook.address() as AddressInfo;
  config.route = { ...config.route, group_wait: '1s', group_interval: '1s' };
  config.receivers = config.receivers.map(({ name }: Loose) => ({
    name,
    webhook_configs: [{ url: `http://127.0.0.1:${port}/${name}`, send_resolved: true }],
  }));
  return config;
}

async function startHook(sent: Map<string, FiredAlert[]>): Promise<Server> {
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      const receiver = (request.url ?? '').slice(1);
      const { alerts } = JSON.parse(Buffer.concat(pieces).toString('utf8')) as {
        readonly alerts: readonly FiredAlert[];
      };
      sent.set(receiver, [...(sent.get(receiver) ?? []), ...alerts]);
      response.end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}
