import type { SendPart } from '../../text/send-template.ts';
import { joinBytes } from '../join-bytes.ts';
import { latin1 } from '../latin1.ts';

/** They would end the line that a value stands in, and what follows would be a command. */
// eslint-disable-next-line no-control-regex
const CONTROL = /[\0-\x1f\x7f]/;

/** The bytes of a template. Null: a value that is sent as it is holds a control character, or has no value. */
export function renderTemplate(parts: readonly SendPart[], values: ReadonlyMap<string, string>): Uint8Array | null {
  const rendered = parts.map((part) => renderPart(part, values));
  const bytes = rendered.filter((each) => each !== null);
  return bytes.length === rendered.length ? joinBytes(...bytes) : null;
}

function renderPart(part: SendPart, values: ReadonlyMap<string, string>): Uint8Array | null {
  switch (part.kind) {
    case 'bytes':
      return part.bytes;
    case 'value': {
      const value = values.get(part.name);
      return value === undefined || CONTROL.test(value) ? null : joinBytes(value);
    }
    case 'quoted': {
      const inner = renderTemplate(part.parts, values);
      return inner === null ? null : joinBytes('"', escapedForQuotes(inner), '"');
    }
    case 'base64': {
      const inner = joinBytes(...part.parts.map((each) => renderEncoded(each, values)));
      return joinBytes(btoa(latin1(inner)));
    }
  }
}

/** In base64 no character of a value means anything. */
function renderEncoded(part: SendPart, values: ReadonlyMap<string, string>): Uint8Array {
  if (part.kind === 'value') return joinBytes(values.get(part.name) ?? '');
  return renderPart(part, values) ?? new Uint8Array();
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

function escapedForQuotes(bytes: Uint8Array): readonly number[] {
  return Array.from(bytes).flatMap((byte) => (byte === QUOTE || byte === BACKSLASH ? [BACKSLASH, byte] : [byte]));
}
