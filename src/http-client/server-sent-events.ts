/** One message. `event` is `message` where the server gave no name. Without data it only moves `id`. */
export type ServerSentEvent = {
  readonly event: string;
  /** The last one that came, with this message or before it; null: none has. */
  readonly id: string | null;
  /** Null: the message has none. */
  readonly data: string | null;
};

/** More than this without an end is no message that a server of ours sends. */
const LONGEST_MESSAGE = 1024 * 1024;

/**
 * Takes a stream of server-sent events apart as it comes, in pieces of any length (HTML Living Standard 9.2.6). Messages without
 * data are given, too, where they have an id; comments are not.
 */
export class ServerSentEvents {
  #rest = '';
  #length = 0;
  #event = '';
  #data: string[] = [];
  #id: string | null = null;
  #hasId = false;

  /** The messages that this piece completes; null: one is longer than 1 MiB, and the stream is of no use. */
  push(piece: string): readonly ServerSentEvent[] | null {
    const lines = (this.#rest + piece).split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop() ?? '';
    const messages: ServerSentEvent[] = [];
    for (const line of lines) {
      this.#length += line.length;
      if (line === '') this.#end(messages);
      else this.#field(line);
      if (this.#length > LONGEST_MESSAGE) return null;
    }
    return this.#length + this.#rest.length > LONGEST_MESSAGE ? null : messages;
  }

  #field(line: string): void {
    const colon = line.indexOf(':');
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (name === 'event') this.#event = value;
    else if (name === 'data') this.#data.push(value);
    else if (name === 'id' && !value.includes('\0')) {
      this.#id = value;
      this.#hasId = true;
    }
  }

  #end(messages: ServerSentEvent[]): void {
    const data = this.#data.length === 0 ? null : this.#data.join('\n');
    if (data !== null || this.#hasId) messages.push({ event: this.#event || 'message', id: this.#id, data });
    this.#length = 0;
    this.#event = '';
    this.#data = [];
    this.#hasId = false;
  }
}
