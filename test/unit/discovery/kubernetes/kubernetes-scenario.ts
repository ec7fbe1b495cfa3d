import type { Clock } from '../../../../src/clock/clock.ts';
import type { StatefulSetContext } from '../../../../src/discovery/kubernetes/watch-stateful-set.ts';
import { readWholeFile } from '../../../../src/files/read-whole-file.ts';
import type { KubernetesServer } from '../../../../src/settings/kubernetes-settings.ts';

/** A server over plain HTTP, without a login. */
export function plainServer(url: string): Extract<KubernetesServer, { readonly kind: 'url' }> {
  return {
    kind: 'url',
    url,
    tls: { ca: null, cert: null, key: null, serverName: null, minVersion: 'TLSv1.2', insecureSkipVerify: false },
    login: { kind: 'none' },
  };
}

/** What a source may use, with a clock of the test and nothing left to chance. */
export function apiContext({ clock }: { readonly clock: Clock }): StatefulSetContext {
  return {
    clock,
    random: () => 0.5,
    readFile: (path) => readWholeFile(path),
    environment: {},
    configureSocket: () => false,
    version: 'test',
  };
}
