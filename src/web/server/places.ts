import type { RequestHandler, Response } from 'express';

/** How many answers may be under way at once. */
export class Places {
  readonly most: number;
  #free: number;

  constructor(most: number) {
    this.most = most;
    this.#free = most;
  }

  /** False: all places are taken. One that was taken is free again when the answer is finished or its connection closed. */
  take(response: Response): boolean {
    if (this.#free === 0) return false;
    this.#free--;
    response.once('close', () => void this.#free++);
    return true;
  }
}

/** Answers with 503 while no place is free. */
export function withPlace(places: Places, handler: RequestHandler): RequestHandler {
  return (request, response, next) => {
    if (places.take(response)) return handler(request, response, next);
    refuse(response, `${places.most} answers are under way already; try again in a second\n`);
    return undefined;
  };
}

/** Every place is taken: 503. A client that waits as Retry-After says finds one soon. */
export function refuse(response: Response, why: string): void {
  response.status(503).setHeader('Retry-After', '1').setHeader('Cache-Control', 'no-store');
  response.type('text/plain').send(why);
}
