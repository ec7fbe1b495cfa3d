import { DEFAULT_HTTP_CLIENT_SETTINGS, type HttpClientSettings } from '../settings/http-client-settings.ts';
import { createStreamView } from '../terminal/stream-view.ts';
import { EXIT } from './command.ts';
import { FollowedStream } from './followed-stream.ts';
import type { FlagValues } from './flags/parse-flags.ts';
import type { WATCH_FLAGS } from './flags/watch-flags.ts';
import { signalOrTime } from './run-until-signal.ts';
import type { Runtime } from './runtime.ts';

type Values = FlagValues<typeof WATCH_FLAGS>;

/** What says how the daemon is asked, and what is printed. All other flags say how peers are held. */
const WITH_URL: readonly (keyof Values)[] = [
  'url',
  'for',
  'fail-on',
  'json',
  'username',
  'password-file',
  'tls.server-name',
  'tls.ca-file',
  'tls.cert-file',
  'tls.key-file',
  'tls.insecure-skip-verify',
];

const PATH = 'api/v1/events/stream';

/** Prints what a running daemon's stream of events tells until a signal or the end of `--for`; resolves with the exit code. */
export async function watchUrl(runtime: Runtime, values: Values, operands: readonly string[]): Promise<number> {
  const mistakes = mistakesOf(values, operands);
  for (const mistake of mistakes) runtime.printError(`finrst watch: ${mistake}`);
  if (mistakes.length > 0) return EXIT.misused;
  const { clock, print: write, colours, columns } = runtime;
  const view = createStreamView({ clock, write, colours, columns, json: values.json });
  const giveUp = new AbortController();
  const startedAt = clock.monotonic();
  const isOver = signalOrTime(runtime, runtime.signals.stop(), values.for).then(() => giveUp.abort());
  const watched = new FollowedStream({ runtime, view, signal: giveUp.signal, ...askedOf(values) });
  const problem = await Promise.race([watched.follow(), isOver.then(() => null)]);
  if (problem !== null) {
    runtime.printError(`finrst watch: ${problem}`);
    return EXIT.failed;
  }
  view.summarize(clock.monotonic() - startedAt);
  const failures = [...view.seen.keys()].filter((key) =>
    values['fail-on'].some((word) => key.startsWith(`ended ${word}/`)),
  );
  for (const failure of failures) runtime.printError(`finrst watch: --fail-on: ${failure}`);
  return failures.length > 0 ? EXIT.failed : EXIT.ok;
}

function mistakesOf(values: Values, operands: readonly string[]): readonly string[] {
  const [operand] = operands;
  const url = URL.canParse(values.url ?? '') ? new URL(values.url ?? '') : null;
  const beside = (Object.keys(values) as (keyof Values)[]).filter(
    (flag) => !WITH_URL.includes(flag) && values[flag] !== null && values[flag] !== false,
  );
  return [
    ...(url === null || !/^https?:$/.test(url.protocol)
      ? [
          `--url is "${values.url}", expected the http:// or https:// address of a running Finrst, like http://127.0.0.1:10346`,
        ]
      : []),
    ...(url !== null && (url.username !== '' || url.password !== '')
      ? ['--url holds a name or a password; give --username and --password-file']
      : []),
    ...(operand === undefined
      ? []
      : [`--url stands beside the peer "${operand}": the daemon holds its own; remove one of them`]),
    ...beside.map((flag) => `--${flag} stands beside --url: how peers are held is in the configuration of the daemon`),
    ...(values['fail-on'].includes('never')
      ? ['--fail-on=never stands beside --url: its events do not tell which peers there are']
      : []),
  ];
}

/** The query of the URL filters: it has the parameters of the stream. */
function askedOf(values: Values): { readonly url: URL; readonly client: HttpClientSettings } {
  const url = new URL(values.url ?? '');
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/${PATH}`;
  const { username, 'password-file': passwordFile } = values;
  const tls = {
    ...DEFAULT_HTTP_CLIENT_SETTINGS.tls,
    serverName: values['tls.server-name'],
    caFile: values['tls.ca-file'],
    certFile: values['tls.cert-file'],
    keyFile: values['tls.key-file'],
    insecureSkipVerify: values['tls.insecure-skip-verify'],
  };
  const authentication =
    username === null ? null : ({ kind: 'basic', username, usernameFile: null, passwordFile } as const);
  return { url, client: { ...DEFAULT_HTTP_CLIENT_SETTINGS, authentication, tls } };
}
