/** A value as few characters, each below 256: such a string takes a byte of memory for each, and 16 to 23 more. */
export type Packed = string;

/** What can be packed: what JSON has, and fields that are undefined are left out as there. */
type Value = null | boolean | number | string | readonly Value[] | { readonly [key: string]: Value | undefined };

/** Anything below is a whole number that is itself. */
const KIND = {
  null: 128,
  false: 129,
  true: 130,
  whole: 131,
  double: 132,
  word: 133,
  hexadecimal: 134,
  latin1: 135,
  utf16: 136,
  list: 137,
  record: 138,
} as const;

const HEXADECIMAL = /^(?:[0-9a-f]{2}){4,}$/;

/**
 * Packs plain values for the long time in which nobody looks at them. The names of fields must be those of the code: each is
 * kept once, for good. So are `words`, strings that occur often; all other strings are written out.
 */
export class Packer {
  readonly #words: readonly string[];
  readonly #numberOfWord: ReadonlyMap<string, number>;
  readonly #keys: string[] = [];
  readonly #numberOfKey = new Map<string, number>();
  readonly #write = new ByteWriter();

  constructor(words: Iterable<string>) {
    this.#words = [...new Set(words)];
    this.#numberOfWord = new Map(this.#words.map((word, number) => [word, number]));
  }

  pack(value: object | null): Packed {
    this.#value(value as Value);
    return this.#write.take();
  }

  /** The caller says what it packed; undefined at the place of a field that was left out. */
  unpack<T>(packed: Packed): T {
    return this.#read(new ByteReader(packed)) as T;
  }

  #value(value: Value): void {
    if (value === null || typeof value === 'boolean') this.#write.byte(KIND[`${value}`]);
    else if (typeof value === 'number') this.#number(value);
    else if (typeof value === 'string') this.#text(value);
    else if (isList(value)) {
      this.#write.byte(KIND.list);
      this.#write.whole(value.length);
      for (let at = 0; at < value.length; at++) this.#value(value[at] ?? null);
    } else this.#record(value);
  }

  #record(record: { readonly [key: string]: Value | undefined }): void {
    // Asked with each end: without lists of keys.
    let fields = 0;
    for (const key in record) if (record[key] !== undefined) fields++;
    this.#write.byte(KIND.record);
    this.#write.whole(fields);
    for (const key in record) {
      const value = record[key];
      if (value === undefined) continue;
      this.#write.whole(this.#keyNumber(key));
      this.#value(value);
    }
  }

  #number(value: number): void {
    if (!Number.isSafeInteger(value) || value < 0 || Object.is(value, -0)) {
      this.#write.byte(KIND.double);
      this.#write.double(value);
    } else if (value < KIND.null) this.#write.byte(value);
    else {
      this.#write.byte(KIND.whole);
      this.#write.whole(value);
    }
  }

  #text(text: string): void {
    const word = this.#numberOfWord.get(text);
    if (word !== undefined) {
      this.#write.byte(KIND.word);
      this.#write.whole(word);
      return;
    }
    const kind = HEXADECIMAL.test(text) ? 'hexadecimal' : isLatin1(text) ? 'latin1' : 'utf16';
    this.#write.byte(KIND[kind]);
    this.#write.text(text, ENCODING[kind]);
  }

  #keyNumber(key: string): number {
    const known = this.#numberOfKey.get(key);
    if (known !== undefined) return known;
    this.#numberOfKey.set(key, this.#keys.length);
    return this.#keys.push(key) - 1;
  }

  #read(reader: ByteReader): Value {
    const kind = reader.byte();
    switch (kind) {
      case KIND.null:
        return null;
      case KIND.false:
        return false;
      case KIND.true:
        return true;
      case KIND.whole:
        return reader.whole();
      case KIND.double:
        return reader.double();
      case KIND.word:
        return this.#words[reader.whole()] ?? null;
      case KIND.hexadecimal:
        return reader.text(ENCODING.hexadecimal);
      case KIND.latin1:
        return reader.text(ENCODING.latin1);
      case KIND.utf16:
        return reader.text(ENCODING.utf16);
      case KIND.list:
        return Array.from({ length: reader.whole() }, () => this.#read(reader));
      case KIND.record:
        return Object.fromEntries(
          Array.from({ length: reader.whole() }, () => [this.#keys[reader.whole()] ?? '', this.#read(reader)]),
        );
      default:
        return kind;
    }
  }
}

const ENCODING = { hexadecimal: 'hex', latin1: 'latin1', utf16: 'utf16le' } as const;
type Encoding = (typeof ENCODING)[keyof typeof ENCODING];

function isList(value: object): value is readonly Value[] {
  return Array.isArray(value);
}

function isLatin1(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) if (text.charCodeAt(at) > 255) return false;
  return true;
}

/** Whole numbers in groups of 7 bits, the lowest first; all but the last have 128 added. */
export class ByteWriter {
  #bytes = Buffer.alloc(1024);
  #length = 0;

  byte(value: number): void {
    this.#room(1);
    this.#bytes[this.#length++] = value;
  }

  /** From 0 to the greatest safe integer. */
  whole(value: number): void {
    let rest = value;
    for (; rest > 127; rest = Math.floor(rest / 128)) this.byte((rest % 128) + 128);
    this.byte(rest);
  }

  double(value: number): void {
    this.#room(8);
    this.#length = this.#bytes.writeDoubleLE(value, this.#length);
  }

  text(text: string, encoding: Encoding): void {
    const length = Buffer.byteLength(text, encoding);
    this.whole(length);
    this.#room(length);
    this.#length += this.#bytes.write(text, this.#length, encoding);
  }

  /** Characters below 256, without their number. */
  latin1(text: string): void {
    this.#room(text.length);
    this.#length += this.#bytes.write(text, this.#length, 'latin1');
  }

  /** What was written since the last time. */
  take(): Packed {
    const packed = this.#bytes.toString('latin1', 0, this.#length);
    this.#length = 0;
    return packed;
  }

  #room(bytes: number): void {
    if (this.#length + bytes <= this.#bytes.length) return;
    const larger = Buffer.alloc(2 * (this.#length + bytes));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
}

/** The whole number that begins there, and where it ends: of what is looked at with each end no bytes are made. */
export function wholeAt(packed: Packed, begin: number): { readonly value: number; readonly end: number } {
  let at = begin;
  let value = 0;
  for (let scale = 1; ; scale *= 128) {
    const byte = packed.charCodeAt(at++);
    value += (byte & 127) * scale;
    if (byte < 128) return { value, end: at };
  }
}

export class ByteReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(packed: Packed) {
    this.#bytes = Buffer.from(packed, 'latin1');
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  byte(): number {
    return this.#bytes[this.#at++] ?? 0;
  }

  whole(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.byte();
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  }

  double(): number {
    this.#at += 8;
    return this.#bytes.readDoubleLE(this.#at - 8);
  }

  text(encoding: Encoding): string {
    const length = this.whole();
    this.#at += length;
    return this.#bytes.toString(encoding, this.#at - length, this.#at);
  }
}
