import { randomBytes } from 'node:crypto';
import type { Clock } from '../../clock/clock.ts';
import { type ReadFile, whyUnreadable } from '../../files/file-content.ts';
import { readPassword } from '../../settings/password.ts';
import { KeyDerivation } from './key-derivation.ts';
import { RecentFiles } from './recent-files.ts';

/** A password as its file has it now; `unusable`: the attempt fails, with this sentence for the log. */
export type PasswordAnswer =
  | { readonly kind: 'password'; readonly password: string }
  | { readonly kind: 'unusable'; readonly detail: string };

/** What logins of all peers share. */
export type LoginTools = {
  /** Calls back with what the file held within the last second: at once where that is known. */
  password(file: string, done: (answer: PasswordAnswer) => void): void;
  readonly keys: KeyDerivation;
  /** How we name ourselves where a protocol asks for it. */
  readonly userAgent: string;
  /** Fit for secrets. */
  random(bytes: number): Uint8Array;
};

export type LoginToolsOptions = {
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly readFile: ReadFile;
  readonly userAgent: string;
};

/** Passwords are read again at each connect, off the event loop: a changed one needs no reload. */
export function createLoginTools({ clock, readFile, userAgent }: LoginToolsOptions): LoginTools {
  const files = new RecentFiles(clock, readFile);
  return {
    userAgent,
    keys: new KeyDerivation(),
    random: (bytes) => randomBytes(bytes),
    password: (file, done) =>
      files.read(file, (content) => {
        if (content.kind === 'unreadable') {
          done({ kind: 'unusable', detail: `cannot read ${file}: ${whyUnreadable(content.why)}` });
          return;
        }
        const answer = readPassword(content.bytes);
        done(answer.kind === 'password' ? answer : { kind: 'unusable', detail: `${file} ${answer.why}` });
      }),
  };
}
