import { ipText } from '../../text/ip-text.ts';
import type { EventFormat } from './event-format.ts';
import type { Flow, TraceRecord } from './trace-record.ts';

/** The events that are read, by the folder of each below `events`, with the fields that are needed. */
export const TRACE_EVENTS = {
  state: {
    path: 'sock/inet_sock_set_state',
    fields: ['common_pid', 'skaddr', 'oldstate', 'newstate', 'sport', 'dport', 'protocol', 'saddr_v6', 'daddr_v6'],
  },
  error: {
    path: 'sock/inet_sk_error_report',
    fields: ['error', 'sport', 'dport', 'protocol', 'saddr_v6', 'daddr_v6'],
  },
  resetReceived: { path: 'tcp/tcp_receive_reset', fields: ['skaddr', 'dport'] },
  keepaliveReset: { path: 'tcp/tcp_send_reset', fields: ['skaddr', 'state'] },
  retransmit: {
    path: 'tcp/tcp_retransmit_skb',
    fields: ['skaddr', 'sport', 'dport', 'saddr_v6', 'daddr_v6'],
  },
} as const;

/** The formats of all events that are read, as this kernel has them. */
export type TraceFormats = Readonly<Record<keyof typeof TRACE_EVENTS, EventFormat>>;

/** The first field that an event of this kernel lacks, as `EVENT: FIELD`; null: all are there. */
export function missingField(formats: TraceFormats): string | null {
  for (const kind of KINDS) {
    const { path, fields } = TRACE_EVENTS[kind];
    const lacking = fields.find((field) => !formats[kind].fields.has(field));
    if (lacking !== undefined) return `${path}: ${lacking}`;
  }
  return null;
}

const KINDS = ['state', 'error', 'resetReceived', 'keepaliveReset', 'retransmit'] as const;

const IPPROTO_TCP = 6;
/** Connections of one host go to few addresses. */
const MOST_ADDRESSES = 10_000;

type Decode = (page: Buffer, at: number, timeNs: number) => TraceRecord | null;

/** Reads entries of a trace ring by the `format` files of their events. Every field of `TRACE_EVENTS` has to be there. */
export class TraceDecoder {
  readonly #byId: ReadonlyMap<number, Decode>;
  readonly #typeOffset: number;
  readonly #addresses = new Map<string, string>();

  constructor(formats: TraceFormats) {
    this.#typeOffset = offsetIn(formats.state, 'common_type');
    this.#byId = new Map([
      [formats.state.id, this.#stateDecoder(formats.state)],
      [formats.error.id, this.#errorDecoder(formats.error)],
      [formats.resetReceived.id, socketDecoder('resetReceived', formats.resetReceived)],
      [formats.keepaliveReset.id, socketDecoder('keepaliveReset', formats.keepaliveReset)],
      [formats.retransmit.id, this.#retransmitDecoder(formats.retransmit)],
    ]);
  }

  /** Null: an event of another kind, or no TCP. */
  decode(page: Buffer, at: number, timeNs: number): TraceRecord | null {
    const id = page.readUInt16LE(at + this.#typeOffset);
    return this.#byId.get(id)?.(page, at, timeNs) ?? null;
  }

  #stateDecoder(format: EventFormat): Decode {
    const thread = offsetIn(format, 'common_pid');
    const socket = offsetIn(format, 'skaddr');
    const from = offsetIn(format, 'oldstate');
    const to = offsetIn(format, 'newstate');
    const protocol = offsetIn(format, 'protocol');
    const flow = this.#flowReader(format);
    return (page, at, timeNs) => {
      if (page.readUInt16LE(at + protocol) !== IPPROTO_TCP) return null;
      return {
        kind: 'state',
        timeNs,
        socket: readSocket(page, at + socket),
        threadId: page.readInt32LE(at + thread),
        from: page.readInt32LE(at + from),
        to: page.readInt32LE(at + to),
        flow: flow(page, at),
      };
    };
  }

  #errorDecoder(format: EventFormat): Decode {
    const error = offsetIn(format, 'error');
    const protocol = offsetIn(format, 'protocol');
    const flow = this.#flowReader(format);
    return (page, at, timeNs) => {
      if (page.readUInt16LE(at + protocol) !== IPPROTO_TCP) return null;
      return { kind: 'error', timeNs, errno: page.readInt32LE(at + error), flow: flow(page, at) };
    };
  }

  #retransmitDecoder(format: EventFormat): Decode {
    const socket = offsetIn(format, 'skaddr');
    const flow = this.#flowReader(format);
    return (page, at, timeNs) => ({
      kind: 'retransmit',
      timeNs,
      socket: readSocket(page, at + socket),
      flow: flow(page, at),
    });
  }

  /** Of the address fields those of 16 bytes are always filled, with a v4-mapped address where it is IPv4 (include/trace/events/net_probe_common.h). */
  #flowReader(format: EventFormat): (page: Buffer, at: number) => Flow {
    const local = offsetIn(format, 'saddr_v6');
    const localPort = offsetIn(format, 'sport');
    const remote = offsetIn(format, 'daddr_v6');
    const remotePort = offsetIn(format, 'dport');
    return (page, at) => ({
      localAddress: this.#address(page, at + local),
      localPort: page.readUInt16LE(at + localPort),
      remoteAddress: this.#address(page, at + remote),
      remotePort: page.readUInt16LE(at + remotePort),
    });
  }

  #address(page: Buffer, at: number): string {
    const bytes = page.toString('latin1', at, at + 16);
    const known = this.#addresses.get(bytes);
    if (known !== undefined) return known;
    if (this.#addresses.size >= MOST_ADDRESSES) this.#addresses.clear();
    const text = ipText(page.subarray(at, at + 16));
    this.#addresses.set(bytes, text);
    return text;
  }
}

function socketDecoder(kind: 'resetReceived' | 'keepaliveReset', format: EventFormat): Decode {
  const socket = offsetIn(format, 'skaddr');
  return (page, at, timeNs) => ({ kind, timeNs, socket: readSocket(page, at + socket) });
}

/** Kernel addresses have all upper 16 bits set: the lower 48 are the address, and a double holds them. */
function readSocket(page: Buffer, at: number): number {
  return page.readUIntLE(at, 6);
}

function offsetIn(format: EventFormat, field: string): number {
  const found = format.fields.get(field);
  if (found === undefined) throw new TypeError(`the event has no field ${field}`);
  return found.offset;
}
