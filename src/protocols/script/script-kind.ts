import type { Credentials, ProtocolName, SettingsOfProtocol } from '../../settings/protocol-settings.ts';
import type { Protocol, ProtocolKind } from '../session.ts';
import { type CompiledScript, compileScript, goodbyesOf, type PatternsOf, type Script } from './compile-script.ts';
import { ScriptSession } from './script-session.ts';

type ScriptName = Extract<ProtocolName, 'script' | 'smtp' | 'imap' | 'ftp' | 'memcached'>;

/** A protocol that is a script, which `write` gives for settings. */
export function scriptKind<Name extends ScriptName>(
  name: Name,
  write: (settings: SettingsOfProtocol[Name]) => Script,
  patternsOf: PatternsOf = 'program',
): ProtocolKind<Name> {
  // It is asked for at each attempt, and compiling its patterns takes milliseconds: once for each group.
  const made = new WeakMap<Credentials, Protocol>();
  return {
    name,
    create(settings) {
      const protocol = made.get(settings) ?? protocolOf(compileScript(write(settings), patternsOf), settings.username);
      made.set(settings, protocol);
      return protocol;
    },
  };
}

function protocolOf(script: CompiledScript, username: string | null): Protocol {
  return {
    expectsAnswer: script.login.some(({ kind }) => kind === 'expect'),
    tls: script.login.some((step) => step.kind === 'expect' && step.startTls) ? 'inBand' : 'atOnce',
    alpn: [],
    goodbyes: goodbyesOf(script),
    open({ password }) {
      const values = new Map<string, string>();
      if (username !== null) values.set('username', username);
      if (password !== null) values.set('password', password);
      return new ScriptSession(script, values);
    },
  };
}
