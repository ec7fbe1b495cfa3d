import { expect, test } from 'vitest';
import { PeerRegister } from '../../../../src/insight/incidents/peer-register.ts';
import { connectedEvent } from '../../../support/sample-finrst-events.ts';

const facts = { labels: {}, tls: false, expectsAnswer: false, canAnnounce: false, host: 'h', port: 1 };

function registerOf(...ids: readonly number[]): PeerRegister {
  const register = new PeerRegister();
  for (const id of ids) register.put({ ...connectedEvent.peer, id }, facts);
  return register;
}

test('peers of one address and port share it, as long as one of them is there', () => {
  const register = registerOf(1, 2, 3);
  const remote = { address: '192.0.2.1', port: 1 };
  register.connected(1, remote, 0);
  register.connected(2, remote, 0);
  const shared = register.get(1)?.endpoint;
  expect(shared?.peers).toBe(2);
  register.remove(1);
  register.connected(3, remote, 0);
  expect(register.get(3)?.endpoint).toBe(shared);
  expect(shared?.peers).toBe(2);
  register.remove(2);
  register.remove(3);
  register.put({ ...connectedEvent.peer, id: 4 }, facts);
  register.connected(4, remote, 0);
  expect(register.get(4)?.endpoint).not.toBe(shared);
});

test('another port of the same address is another one', () => {
  const register = registerOf(1, 2);
  register.connected(1, { address: '192.0.2.1', port: 1 }, 0);
  register.connected(2, { address: '192.0.2.1', port: 2 }, 0);
  register.connected(1, { address: '192.0.2.1', port: 2 }, 0);
  expect(register.get(1)?.endpoint).toBe(register.get(2)?.endpoint);
  expect(register.get(1)?.endpoint).toEqual({ address: '192.0.2.1', port: 2, peers: 2 });
});
