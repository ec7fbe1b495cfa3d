import { DISCONNECT_CLASSES } from '../../domain/disconnect.ts';
import { TARGET_STATES } from '../../domain/target-state.ts';
import { EVENT_TYPES } from '../../sinks/status/event-query.ts';
import { OBSERVED_STATES } from '../../sinks/status/observed-query.ts';
import { PEER_STATES } from '../../sinks/status/peer-query.ts';
import { ANSWER_SCHEMAS } from './answer-schemas.ts';
import { EVENT_ID, type JsonSchema, TEXT, word } from './json-schema.ts';

export type OpenApiOptions = {
  readonly version: string;
  /** What stands before every path, as the user's browser sees it; empty: nothing. */
  readonly prefix: string;
  readonly metricsPath: string;
};

type Parameter = { readonly name: string; readonly schema: JsonSchema; readonly in?: 'path' | 'header' };

const GROUP = { name: 'group', schema: TEXT };
const PEER = { name: 'peer', schema: TEXT };
const CLASS = { name: 'class', schema: word(DISCONNECT_CLASSES) };
const TYPE = { name: 'type', schema: word(EVENT_TYPES) };
const SINCE = { name: 'since_id', schema: EVENT_ID };
const whole = (least: number, most: number): JsonSchema => ({ type: 'integer', minimum: least, maximum: most });

const TEXT_ANSWER = { 'text/plain': { schema: TEXT } };
const PAGE = { 'text/html': { schema: TEXT } };
const PROBLEM = { description: 'A parameter cannot be used', content: jsonOf('Problem') };
const MISSING_PAGE = {
  400: { description: 'A parameter is missing', content: PAGE },
  404: { description: 'There is no such thing', content: PAGE },
};
const BUSY = {
  description: 'Too many answers are under way; Retry-After says when to ask again',
  content: TEXT_ANSWER,
};

/** The HTTP interface as an OpenAPI 3.1 document. */
export function openApiDocument({ version, prefix, metricsPath }: OpenApiOptions): JsonSchema {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Finrst',
      version,
      description: 'Holds long-lived TCP connections and says how each one ended.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: prefix === '' ? '/' : prefix }],
    paths: {
      ...pages(),
      [metricsPath]: read('The exposition, in the text format or OpenMetrics', {
        'text/plain': { schema: TEXT },
        'application/openmetrics-text': { schema: TEXT },
      }),
      '/-/healthy': {
        get: { summary: 'Whether the process can answer', responses: { 200: text('It can') }, security: [{}] },
      },
      '/-/ready': {
        get: {
          summary: 'Whether connecting has begun',
          responses: { 200: text('It has'), 503: text('Not yet, or it stops; says why') },
          security: [{}],
        },
      },
      '/-/reload': { post: reload(), put: reload() },
      '/config': read('The configuration as loaded, secrets masked', { 'text/yaml': { schema: TEXT } }),
      ...api(),
    },
    components: { schemas: ANSWER_SCHEMAS, securitySchemes: { password: { type: 'http', scheme: 'basic' } } },
    security: [{ password: [] }, {}],
  };
}

function pages(): JsonSchema {
  return {
    '/': read('The page for people', PAGE),
    '/peer': read('The page of a peer', PAGE, [GROUP, PEER]),
    '/incidents': read('The page of all incidents', PAGE),
    '/words': read('The page of what the words mean', PAGE),
    '/words/{word}': read('The page of one of them', PAGE, [{ name: 'word', schema: TEXT, in: 'path' }]),
    '/incidents/{id}': read('The page of an incident', PAGE, [{ name: 'id', schema: TEXT, in: 'path' }]),
  };
}

function api(): JsonSchema {
  const lastEventId = { name: 'Last-Event-ID', schema: EVENT_ID, in: 'header' } as const;
  return {
    '/api/v1/peers': read(
      'Every peer and what is known of it; also label.NAME=VALUE for a label of its target',
      jsonOf('Peers'),
      [
        GROUP,
        PEER,
        { name: 'state', schema: word(PEER_STATES) },
        CLASS,
        { name: 'offset', schema: { type: 'integer', minimum: 0 } },
        { name: 'limit', schema: { type: 'integer', minimum: 1 } },
      ],
    ),
    '/api/v1/targets': read('Every target of discovery and what became of it', jsonOf('Targets'), [
      GROUP,
      { name: 'state', schema: word(TARGET_STATES) },
      { name: 'limit', schema: whole(1, 100_000) },
    ]),
    '/api/v1/observed': read('The connections that other processes of this host hold', jsonOf('Observed'), [
      GROUP,
      PEER,
      { name: 'state', schema: word(OBSERVED_STATES) },
    ]),
    '/api/v1/events': read('What happened last, the newest first', jsonOf('Events'), [
      GROUP,
      PEER,
      CLASS,
      TYPE,
      SINCE,
      { name: 'limit', schema: whole(1, 1000) },
    ]),
    '/api/v1/events/stream': read(
      'What happens, as it happens, as server-sent events: data is an element of `events` in /api/v1/events; event: burst has counts, event: gap says that events are missing, event: observed that connections of applications came and went in order',
      { 'text/event-stream': { schema: TEXT } },
      [GROUP, PEER, CLASS, TYPE, SINCE, lastEventId],
    ),
    '/api/v1/incidents': read('Peers whose connections broke together, the newest first', jsonOf('Incidents')),
    '/api/v1/openapi.json': read('This document', { 'application/json': { schema: { type: 'object' } } }),
  };
}

function read(summary: string, content: JsonSchema, parameters: readonly Parameter[] = []): JsonSchema {
  const responses = {
    200: { description: 'The answer', content },
    ...(parameters.length > 0 && (content === PAGE ? MISSING_PAGE : { 400: PROBLEM })),
    503: BUSY,
  };
  const written = parameters.map(({ in: place = 'query', ...rest }) => ({
    ...rest,
    in: place,
    ...(place === 'path' && { required: true }),
  }));
  return { get: { summary, ...(written.length > 0 && { parameters: written }), responses } };
}

function reload(): JsonSchema {
  return {
    summary: 'Loads the configuration again',
    responses: {
      200: text('The new configuration is in force'),
      403: text('Reloads are not enabled, or the request comes from a page of another origin'),
      429: text('Too many at once'),
      500: text('Every problem of the new configuration, one a line; the old one stays'),
    },
  };
}

function text(description: string): JsonSchema {
  return { description, content: TEXT_ANSWER };
}

function jsonOf(name: keyof typeof ANSWER_SCHEMAS): JsonSchema {
  return { 'application/json': { schema: { $ref: `#/components/schemas/${name}` } } };
}
