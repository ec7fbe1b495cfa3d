import { request, type IncomingMessage, type RequestOptions } from 'node:http';
import { once } from 'node:events';

/** A message of server-sent events; `event` is `message` where nothing else is written, `data` the JSON value. */
export type StreamMessage = { readonly event: string; readonly id?: string; readonly data?: unknown };

export type StreamReader = Disposable & {
  readonly response: IncomingMessage;
  /** All that has come, the comments too. */
  readonly text: () => string;
  readonly messages: () => readonly StreamMessage[];
  /** Resolves when so many messages with data have come. */
  readonly until: (count: number) => Promise<readonly StreamMessage[]>;
  /** Resolves when text that matches has come. */
  readonly untilText: (pattern: RegExp) => Promise<void>;
  /** Resolves when the stream has ended, in order or not. */
  readonly ended: Promise<'in order' | 'cut'>;
};

/** Opens a stream over a connection of its own and reads it. */
export async function readStream(address: string, path: string, options: RequestOptions = {}): Promise<StreamReader> {
  const { hostname, port } = new URL(`http://${address}`);
  const asking = request({ host: hostname, port, path, agent: false, ...options }).end();
  const [response] = (await once(asking, 'response')) as [IncomingMessage];
  asking.on('error', () => undefined);
  let text = '';
  const looks = new Set<() => void>();
  const ended = new Promise<'in order' | 'cut'>((resolve) => {
    response.on('end', () => resolve('in order')).on('error', () => resolve('cut'));
  });
  response.setEncoding('utf8').on('data', (piece: string) => {
    text += piece;
    for (const look of looks) look();
  });
  const when = (isThere: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (!isThere()) return;
        looks.delete(look);
        resolve();
      };
      looks.add(look);
      look();
    });
  const messages = (): readonly StreamMessage[] => messagesIn(text);
  return {
    response,
    text: () => text,
    messages,
    async until(count) {
      await when(() => messages().length >= count);
      return messages();
    },
    untilText: (pattern) => when(() => pattern.test(text)),
    ended,
    [Symbol.dispose]: () => void response.destroy(),
  };
}

/** As the specification of server-sent events reads them: without data there is no message. */
function messagesIn(text: string): readonly StreamMessage[] {
  return text
    .split('\n\n')
    .slice(0, -1)
    .flatMap((block) => {
      const fields = new Map(
        block.split('\n').map((line) => [line.split(': ')[0] ?? '', line.slice(line.indexOf(': ') + 2)]),
      );
      const [data, id] = [fields.get('data'), fields.get('id')];
      if (data === undefined) return [];
      const event = fields.get('event') ?? 'message';
      return [{ event, data: JSON.parse(data) as unknown, ...(id === undefined ? {} : { id }) }];
    });
}
