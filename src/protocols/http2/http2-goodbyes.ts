import type { Goodbye, GoodbyeSet } from '../../domain/goodbye.ts';
import { latin1 } from '../latin1.ts';
import { type Http2Frame, uint32 } from './http2-frames.ts';

/** Every word that a GOAWAY is read as. */
export const HTTP2_GOODBYES: GoodbyeSet = {
  connect: ['admin_shutdown', 'idle_limit', 'slow_down', 'not_ready', 'protocol_error', 'server_error'],
  held: ['admin_shutdown', 'going_away', 'idle_limit', 'max_age', 'slow_down', 'protocol_error', 'server_error'],
};

/** Where the code and the text of a GOAWAY stand; the last stream comes first. */
const CODE_AT = 4;
const TEXT_AT = 8;
/** Longer texts are looked at so far. */
const TEXT_BYTES = 128;

const NO_ERROR = 0x0;
const INTERNAL_ERROR = 0x2;
const ENHANCE_YOUR_CALM = 0xb;

/** What servers of gRPC write into a GOAWAY without an error, in Go, Java, C++ and JavaScript. */
const TEXTS: readonly (readonly [RegExp, Goodbye])[] = [
  [/max_age/i, 'max_age'],
  [/idle|session_timed_out/i, 'idle_limit'],
  [/graceful_stop|app_requested|shut ?down/i, 'admin_shutdown'],
];

/** What a GOAWAY means on an established connection, with its code: https://www.rfc-editor.org/rfc/rfc9113#section-7 */
export function readGoAway({ payload }: Http2Frame): { readonly goodbye: Goodbye; readonly code: string } {
  const code = uint32(payload, CODE_AT);
  return { goodbye: meaning(code, payload), code: `0x${code.toString(16).padStart(2, '0')}` };
}

/** The same while a connection is opened: who sends others away then is not ready for them. */
export function readRefusal(frame: Http2Frame): { readonly goodbye: Goodbye; readonly code: string } {
  const { goodbye, code } = readGoAway(frame);
  return { goodbye: goodbye === 'going_away' || goodbye === 'max_age' ? 'not_ready' : goodbye, code };
}

function meaning(code: number, payload: Uint8Array): Goodbye {
  switch (code) {
    case NO_ERROR: {
      const text = latin1(payload.subarray(TEXT_AT, TEXT_AT + TEXT_BYTES));
      return TEXTS.find(([pattern]) => pattern.test(text))?.[1] ?? 'going_away';
    }
    case INTERNAL_ERROR:
      return 'server_error';
    case ENHANCE_YOUR_CALM:
      return 'slow_down';
    default:
      return 'protocol_error';
  }
}
