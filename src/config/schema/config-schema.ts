import { z } from 'zod';
import { DEFAULT_GLOBAL_SETTINGS } from '../../settings/global-settings.ts';
import { count, fieldNotes } from './field-schemas.ts';
import { heartbeatSchema } from './heartbeat-schema.ts';
import { metricsSchema } from './metrics-schema.ts';
import { peerFields } from './peer-keys.ts';
import { observeSchema } from './observe-schema.ts';
import { protocolFields } from './protocol-keys.ts';
import { relabelConfigsSchema } from './relabel-configs.ts';
import { silenceSchema } from './silence-schema.ts';
import { sourceFields } from './source-keys.ts';
import { tlsSchema } from './tls-schema.ts';
import { tracingSchema } from './tracing-schema.ts';

/** The `global` section. */
export const globalSchema = z
  .strictObject({
    ...peerFields('global'),
    max_connects_per_second: count(1, 1_000_000)
      .describe('Attempts per second of the whole process.')
      .prefault(DEFAULT_GLOBAL_SETTINGS.maxConnectsPerSecond),
    max_connections: count(0, 10_000_000)
      .describe(
        'Connections of the whole process; 0 = what the descriptor limit allows, less a reserve for the web server.',
      )
      .prefault(DEFAULT_GLOBAL_SETTINGS.maxConnections),
    metrics: metricsSchema.prefault({}),
  })
  .register(fieldNotes, { expected: 'a map of settings' })
  .describe('Process-wide settings, and defaults for every group.');

/** One group. */
export const groupSchema = z
  .strictObject({
    name: z
      .string()
      .regex(/^[a-z0-9-]+$/)
      .register(fieldNotes, { expected: 'a name of a-z, 0-9 and -' })
      .describe('Name of the group, unique; the group label of its metrics.'),
    ...peerFields('group'),
    ...protocolFields,
    heartbeat: heartbeatSchema.optional().describe('Proves that the peer itself answers, and keeps the path in use.'),
    tls: tlsSchema
      .optional()
      .describe('Presence turns TLS on. Files are read again at each connect; sessions are not resumed.'),
    silence: silenceSchema
      .optional()
      .describe('Presence measures how long the paths to the peers tolerate silence, over connections of its own.'),
    hold: z
      .boolean()
      .register(fieldNotes, { expected: 'true or false' })
      .optional()
      .describe(
        'false: nothing is connected to the peers, they are only observed, and every key of a held connection is a problem. The default is true.',
      ),
    observe: observeSchema
      .optional()
      .describe(
        'Presence observes the connections that other processes of this host open to the peers: docs/observe.md. Needs Linux, user 0 and tracefs.',
      ),
    ...sourceFields,
    relabel_configs: relabelConfigsSchema,
    target_limit: count(0, 1_000_000)
      .optional()
      .describe(
        'More targets than this after relabel_configs are not taken: those of before stay, and finrst_sd_limit_exceeded is 1. 0 = no limit, the default.',
      ),
  })
  .register(fieldNotes, { expected: 'a map with name' });

/** The one schema of the configuration file: keys, types, bounds, defaults, descriptions. Rules between keys are elsewhere. */
export const configSchema = z
  .strictObject({
    global: globalSchema.prefault({}),
    tracing: tracingSchema.optional().describe('Where spans are sent. The OTEL_* environment variables win over it.'),
    groups: z
      .array(groupSchema)
      .register(fieldNotes, { expected: 'a list of groups; [] for none' })
      .describe('Peers that share settings.'),
  })
  .register(fieldNotes, { expected: 'a map with global, tracing and groups' });

export type GlobalValues = z.output<typeof globalSchema>;
export type GroupValues = z.output<typeof groupSchema>;
