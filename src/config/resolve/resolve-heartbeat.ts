import { DEFAULT_HEARTBEAT, defaultAnswerTimeoutMs, type Heartbeat } from '../../settings/heartbeat.ts';
import type { HeartbeatValues } from '../schema/heartbeat-schema.ts';
import { formatDuration } from '../../text/duration.ts';
import { sizeProblem } from '../schema/field-schemas.ts';
import type { Partially } from '../schema/parse-partially.ts';
import { complain, readNamed, sound } from './reading.ts';
import type { Reading } from './reading.ts';
import type { Path } from '../yaml/yaml-source.ts';

/** The heartbeat of a group, null when what is written there is none: then at least one problem was noted. */
export function resolveHeartbeat(reading: Reading, path: Path, values: Partially<HeartbeatValues>): Heartbeat | null {
  const send = resolveSend(reading, path, values);
  // Without an interval the one that is written was refused: the load fails, with whatever stands in here.
  const intervalMs = values.interval ?? DEFAULT_HEARTBEAT.intervalMs;
  const timeoutPath = [...path, 'timeout'];
  if (values.timeout !== undefined && values.expect === undefined && sound(reading, [...path, 'expect'])) {
    complain(
      reading,
      timeoutPath,
      'is given without expect; a timeout needs an answer to wait for, so add expect or remove it',
    );
  } else if (values.timeout !== undefined && values.timeout > intervalMs && sound(reading, [...path, 'interval'])) {
    const [timeout, interval] = [formatDuration(values.timeout), formatDuration(intervalMs)];
    complain(reading, timeoutPath, `is ${timeout}; expected at most the interval, which is ${interval}`);
  }
  const timeoutMs = values.timeout ?? defaultAnswerTimeoutMs(intervalMs);
  if (send === null) return null;
  return { send, intervalMs, answer: values.expect === undefined ? null : { expect: values.expect, timeoutMs } };
}

function resolveSend(reading: Reading, path: Path, values: Partially<HeartbeatValues>): Uint8Array | null {
  const filePath = [...path, 'send_file'];
  const hasFile = values.send_file !== undefined && values.send_file !== '';
  if (values.send !== undefined && hasFile) complain(reading, filePath, 'stands beside send; expected one of the two');
  if (!hasFile) {
    if (values.send === undefined && sound(reading, [...path, 'send'], filePath)) {
      complain(reading, path, "has nothing to send; expected send, like 'PING\\r\\n', or send_file");
    }
    return values.send ?? null;
  }
  const bytes = readNamed(reading, filePath, values.send_file);
  const problem = bytes === null ? null : sizeProblem(bytes.length);
  if (problem !== null)
    complain(reading, filePath, `names ${reading.files.locate(values.send_file ?? '')}, which ${problem}`);
  return bytes;
}
