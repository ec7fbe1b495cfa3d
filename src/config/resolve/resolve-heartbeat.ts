import { DEFAULT_HEARTBEAT, defaultAnswerTimeoutMs, type Heartbeat } from '../../settings/heartbeat.ts';
import type { HeartbeatValues } from '../schema/heartbeat-schema.ts';
import { formatDuration } from '../../text/duration.ts';
import type { LoginSettings } from '../../settings/protocol-settings.ts';
import { sizeProblem } from '../schema/field-schemas.ts';
import type { Partially } from '../schema/parse-partially.ts';
import { readNamedFile } from './read-named-file.ts';
import { LOGINS } from './logins/logins.ts';
import { addProblem, isValid, type ResolveContext } from './resolve-context.ts';
import type { Path } from '../../yaml/path.ts';

/** The heartbeat of a group, null when what is written there is none: then at least one problem was noted. */
export function resolveHeartbeat(
  context: ResolveContext,
  path: Path,
  values: Partially<HeartbeatValues>,
): Heartbeat | null {
  const send = resolveSend(context, path, values);
  // Without an interval the one that is written was refused: the load fails, with whatever stands in here.
  const intervalMs = values.interval ?? DEFAULT_HEARTBEAT.intervalMs;
  const timeoutPath = [...path, 'timeout'];
  if (values.timeout !== undefined && values.expect === undefined && isValid(context, [...path, 'expect'])) {
    addProblem(
      context,
      timeoutPath,
      'is given without expect; a timeout needs an answer to wait for, so add expect or remove it',
    );
  } else if (values.timeout !== undefined && values.timeout > intervalMs && isValid(context, [...path, 'interval'])) {
    const [timeout, interval] = [formatDuration(values.timeout), formatDuration(intervalMs)];
    addProblem(context, timeoutPath, `is ${timeout}; expected at most the interval, which is ${interval}`);
  }
  if (send === null) return null;
  const { expect = null } = values;
  const timeoutMs = expect === null ? null : (values.timeout ?? defaultAnswerTimeoutMs(intervalMs));
  return { protocol: { name: 'send_expect', settings: { send, expect } }, intervalMs, timeoutMs };
}

/** The keys that only bytes of one's own need. */
const OWN_BYTES = ['send', 'send_file', 'expect'] as const;

/** The heartbeat of a group with a protocol, which has words of its own for it: the times alone can be written. */
export function resolveLoginHeartbeat(
  context: ResolveContext,
  path: Path,
  { protocol, values }: { readonly protocol: LoginSettings; readonly values: Partially<HeartbeatValues> },
): Heartbeat {
  for (const key of OWN_BYTES) {
    if (!context.source.has([...path, key])) continue;
    addProblem(context, [...path, key], `stands beside protocol ${protocol.name}, which sends its own; remove it`);
  }
  const isWritten = context.source.has([...path, 'interval']);
  const intervalMs = (isWritten ? values.interval : undefined) ?? LOGINS[protocol.name].intervalMs;
  const timeoutMs = values.timeout ?? defaultAnswerTimeoutMs(intervalMs);
  if (timeoutMs > intervalMs && isValid(context, [...path, 'interval'])) {
    const [timeout, interval] = [formatDuration(timeoutMs), formatDuration(intervalMs)];
    addProblem(context, [...path, 'timeout'], `is ${timeout}; expected at most the interval, which is ${interval}`);
  }
  return { protocol, intervalMs, timeoutMs };
}

function resolveSend(context: ResolveContext, path: Path, values: Partially<HeartbeatValues>): Uint8Array | null {
  const filePath = [...path, 'send_file'];
  const hasFile = values.send_file !== undefined && values.send_file !== '';
  if (values.send !== undefined && hasFile)
    addProblem(context, filePath, 'stands beside send; expected one of the two');
  if (!hasFile) {
    if (values.send === undefined && isValid(context, [...path, 'send'], filePath)) {
      addProblem(context, path, "has nothing to send; expected send, like 'PING\\r\\n', or send_file");
    }
    return values.send ?? null;
  }
  const bytes = readNamedFile(context, filePath, values.send_file);
  const problem = bytes === null ? null : sizeProblem(bytes.length);
  if (problem !== null)
    addProblem(context, filePath, `names ${context.files.locate(values.send_file ?? '')}, which ${problem}`);
  return bytes;
}
