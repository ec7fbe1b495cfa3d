import { DEFAULT_HEARTBEAT } from '../../settings/heartbeat.ts';
import { DEFAULT_SILENCE, LONGEST_SILENCE_MS } from '../../settings/silence-settings.ts';
import { formatDuration, parseDuration } from '../../text/duration.ts';
import { type Flag, durationFlag, settingFlag, switchFlag } from './flag.ts';
import { GROUP_FLAGS } from './watch-flags.ts';

/** TCP_KEEPIDLE has whole seconds: a probe cannot be forced after less. */
const SHORTEST_SILENCE_MS = 1000;
const MOST_STEPS = 64;

/** The flags of `measure`, in the order the help shows them. */
export const MEASURE_FLAGS = {
  'up-to': durationFlag(
    DEFAULT_SILENCE.upToMs,
    'The longest silence to try, at most 7h; steps below it are the usual limits.',
  ),
  steps: stepsFlag('The silences to try instead, separated by commas.'),
  tls: GROUP_FLAGS.tls,
  'tls.server-name': GROUP_FLAGS['tls.server-name'],
  'tls.ca-file': GROUP_FLAGS['tls.ca-file'],
  'tls.cert-file': GROUP_FLAGS['tls.cert-file'],
  'tls.key-file': GROUP_FLAGS['tls.key-file'],
  'tls.insecure-skip-verify': GROUP_FLAGS['tls.insecure-skip-verify'],
  protocol: { ...GROUP_FLAGS.protocol, help: `Log in by this protocol and ask by its heartbeat; three at a time.` },
  username: GROUP_FLAGS.username,
  'password-file': GROUP_FLAGS['password-file'],
  'heartbeat.send': settingFlag(
    'TEXT',
    'Ask by sending this. \\r \\n \\t \\\\ \\xHH are decoded, nothing is appended. Also sent once at the beginning.',
  ),
  'heartbeat.expect': GROUP_FLAGS['heartbeat.expect'],
  'heartbeat.timeout': settingFlag(
    'DURATION',
    'How long an answer may take.',
    formatDuration(DEFAULT_HEARTBEAT.timeoutMs),
  ),
  json: switchFlag('One JSON object at the end instead of text for people.'),
} as const;

function stepsFlag(help: string): Flag<readonly number[] | null> {
  return {
    placeholder: 'DURATION,...',
    repeatable: false,
    fallback: null,
    defaultText: '',
    help,
    read: ([text = '']) => {
      const steps = [...new Set(text.split(',').map((each) => parseDuration(each.trim()) ?? NaN))];
      if (
        steps.length <= MOST_STEPS &&
        steps.every((step) => step >= SHORTEST_SILENCE_MS && step <= LONGEST_SILENCE_MS)
      )
        return { kind: 'value', value: steps.toSorted((one, other) => one - other) };
      return { kind: 'unreadable', wanted: `at most ${MOST_STEPS} durations from 1s to 7h, like 340s,350s,360s` };
    },
  };
}
