import { isIP } from 'node:net';
import { z } from 'zod';
import {
  DEFAULT_KEEPALIVE,
  DEFAULT_PEER_SETTINGS,
  type InheritedSettings,
  type Keepalive,
  type Reconnect,
} from '../../settings/peer-settings.ts';
import { count, duration, type DurationBounds, fieldNotes, inSeconds, oneOf, wholeSeconds } from './field-schemas.ts';

/**
 * One key that stands in `global` as a default and in a group as its own. Both schemas, merging, resolving, the
 * reference in the docs and the JSON Schema come from here.
 */
export type PeerKey = {
  /** The setting it becomes; its default and whether a change needs a new connection stand there. */
  readonly to: keyof InheritedSettings;
  /** In `global`: with the default. */
  readonly global: z.ZodPrefault<z.ZodType>;
  /** In a group: where nothing is written, `global` holds. */
  readonly group: z.ZodOptional<z.ZodType>;
  /** The setting after `written` (which the schema parsed) was put over what held before. */
  readonly over: (before: unknown, written: unknown) => unknown;
};

/** struct tcp_sock keeps the keepalive timers in 16 bits and the count in 8, signed (linux/tcp.h MAX_TCP_KEEPIDLE, MAX_TCP_KEEPCNT). */
const KEEPALIVE_SECONDS = [1, 32_767] as const;
const KEEPALIVE_COUNT = [1, 127] as const;
/** TCP_USER_TIMEOUT is a signed int of milliseconds. */
const LONGEST_USER_TIMEOUT_MS = 2 ** 31 - 1;

const address = z
  .string()
  .refine((text) => text === '' || isIP(text) !== 0)
  .register(fieldNotes, { expected: 'an IPv4 or IPv6 address without a port, or ""' });

/** The keys in the order in which the reference lists them. */
export const PEER_KEYS = {
  connect_timeout: durationKey(
    'connectTimeoutMs',
    'Deadline of one attempt: dns, tcp and tls together. The first answer to a heartbeat has heartbeat.timeout of its own.',
    { atLeastMs: 1 },
  ),
  idle_timeout: durationKey(
    'idleTimeoutMs',
    'Give up after this long without a received byte; 0s = never. What we write and keepalive probes do not count.',
  ),
  write_timeout: durationKey(
    'writeTimeoutMs',
    'Give up when bytes that the full kernel buffer keeps in this process have not drained for this long; 0s = never.',
  ),
  keepalive: mapKey('keepalive', {
    fields: {
      idle: {
        to: 'idleSeconds',
        schema: seconds(
          'Silence before the first probe, at most: each connection draws a whole second from 0.8 of it on. Below 5s it is as written.',
        ),
        write: (value) => `${value}s`,
      },
      interval: {
        to: 'intervalSeconds',
        schema: seconds('Time between unanswered probes.'),
        write: (value) => `${value}s`,
      },
      count: {
        to: 'count',
        schema: count(...KEEPALIVE_COUNT).describe('Unanswered probes that end the connection.'),
        write: (value) => value,
      },
    },
    whenOn: DEFAULT_KEEPALIVE,
    canBeOff: true,
    expected: 'a map with idle, interval and count, or false',
    meaning: 'TCP keepalive probes: {idle, interval, count}, or false (off) to leave the path silent.',
  }),
  user_timeout: durationKey(
    'userTimeoutMs',
    "TCP_USER_TIMEOUT: how long sent data may stay unacknowledged; 0s = the kernel's default, about 15 minutes.",
    { atMostMs: LONGEST_USER_TIMEOUT_MS, roughly: 'at most about 24 days' },
  ),
  reconnect: mapKey('reconnect', {
    fields: {
      initial: { to: 'initialMs', schema: delay('Ceiling of the first delay; at most max.'), write: inSeconds },
      max: { to: 'maxMs', schema: delay('Ceiling of every delay.'), write: inSeconds },
    },
    whenOn: DEFAULT_PEER_SETTINGS.reconnect,
    canBeOff: false,
    expected: 'a map with initial and max',
    meaning:
      'Delay before the next attempt: full jitter under a ceiling that doubles from initial to max while attempts fail or connections end before they are 15 s old; it starts over after a longer one, after a local close, and at a reload by hand.',
  }),
  max_connection_age: durationKey(
    'maxConnectionAgeMs',
    'Close and reconnect after this age, give or take 10 %; 0s = never.',
  ),
  sample_interval: durationKey(
    'sampleIntervalMs',
    'How often TCP_INFO of each held socket is read; 0s = only at the end.',
    { atLeastMs: 1000, orZero: true },
  ),
  ip_family: plainKey('ipFamily', {
    schema: oneOf(['any', 'ipv4', 'ipv6']).describe('Which addresses of a name are used.'),
    write: (family) => family,
    read: (family) => family,
  }),
  source_address: plainKey('sourceAddress', {
    schema: address.describe('Local address to connect from; "" = the kernel chooses.'),
    write: (chosen) => chosen ?? '',
    read: (text) => (text === '' ? null : text),
  }),
} as const satisfies Readonly<Record<string, PeerKey>>;

