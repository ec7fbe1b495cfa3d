import type { MqttSettings } from '../../settings/protocol-settings.ts';
import { Framer } from '../framer.ts';
import { latin1 } from '../latin1.ts';
import { notOurs } from '../not-ours.ts';
import type { Farewell, ProtocolKind, Session, SessionContext, Step } from '../session.ts';
import { stepsOfFrames } from '../steps-of-frames.ts';
import { codeText, meaningOf, MQTT_GOODBYES } from './mqtt-codes.ts';
import { connectPacket, DISCONNECT, PACKET, packetBody, packetSize, PINGREQ, serverKeepAlive } from './mqtt-packets.ts';

/**
 * Brokers of MQTT 3.1.1 and 5 (Mosquitto, EMQX, HiveMQ, VerneMQ, managed ones). Nothing is subscribed and nothing published.
 * https://docs.oasis-open.org/mqtt/mqtt/v3.1.1/mqtt-v3.1.1.html, https://docs.oasis-open.org/mqtt/mqtt/v5.0/mqtt-v5.0.html
 */
export const mqtt: ProtocolKind<'mqtt'> = {
  name: 'mqtt',
  create: (settings) => ({
    expectsAnswer: true,
    tls: 'atOnce',
    alpn: [],
    goodbyes: { connect: MQTT_GOODBYES, held: settings.version === '5' ? MQTT_GOODBYES : [] },
    open: (context) => new MqttSession(settings, context),
  }),
};

/** A type and a length of one byte. */
const HEADER_BYTES = 2;
/** So many bytes tell the usual mistakes apart, where the first one is of no packet that may come. */
const BEGINNING_BYTES = 5;
/** CONNACK and DISCONNECT have their code in front, and properties that matter are short. */
const KEPT_BYTES = 1024;
const MOST_SECONDS = 65_535;
/** A server waits one and a half times its keepalive (3.1.2.10), and some look seldom. */
const SERVER_MARGIN = 0.8;

const NOTHING: readonly Step[] = [];
const PINGING: readonly Step[] = [{ kind: 'send', bytes: PINGREQ }];

/** Packets that only clients send, and one that nobody may. */
const NOT_OF_SERVERS: readonly number[] = [0, PACKET.connect, PACKET.subscribe, PACKET.unsubscribe, PACKET.pingReq];

class MqttSession implements Session {
  readonly #settings: MqttSettings;
  /** Until the login goes out. */
  #context: SessionContext | null;
  readonly #framer = new Framer({
    headerBytes: HEADER_BYTES,
    sizeOf: (header) => this.#sizeOf(header),
    keepAtMost: KEPT_BYTES,
  });
  readonly #keepAliveSeconds: number;
  #isAsked = false;
  #state: 'opening' | 'held' | 'saidGoodbye' | 'over' = 'opening';

  constructor(settings: MqttSettings, context: SessionContext) {
    this.#settings = settings;
    this.#context = context;
    const { beatEveryMs } = context;
    // Twice our interval: a heartbeat that is late is no reason to be thrown out.
    this.#keepAliveSeconds = beatEveryMs === null ? 0 : Math.min(MOST_SECONDS, Math.ceil((2 * beatEveryMs) / 1000));
  }

  start(): readonly Step[] {
    if (this.#context === null) return NOTHING;
    const { random, password } = this.#context;
    const { version, username, clientId } = this.#settings;
    this.#context = null;
    const bytes = connectPacket({
      version,
      clientId: clientId ?? `finrst-${Buffer.from(random(6)).toString('hex')}`,
      keepAliveSeconds: this.#keepAliveSeconds,
      username,
      password,
    });
    return [{ kind: 'send', bytes }];
  }

  secured(): readonly Step[] {
    return NOTHING; // TLS comes first
  }

  derived(): readonly Step[] {
    return NOTHING; // nothing was asked for
  }

  received(bytes: Uint8Array): readonly Step[] {
    return stepsOfFrames(this.#framer, bytes, {
      take: (frame) => this.#take(frame),
      broken: (beginning) => this.#broken(beginning),
    });
  }

  beat(): readonly Step[] {
    this.#isAsked = true;
    return PINGING;
  }

  farewell(): Farewell | null {
    return this.#state === 'held' ? { bytes: DISCONNECT, awaited: false } : null;
  }

  /** What no server may send now is read on for a few bytes, so that it can be called by its name. */
  #sizeOf(header: Uint8Array): number | 'longer' | null {
    if (this.#mayCome(header[0] ?? 0)) return packetSize(header);
    return header.length < BEGINNING_BYTES ? 'longer' : null;
  }

  /** @param first type and flags; those of the packets that we read are 0 */
  #mayCome(first: number): boolean {
    const type = first >> 4;
    const hasNoFlags = (first & 0xf) === 0;
    if (type === PACKET.disconnect) return hasNoFlags && this.#settings.version === '5';
    if (type === PACKET.connAck) return hasNoFlags && this.#state === 'opening';
    if (type === PACKET.pingResp) return hasNoFlags && this.#state !== 'opening';
    return this.#state !== 'opening' && !NOT_OF_SERVERS.includes(type);
  }

  #take(bytes: Uint8Array): readonly Step[] {
    const type = (bytes[0] ?? 0) >> 4;
    if (type === PACKET.disconnect) return this.#left(packetBody(bytes).uint8() ?? 0);
    if (this.#state === 'opening') return this.#answered(bytes);
    // What a topic sends, say; nothing was subscribed.
    if (type !== PACKET.pingResp || !this.#isAsked) return NOTHING;
    this.#isAsked = false;
    return [{ kind: 'answered' }];
  }

  #answered(connAck: Uint8Array): readonly Step[] {
    const body = packetBody(connAck);
    body.uint8(); // whether there was a session before
    const code = body.uint8();
    if (code === null) return this.#broken(connAck);
    if (code !== 0) {
      this.#state = 'over';
      return [{ kind: 'refused', goodbye: meaningOf(code), code: codeText(code) }];
    }
    this.#state = 'held';
    const wanted = this.#settings.version === '5' ? serverKeepAlive(body) : null;
    const seconds = wanted ?? this.#keepAliveSeconds;
    return [{ kind: 'ready', ...(seconds === 0 ? {} : { beatWithinMs: seconds * 1000 * SERVER_MARGIN }) }];
  }

  /** A DISCONNECT of the server, which version 5 alone knows: the server closes behind it. */
  #left(code: number): readonly Step[] {
    const said = { goodbye: code === 0 ? 'going_away' : meaningOf(code), code: codeText(code) } as const;
    if (this.#state === 'opening') {
      this.#state = 'over';
      return [{ kind: 'refused', ...said }];
    }
    this.#state = 'saidGoodbye';
    return [{ kind: 'goodbye', ...said, then: 'peerCloses' }];
  }

  #broken(beginning: Uint8Array): readonly Step[] {
    this.#state = 'over';
    return [{ kind: 'broken', expected: notOurs(latin1(beginning), 'packets of MQTT') }];
  }
}
