import { get as getPlain } from 'node:http';
import { get as getSecure } from 'node:https';
import type { Clock } from '../clock/clock.ts';
import { EXIT, NO_OPERANDS, command } from './command.ts';
import { durationFlag, textFlag } from './flags/flag.ts';

/** Container runtimes give a check 30 s by default, orchestrators 1 s; a ready daemon answers in milliseconds. */
const PATIENCE_MS = 5000;
const BETWEEN_TRIES_MS = 1000;

const HEALTHCHECK_FLAGS = {
  url: textFlag('http://127.0.0.1:10346/-/ready', 'URL', 'What to ask.'),
  wait: durationFlag(0, 'Ask again each second until it is ready, for at most this long.'),
} as const;

/** Exit 0 if the daemon answers that it is ready, 1 otherwise, with one line that gives the reason. */
export const healthcheck = command({
  name: 'healthcheck',
  usage: 'finrst healthcheck [--url=URL] [--wait=DURATION]',
  summary: 'exit 0 if the daemon is ready (for container health checks)',
  about: 'Asks a running daemon whether it is ready. Exit code 0: it is; 1: it is not, or cannot be reached.',
  flags: HEALTHCHECK_FLAGS,
  examples: [
    'finrst healthcheck',
    'finrst healthcheck --url=http://127.0.0.1:8080/finrst/-/ready',
    'finrst healthcheck --wait=30s',
  ],
  operands: NO_OPERANDS,
  async run({ clock, print, printError }, { url, wait }) {
    if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
      printError(`finrst healthcheck: --url is "${url}", expected an http:// or https:// URL`);
      return EXIT.failed;
    }
    const endsAt = clock.monotonic() + wait;
    let answer = await ask(clock, url);
    while (!isReady(answer) && clock.monotonic() + BETWEEN_TRIES_MS <= endsAt) {
      await new Promise<void>((resolve) => clock.after(BETWEEN_TRIES_MS, resolve));
      answer = await ask(clock, url);
    }
    if (isReady(answer)) {
      print('ready');
      return EXIT.ok;
    }
    printError(answer.kind === 'answered' ? `not ready: ${url} answered ${answer.status}` : `not ready: ${answer.why}`);
    return EXIT.failed;
  },
});

type Answer =
  | { readonly kind: 'answered'; readonly status: number }
  | { readonly kind: 'unreachable'; readonly why: string };

function isReady(answer: Answer): boolean {
  return answer.kind === 'answered' && answer.status === 200;
}

async function ask(clock: Clock, url: string): Promise<Answer> {
  const get = url.startsWith('https:') ? getSecure : getPlain;
  return new Promise((resolve) => {
    // Only whether it answers counts, not its identity: its certificate rarely names 127.0.0.1.
    const request = get(url, { agent: false, rejectUnauthorized: false }, (response) => {
      response.resume();
      timer.cancel();
      resolve({ kind: 'answered', status: response.statusCode ?? 0 });
      request.destroy();
    });
    const timer = clock.after(PATIENCE_MS, () => {
      resolve({ kind: 'unreachable', why: `${url} did not answer within ${PATIENCE_MS / 1000} s` });
      request.destroy();
    });
    request.on('error', (error) => {
      timer.cancel();
      resolve({ kind: 'unreachable', why: `${url}: ${error.message}` });
    });
  });
}
