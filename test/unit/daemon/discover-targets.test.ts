import { expect, test } from 'vitest';
import { type Discovered, discoverTargets } from '../../../src/daemon/discover-targets.ts';
import { DEFAULT_PEER_SETTINGS } from '../../../src/settings/peer-settings.ts';
import type { SourceSettings } from '../../../src/settings/source-settings.ts';
import { createFakeClock, settled } from '../../support/fake-clock.ts';

/** Runs the discovery of one group with these sources, whose files are never read to their end. */
function start(forMs: number, ...sources: SourceSettings[]) {
  const clock = createFakeClock();
  const template = {
    ...DEFAULT_PEER_SETTINGS,
    group: 'g',
    targetLabels: [],
    heartbeat: null,
    protocol: null,
    tls: null,
  };
  const found: Discovered[] = [];
  void discoverTargets({
    groups: [{ name: 'g', template, sources, relabelRules: [], targetLimit: 0 }],
    forMs,
    clock,
    random: () => 0.5,
    readFile: () => new Promise(() => {}),
    build: { version: '0', revision: '', nodeVersion: '' },
    env: {},
  }).then((result) => found.push(result));
  return {
    clock,
    after: async (ms: number) => {
      await settled();
      for (let passed = 0; passed < ms; passed += 50) {
        clock.advance(50);
        await settled();
      }
      return found[0] ?? null;
    },
  };
}

const SILENT: SourceSettings = {
  kind: 'dns',
  settings: { names: ['a'], type: 'A', port: 1, refreshIntervalMs: 300_000, lingerMs: 0 },
};
const FIXED: SourceSettings = { kind: 'static', settings: [{ targets: ['a:1'], labels: {} }] };

test('a source that does not answer is waited for as long as was asked for, not 30 s as the daemon does, and then named', async () => {
  const { after, clock } = start(45_000, FIXED, SILENT);
  expect(await after(44_900)).toBeNull();
  expect(await after(200)).toMatchObject({
    unanswered: [{ group: 'g', entry: 'dns_sd_configs[0]' }],
    targets: [{ peer: 'a:1', state: 'active' }],
    failures: [],
    isCut: false,
  });
  expect(clock.pending).toBe(0);
});

test('what stands in the configuration is not waited for', async () => {
  const { after } = start(45_000, FIXED);
  expect(await after(50)).toMatchObject({ targets: [{ peer: 'a:1' }], unanswered: [], isCut: false });
});
