import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { onTestFinished } from 'vitest';
import { until } from '../load.ts';
import type { ClientHost, ServerOfRow } from './client-host.ts';
import { type ClientRow, waits } from './client-rows.ts';

/** A client of a row as it runs, with connections that stand. */
export type ClientProcess = {
  readonly pid: number;
  readonly write: (text: string) => void;
  /** Ends its input. */
  readonly leave: () => void;
  readonly said: () => string;
  /** Resolves with its exit code once all that it said was read. */
  readonly exit: Promise<number | null>;
};

/** Resolves once its connections are as the row wants them: logged in, and waiting for the server or idle. */
export async function startClient(row: ClientRow, host: ClientHost, server: ServerOfRow): Promise<ClientProcess> {
  const { client, injected, id } = row;
  const command = client.command(injected, { host: row.host, port: server.port, row: id });
  const [file, ...args] = host.inside(command);
  const child = spawn(file, args, { stdio: 'pipe' });
  onTestFinished(() => void child.kill('SIGKILL'));
  // It may leave before it has read all of its input.
  child.stdin.on('error', () => undefined);
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => void (said += text));
  const exit = once(child, 'close').then(([code]) => code as number | null);
  if (!waits(injected)) child.stdin.write(client.input.first);
  const ready = client.ready[waits(injected) ? 'waits' : 'idle'];
  const isReady = (): boolean =>
    ready === 'server' ? asked(server.process.output(), id) === client.connections : ready.test(said);
  await until(isReady, () => child.exitCode).catch((error: unknown) => {
    throw new Error(`${id} is not ready: ${said}`, { cause: error });
  });
  return {
    pid: child.pid!,
    write: (text) => void child.stdin.write(text),
    leave: () => void child.stdin.end(),
    said: () => said,
    exit,
  };
}

/** How many sessions run the query of a row, as PostgreSQL's log has it. */
function asked(log: string, id: string): number {
  return log.match(new RegExp(`LOG: .*(?:statement|execute).*/\\* ${id} \\*/`, 'g'))?.length ?? 0;
}