export type PeerKeyName = keyof typeof PEER_KEYS;

/** The keys of one map as the schema parsed them; what was wrong or not written is missing. */
export type WrittenPeerKeys = Readonly<Partial<Record<PeerKeyName, unknown>>>;

/** The fields of all keys for the schema of `global` or of a group. */
export function peerFields<Where extends 'global' | 'group'>(where: Where): Record<PeerKeyName, PeerKey[Where]> {
  const fields = Object.entries<PeerKey>(PEER_KEYS).map(([name, key]) => [name, key[where]]);
  return Object.fromEntries(fields) as Record<PeerKeyName, PeerKey[Where]>;
}

/** The settings of one type. */
type SettingOf<Setting> = {
  [To in keyof InheritedSettings]: InheritedSettings[To] extends Setting | null ? To : never;
}[keyof InheritedSettings];

type PlainKey<Setting, Schema extends z.ZodType> = {
  readonly schema: Schema;
  /** A setting as a configuration writes it. */
  readonly write: (setting: Setting) => z.input<Schema>;
  /** The setting that a parsed value stands for. */
  readonly read: (value: z.output<Schema>) => Setting;
};

/** A key with one value. */
function plainKey<To extends keyof InheritedSettings, Schema extends z.ZodType>(
  to: To,
  { schema, write, read }: PlainKey<InheritedSettings[To], Schema>,
): PeerKey {
  return {
    to,
    global: z.prefault(schema, write(DEFAULT_PEER_SETTINGS[to])),
    group: schema.optional(),
    over: (_before, written) => read(written as z.output<Schema>),
  };
}

function durationKey(to: SettingOf<number>, meaning: string, bounds: DurationBounds = {}): PeerKey {
  return plainKey(to, { schema: duration(bounds).describe(meaning), write: inSeconds, read: (value) => value });
}

type MapKey<Setting> = {
  readonly fields: Readonly<Record<string, MapField<Setting>>>;
  /** What fields mean that are not written, where nothing else holds. */
  readonly whenOn: Setting;
  /** Whether `false` and `off` may stand instead of the map; the setting is null then. */
  readonly canBeOff: boolean;
  readonly expected: string;
  readonly meaning: string;
};

type MapField<Setting> = {
  readonly to: keyof Setting;
  readonly schema: z.ZodType;
  readonly write: (value: number) => string | number;
};

/** A key whose value is a map, merged field by field. After `false` a map starts from the built-in values. */
function mapKey<Setting extends Keepalive | Reconnect>(to: SettingOf<Setting>, of: MapKey<Setting>): PeerKey {
  const entries = Object.entries(of.fields);
  const schemaOf = (fieldOf: (field: MapField<Setting>) => z.ZodType): z.ZodType => {
    const map = z.strictObject(Object.fromEntries(entries.map(([name, field]) => [name, fieldOf(field)])));
    const schema = of.canBeOff ? z.union([z.literal(false), z.literal('off'), map]) : map;
    return schema.register(fieldNotes, { expected: of.expected }).describe(of.meaning);
  };
  const withDefault = ({ to: field, schema, write }: MapField<Setting>): z.ZodType =>
    z.prefault(schema, write(Number(of.whenOn[field])));
  return {
    to,
    global: z.prefault(schemaOf(withDefault), {}),
    group: schemaOf(({ schema }) => schema.optional()).optional(),
    over(before, written) {
      if (written === false || written === 'off') return null;
      const values = written as Readonly<Record<string, unknown>>;
      const given = entries.filter(([name]) => values[name] !== undefined);
      const renamed = given.map(([name, field]) => [field.to, values[name]] as const);
      return { ...(before ?? of.whenOn), ...Object.fromEntries(renamed) };
    },
  };
}

function seconds(meaning: string) {
  return wholeSeconds(...KEEPALIVE_SECONDS).describe(meaning);
}

function delay(meaning: string) {
  return duration({ atLeastMs: 1 }).describe(meaning);
}
