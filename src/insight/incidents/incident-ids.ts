/** Ids of incidents: seconds since the epoch, or the next number where that is taken. They grow over restarts. */
export class IncidentIds {
  #last = 0;

  /** @param at wall-clock milliseconds of the moment that it is about */
  next(at: number): string {
    this.#last = Math.max(this.#last + 1, Math.floor(at / 1000));
    return String(this.#last);
  }
}
