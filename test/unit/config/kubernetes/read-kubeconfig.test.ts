import { expect, test } from 'vitest';
import { readKubeconfig } from '../../../../src/config/kubernetes/read-kubeconfig.ts';

const PEM = '-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n';
const base64 = (text: string): string => Buffer.from(text).toString('base64');

const kubeconfig = ({ cluster = 'server: https://10.0.0.1:6443', user = 'token: secret' } = {}): string => `
apiVersion: v1
kind: Config
current-context: two
contexts:
  - {name: one, context: {cluster: other, user: other}}
  - {name: two, context: {cluster: c, user: u, namespace: payments}}
clusters:
  - {name: other, cluster: {server: 'https://other'}}
  - {name: c, cluster: {${cluster}}}
users:
  - {name: other, user: {token: other}}
  - {name: u, user: {${user}}}
`;

const serverOf = (parts: Parameters<typeof kubeconfig>[0]): unknown => {
  const result = readKubeconfig(kubeconfig(parts), '/home/a/.kube/config');
  if (result.kind === 'unusable') throw new TypeError(result.why);
  return result.server;
};

test('the current context gives server and login', () => {
  expect(serverOf({})).toEqual({
    kind: 'url',
    url: 'https://10.0.0.1:6443',
    tls: { ca: null, cert: null, key: null, serverName: null, minVersion: 'TLSv1.2', insecureSkipVerify: false },
    login: { kind: 'token', scheme: 'Bearer', token: { kind: 'text', text: 'secret' } },
  });
});

test('data win over files, and files start at the folder of the kubeconfig', () => {
  expect(
    serverOf({
      cluster: `server: 'https://h', certificate-authority: ca.pem, certificate-authority-data: ${base64(PEM)}, tls-server-name: api, insecure-skip-tls-verify: true`,
      user: 'client-certificate: certs/me.pem, client-key: /keys/me.pem, tokenFile: token, token: other',
    }),
  ).toEqual({
    kind: 'url',
    url: 'https://h',
    tls: {
      ca: { kind: 'text', text: PEM },
      cert: { kind: 'file', path: '/home/a/.kube/certs/me.pem' },
      key: { kind: 'file', path: '/keys/me.pem' },
      serverName: 'api',
      minVersion: 'TLSv1.2',
      insecureSkipVerify: true,
    },
    login: { kind: 'token', scheme: 'Bearer', token: { kind: 'file', path: '/home/a/.kube/token' } },
  });
});

const text = (written: string) => ({ kind: 'text', text: written });

test.each([
  ['username: me, password: p', { kind: 'basic', username: text('me'), password: text('p') }],
  ['', { kind: 'none' }],
])('a user with {%s} is known', (user, login) => {
  expect(serverOf({ user })).toMatchObject({ login });
});

test.each([
  [
    'a program',
    { user: 'exec: {command: aws, args: [a]}' },
    'has the user "u", who needs the program "aws", which Finrst does not run; use a token',
  ],
  [
    'a provider',
    { user: 'auth-provider: {name: oidc}' },
    'has the user "u", who needs the provider "oidc", which Finrst does not have; use a token',
  ],
  ['speaking for somebody', { user: 'as: admin' }, 'has the user "u" with as, which is not built'],
  [
    'a proxy',
    { cluster: 'server: https://h, proxy-url: http://p' },
    'has the cluster "c" with proxy-url, which is not built',
  ],
  ['half a key pair', { user: 'client-key: a' }, 'has a user with only one of client-certificate and client-key'],
  ['data that are no PEM', { user: `client-key-data: ${base64('x')}` }, 'has client-key-data that hold no PEM'],
  [
    'no server',
    { cluster: '' },
    'has the cluster "c", whose server is no URL; expected one like https://10.0.0.1:6443',
  ],
  [
    'a password in the URL',
    { cluster: "server: 'https://u:hunter2@h'" },
    'has the cluster "c", whose server has a user in its URL; use basic_auth or authorization',
  ],
])('a kubeconfig with %s is refused with a sentence', (_, parts, why) => {
  expect(readKubeconfig(kubeconfig(parts), '/k')).toEqual({ kind: 'unusable', why });
});

test.each([
  ['', 'is no kubeconfig; expected a map with clusters, contexts and users'],
  ['[]', 'is no kubeconfig; expected a map with clusters, contexts and users'],
  ['{}', 'has no current-context'],
  ['{current-context: x}', 'has no context "x", which is its current-context'],
  ['{current-context: x, contexts: [{name: x}]}', 'has no cluster ""'],
  [
    '{current-context: x, contexts: [{name: x, context: {cluster: c}}], clusters: [{name: c, cluster: {server: "https://h"}}]}',
    null,
  ],
  [
    '{current-context: x, contexts: [{name: x, context: {cluster: c, user: u}}], clusters: [{name: c, cluster: {server: "https://h"}}]}',
    'has no user "u"',
  ],
  ['a: [', expect.stringMatching(/^is not usable: \d+:\d+: /)],
])('%s', (written, why) => {
  const result = readKubeconfig(written, '/k');
  expect(result.kind === 'unusable' ? result.why : null).toEqual(why);
});
