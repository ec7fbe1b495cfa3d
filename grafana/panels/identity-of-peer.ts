import { table } from '../blocks/panels.ts';
import { now } from '../blocks/queries.ts';
import { selector } from '../blocks/selector.ts';

/** The address, the holder and the labels of one peer, one below the other. */
export const identityOfPeer = table({
  title: 'Who it is',
  description:
    'The address of the last established connection, who holds it, and the labels that the configuration gives this target.',
  unit: 'none',
})
  .withTarget(now(selector('finrst_peer_info', 'peer'), 'identity'))
  .transformations([
    { id: 'labelsToFields', options: { mode: 'rows' } },
    {
      id: 'filterByValue',
      options: {
        type: 'exclude',
        match: 'any',
        filters: [{ fieldName: 'label', config: { id: 'regex', options: { value: '^(__name__|job|group|peer)$' } } }],
      },
    },
  ]);
