import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** Cleans up when the lab is done, and also when it is killed: it outlives us, and knows by its input that we are gone. */
export type Janitor = {
  /** A shell command to run at the end, last added first. A failure of one keeps none of the others from running. */
  add(command: string): void;
  /** Runs the commands now and resolves when they are done. */
  finish(): Promise<void>;
};

/** Reads lines until its input ends, then runs them from the last to the first. `tac` and `sh` are everywhere. */
const SCRIPT = 'todo=$(tac); eval "$todo"';

export function startJanitor(): Janitor {
  // Detached: Ctrl-C in the terminal is not for it.
  const shell = spawn('sh', ['-c', SCRIPT], { detached: true, stdio: ['pipe', 'ignore', 'inherit'] });
  return {
    add: (command) => void shell.stdin.write(`${command}\n`),
    async finish() {
      const done = once(shell, 'exit');
      shell.stdin.end();
      await done;
    },
  };
}
