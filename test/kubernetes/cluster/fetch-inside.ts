import { type Machine, runInside } from './machine.ts';

/** The body of what a URL answers inside the machine's network. Throws when there is no answer. */
export function fetchInside(machine: Machine, url: string, method = 'GET'): Promise<string> {
  const script = `
    const answer = await fetch(process.argv[1], { method: process.argv[2], signal: AbortSignal.timeout(30_000) });
    process.stdout.write(await answer.text());
  `;
  return runInside(machine, [process.execPath, '--input-type=module', '--eval', script, url, method]);
}
