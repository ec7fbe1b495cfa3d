import { DISCONNECT_CLASSES } from '../../domain/disconnect.ts';
import { SCOPE_KINDS } from '../../domain/incident-scope.ts';
import { TARGET_STATES } from '../../domain/target-state.ts';
import { OBSERVED_CLASSES } from '../../domain/observed/observed-end.ts';
import { OBSERVED_STATES } from '../../sinks/status/observed-query.ts';
import { PEER_STATES } from '../../sinks/status/peer-query.ts';
import {
  COUNT,
  counts,
  EVENT_ID,
  FLAG,
  type JsonSchema,
  listOf,
  NUMBER,
  object,
  TEXT,
  TEXTS_BY_NAME,
  TIME,
  word,
} from './json-schema.ts';

const END_CLASS = word(DISCONNECT_CLASSES);
const INCIDENT_STATE = word(['running', 'over', 'interrupted']);
const ANNOUNCED = word(['terminating', 'removed', 'requested']);
const PHASE = word(['dns', 'tcp', 'tls', 'protocol']);
/** Words that grow with releases are texts: a client must take those that it does not know. */
const WORD = TEXT;

const lengths = { duration_s: NUMBER, idle_s: NUMBER, quiet_s: NUMBER };
const goodbye = { goodbye: WORD, goodbye_code: TEXT };

const peer = object(
  {
    group: TEXT,
    peer: TEXT,
    state: word(PEER_STATES),
    up: FLAG,
    since: TIME,
    tls: FLAG,
    labels: TEXTS_BY_NAME,
    connections: COUNT,
    disconnects: object({ eof: COUNT, error: COUNT, idle_timeout: COUNT }),
    local_closes: COUNT,
    connect_failures: COUNT,
    failures_in_a_row: COUNT,
    received_bytes: COUNT,
    sent_bytes: COUNT,
  },
  {
    announced: ANNOUNCED,
    address: TEXT,
    connection_id: TEXT,
    established_at: TIME,
    last_disconnect: object(
      { time: TIME, connection_id: TEXT, class: END_CLASS, reason: WORD, ...lengths },
      { errno: TEXT, announced: ANNOUNCED, hint: WORD },
    ),
    last_connect_failure: object({ time: TIME, phase: PHASE, reason: WORD }, { errno: TEXT, detail: TEXT }),
  },
);

const ofPeer = { id: EVENT_ID, time: TIME, group: TEXT, peer: TEXT, connection_id: TEXT };
const maybe = { labels: TEXTS_BY_NAME, trace_id: TEXT };

const ofObserved = { ...ofPeer, address: TEXT, local: TEXT };
const maybeOwner = { labels: TEXTS_BY_NAME, pid: COUNT, executable: TEXT, pod: TEXT, close_wait: FLAG };

const event: JsonSchema = {
  anyOf: [
    object({ ...ofPeer, type: word(['connected']), duration_s: NUMBER }, { ...maybe, tried: TEXT }),
    object(
      { ...ofPeer, type: word(['connect_failed']), phase: PHASE, reason: WORD, duration_s: NUMBER },
      { ...maybe, ...goodbye, errno: TEXT, detail: TEXT, tried: TEXT },
    ),
    object(
      { ...ofPeer, type: word(['disconnected']), class: END_CLASS, reason: WORD, ...lengths },
      { ...maybe, ...goodbye, errno: TEXT, detail: TEXT, announced: ANNOUNCED, hint: WORD, hint_detail: TEXT },
    ),
    object({ ...ofPeer, type: word(['local_closed']), reason: WORD, ...lengths }, maybe),
    object(
      { ...ofPeer, type: word(['explained']), class: END_CLASS, reason: WORD, by: word(['announced', 'incident']) },
      { labels: TEXTS_BY_NAME, announced: ANNOUNCED, incident: TEXT },
    ),
    object(
      { id: EVENT_ID, time: TIME, type: word(['incident']), incident: TEXT, state: INCIDENT_STATE, sentence: TEXT },
      { group: TEXT, observed: FLAG },
    ),
    object({ ...ofObserved, type: word(['observed_connected']) }, { ...maybeOwner, found: FLAG }),
    object(
      { ...ofObserved, type: word(['observed_ended']), class: word(OBSERVED_CLASSES), reason: WORD },
      { ...maybeOwner, errno: TEXT, duration_s: NUMBER, errors: COUNT, trace_id: TEXT },
    ),
  ],
};

const target = object(
  { group: TEXT, state: word(TARGET_STATES), source: TEXT, discovered: TEXTS_BY_NAME },
  {
    peer: TEXT,
    address: TEXT,
    labels: TEXTS_BY_NAME,
    rule: COUNT,
    why: TEXT,
    announced: ANNOUNCED,
    linger_until: TIME,
  },
);

const observed = object(
  {
    group: TEXT,
    peer: TEXT,
    state: word(OBSERVED_STATES),
    local_address: TEXT,
    local_port: COUNT,
    remote_address: TEXT,
    remote_port: COUNT,
  },
  { age_s: NUMBER, close_wait_s: NUMBER, at_least: FLAG, pid: COUNT, executable: TEXT, pod: TEXT },
);

const incident = object(
  {
    id: TEXT,
    state: INCIDENT_STATE,
    scope: word(SCOPE_KINDS),
    began: TIME,
    ended: COUNT,
    of: COUNT,
    reasons: counts(),
    still_down: COUNT,
    observed: FLAG,
    sentence: TEXT,
  },
  { value: TEXT, over: TIME },
);

/** What the JSON answers are, by name. */
export const ANSWER_SCHEMAS = {
  Peers: object({ peers: listOf(peer) }),
  Targets: object({ targets: listOf(target), dropped: counts() }),
  Observed: object({ observed: listOf(observed) }),
  Events: object({ events: listOf(event) }, { gap: FLAG }),
  Incidents: object({ incidents: listOf(incident) }),
  Problem: object({ error: TEXT }),
} as const;
