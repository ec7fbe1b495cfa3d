import type { Timer } from '../../clock/clock.ts';
import type { ConnectionEvent } from '../../domain/events/connection-events.ts';
import { refusesCredentials } from '../../domain/goodbye.ts';
import type { Reconnect } from '../../settings/peer-settings.ts';
import type { DelayedPeer, LoginTurn } from './login-turns.ts';
import type { RunnerContext } from './runner-context.ts';

type LoginOfPeer = { readonly group: string; readonly file: string };

/**
 * An attempt that logs in with a password: it waits for its turn in its group, then for one in the connect rate. The turn is
 * its own until it has an outcome or is cancelled.
 */
export class LoginAttempt implements Timer {
  readonly #turn: LoginTurn;
  #rate: Timer | null = null;

  /** @param due called once when both turns have come, never before this returned */
  constructor({ turns, rate }: Pick<RunnerContext, 'turns' | 'rate'>, login: LoginOfPeer, due: () => void) {
    this.#turn = turns.request(login, () => {
      this.#rate = rate.request(due);
    });
  }

  /** Its outcome decides who may log in next. */
  over(event: ConnectionEvent, reconnect: Reconnect, peer: DelayedPeer): void {
    if (event.type === 'connected') this.#turn.accepted();
    else if (event.type === 'connectFailed' && event.goodbye !== undefined && refusesCredentials(event.goodbye))
      this.#turn.refused({ retryInMs: event.retryInMs, reconnect, peer });
    else this.#turn.cancel();
  }

  /** It is given up. */
  cancel(): void {
    this.#rate?.cancel();
    this.#turn.cancel();
  }
}
