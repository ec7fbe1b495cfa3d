import { expect, test } from 'vitest';
import { DISCOVERY_KINDS } from '../../../src/discovery/discovery-kinds.ts';
import { sourceContext } from '../../support/source-context.ts';
import type { SourceUpdate } from '../../../src/discovery/peer-source.ts';

test.each(Object.entries(DISCOVERY_KINDS))('%s is registered under its own name', (name, kind) => {
  expect(kind.name).toBe(name);
});

test('static targets are published once, each entry as a set of its own, and then synced', () => {
  const updates: SourceUpdate[] = [];
  const source = DISCOVERY_KINDS.static.create(
    [
      { targets: ['a:1', 'b:2'], labels: { team: 'x' } },
      { targets: [], labels: {} },
    ],
    sourceContext(),
  );
  source.start((update) => updates.push(update));
  source.stop();
  expect(updates).toEqual([
    {
      kind: 'groups',
      groups: [
        {
          source: 'static_configs[0]',
          targets: [{ __address__: 'a:1' }, { __address__: 'b:2' }],
          labels: { team: 'x' },
        },
        { source: 'static_configs[1]', targets: [], labels: {} },
      ],
    },
    { kind: 'synced' },
  ]);
});
