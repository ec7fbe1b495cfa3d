import { resolveCredentials } from '../resolve-credentials.ts';
import { resolveScript } from '../resolve-script.ts';
import { always, type LoginRules, refuseWithoutTls } from './login-rules.ts';

export const script: LoginRules = {
  intervalMs: 30_000,
  showsPassword: always,
  resolve: ({ context, path, group }) => ({ name: 'script', settings: resolveScript(context, path, group) }),
};

export const smtp = withStartTls('smtp', 120_000);
export const imap = withStartTls('imap', 120_000);
export const ldap = withStartTls('ldap', 30_000);

export const ftp: LoginRules = {
  intervalMs: 60_000,
  showsPassword: always,
  resolve: ({ context, at, group }) => ({ name: 'ftp', settings: resolveCredentials(context, at, group.ftp ?? {}) }),
};

/** TLS where the group has it begins with the first byte, or is asked for by the protocol's own word. */
function withStartTls(name: 'smtp' | 'imap' | 'ldap', intervalMs: number): LoginRules {
  return {
    intervalMs,
    showsPassword: always,
    resolve(scope) {
      const { context, at, group } = scope;
      const values = group[name] ?? {};
      if (values.starttls === true) refuseWithoutTls(scope, 'starttls');
      return { name, settings: { ...resolveCredentials(context, at, values), starttls: values.starttls ?? false } };
    },
  };
}
