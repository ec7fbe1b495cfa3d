import { execFileSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { createServer } from 'node:http';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Identity } from './fault-peer.ts';
import { HOSTS, UNREACHABLE, type Identities } from './scenario.ts';

const run = (program: string, ...args: string[]): void => void execFileSync(program, args, { stdio: 'pipe' });

/**
 * Turns the fresh network and mount namespace that this process was started in into the network of the scenario: one
 * address for each server on loopback, their names in the hosts file, and a resolver that knows no other name. Nothing
 * outside the namespaces sees any of it.
 */
export function furnishNetwork(folder: string): void {
  run('ip', 'link', 'set', 'lo', 'up');
  run('ip', 'address', 'add', '10.20.0.1/16', 'dev', 'lo');
  run('ip', 'route', 'add', 'unreachable', UNREACHABLE);
  const hosts = join(folder, 'hosts');
  const lines = Object.entries(HOSTS).map(([name, address]) => `${address} ${name}`);
  writeFileSync(hosts, `127.0.0.1 localhost\n${lines.join('\n')}\n`);
  run('mount', '--bind', hosts, '/etc/hosts');
  const resolver = join(folder, 'resolv.conf');
  writeFileSync(resolver, 'nameserver 127.0.0.1\noptions timeout:1 attempts:1\n');
  run('mount', '--bind', resolver, '/etc/resolv.conf');
}

/** Answers every question with "no such name". */
export function startResolver(): void {
  const socket = createSocket('udp4');
  socket.on('message', (question, from) => {
    const answer = Buffer.from(question);
    answer.writeUInt16BE(0x81_83, 2); // a response, recursion available, NXDOMAIN
    socket.send(answer, from.port, from.address);
  });
  socket.bind(53, '127.0.0.1');
}

/** Takes spans and throws them away: exported spans are what exemplars point at. */
export function startCollector(): void {
  createServer((request, response) => {
    request.resume();
    request.on('end', () => response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end());
  }).listen(4318, '127.0.0.1');
}

/** An authority, a certificate of it that has 20 days left, and one that nobody trusts with 3 days left. */
export function makeIdentities(folder: string): Identities {
  const openssl = (command: string, subject = ''): void => {
    const named = subject === '' ? [] : ['-subj', subject];
    execFileSync('openssl', [...command.split(' '), ...named], { cwd: folder, stdio: 'pipe' });
  };
  const key = '-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes';
  openssl(`req -x509 ${key} -days 365 -keyout ca.key -out ca.pem`, '/CN=test authority');
  openssl(`req ${key} -keyout trusted.key -out trusted.csr`, '/CN=edge.test');
  writeFileSync(join(folder, 'leaf.ext'), 'subjectAltName=DNS:edge.test\n');
  const signed = '-CA ca.pem -CAkey ca.key -CAcreateserial -days 20 -extfile leaf.ext';
  openssl(`x509 -req -in trusted.csr ${signed} -out trusted.pem`);
  openssl(`req -x509 ${key} -days 3 -keyout stranger.key -out stranger.pem`, '/CN=edge.test');
  const identity = (name: string): Identity => ({
    key: readFileSync(join(folder, `${name}.key`), 'utf8'),
    cert: readFileSync(join(folder, `${name}.pem`), 'utf8'),
  });
  return { trusted: identity('trusted'), stranger: identity('stranger'), caFile: join(folder, 'ca.pem') };
}
