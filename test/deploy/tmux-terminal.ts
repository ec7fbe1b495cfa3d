import { execFileSync } from 'node:child_process';
import { onTestFinished } from 'vitest';

/** A real terminal of a given width, in a tmux server of its own. */
export type TmuxTerminal = {
  /** All that was printed so far, scrolled out or not. */
  readonly text: () => string;
  /** The same, where each line that the terminal itself had to break is one. */
  readonly unbroken: () => string;
  readonly resize: (columns: number) => void;
  /** Types keys, as `tmux send-keys` names them. */
  readonly type: (...keys: readonly string[]) => void;
  /** Resolves once the text matches. */
  readonly shows: (pattern: RegExp) => Promise<void>;
};

export type TmuxOptions = {
  readonly columns: number;
  readonly argv: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
};

const ROWS = 40;
const LOOK_AGAIN_MS = 100;
/** A terminal that shows nothing for so long will not. */
const PATIENCE_MS = 60_000;

let servers = 0;

/** Starts a program in a terminal. The terminal stays after it; it goes at the end of the test. */
export function startInTmux({ columns, argv, env = {} }: TmuxOptions): TmuxTerminal {
  servers += 1;
  const name = `finrst-test-${process.pid}-${servers}`;
  const tmux = (...args: readonly string[]) =>
    execFileSync('tmux', ['-L', name, '-f', '/dev/null', ...args], { encoding: 'utf8' });
  const variables = Object.entries(env).flatMap(([key, value]) => ['-e', `${key}=${value}`]);
  const size = ['-x', String(columns), '-y', String(ROWS)];
  tmux(
    'new-session',
    '-d',
    ...size,
    ...variables,
    ';',
    'set',
    '-g',
    'remain-on-exit',
    'on',
    ';',
    'set',
    '-g',
    'history-limit',
    '5000',
  );
  onTestFinished(() => void tmux('kill-server'));
  // The terminal's own echo of Ctrl-C (^C) would stand before a line of the program, which knows nothing of it.
  tmux('respawn-pane', '-k', ...variables, `stty -echoctl; exec ${argv.map(quoted).join(' ')}`);
  const capture = (...flags: readonly string[]) =>
    tmux('capture-pane', '-p', '-S', '-', ...flags)
      .split('\n')
      .map((line) => line.trimEnd())
      .join('\n')
      .replace(/\n*(?:Pane is dead.*)?\n*$/, '\n');
  const text = () => capture();
  return {
    text,
    unbroken: () => capture('-J'),
    resize: (to) => void tmux('resize-window', '-x', String(to), '-y', String(ROWS)),
    type: (...keys) => void tmux('send-keys', ...keys),
    async shows(pattern) {
      const giveUpAt = Date.now() + PATIENCE_MS;
      while (!pattern.test(text())) {
        if (Date.now() > giveUpAt) throw new Error(`the terminal never showed ${pattern}:\n${text()}`);
        await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
      }
    },
  };
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
