import { keepalive, RETRIES_GIVE_UP, SLOW, writes, type Scenario } from '../scenario.ts';

/** Also those that the middlebox makes of the addresses that were dialled. */
const backends = (set: 'tracked' | 'black_hole') =>
  ({ run: ['nft', 'add', 'element', 'inet', 'lab', set, '{ BACKENDS }'], in: 'middlebox' }) as const;
const dropped = backends('black_hole');
/** The peer has another address than the one that is dialled: a middlebox translates, as a node does for a Kubernetes Service. */
const service = {
  repeat: SLOW,
  before: [{ firewall: 'tracked' }, backends('tracked'), { firewall: 'service' }],
} as const;
const soon = [-2, 1000] as const;

export const TRANSLATED: readonly Scenario[] = [
  {
    ...service,
    id: 'N01',
    injected: 'behind a translated address (DNAT): peer closes',
    steps: [{ server: ['close'] }],
    expect: { kind: 'disconnect', verdict: 'eof/fin', withinMs: soon },
  },
  {
    ...service,
    id: 'N02',
    injected: 'behind a translated address (DNAT): peer closes with SO_LINGER 0',
    steps: [{ server: ['rst'] }],
    expect: { kind: 'disconnect', verdict: 'error/reset', withinMs: soon },
  },
  {
    ...service,
    id: 'N03',
    injected: 'behind a translated address (DNAT): path black-holed, idle, keepalive 2 s / 1 s / 2',
    group: keepalive(2, 1, 2),
    steps: [{ sync: true }, dropped],
    expect: { kind: 'disconnect', verdict: 'error/keepalive_timeout', withinMs: [3500, 5500] },
  },
  {
    ...service,
    id: 'N04',
    injected: 'behind a translated address (DNAT): path black-holed, we write every 500 ms',
    group: writes(500),
    steps: [dropped],
    expect: { kind: 'disconnect', verdict: 'error/retransmit_timeout', withinMs: RETRIES_GIVE_UP },
  },
];
