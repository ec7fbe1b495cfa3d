import { CALM_COLOUR, CONNECTED_INK, NOT_CONNECTED_COLOUR, SEVERITY_COLOURS } from '../blocks/palette.ts';
import { coloursByName } from '../blocks/overrides.ts';
import { lines } from '../blocks/panels.ts';
import { overTime } from '../blocks/queries.ts';
import { inStep, selector } from '../blocks/selector.ts';

const ofShards = (family: string): string => selector(family, 'daemon');

/** Whether all shards are there and agree. */
export const shards = lines({
  title: 'Shards',
  description:
    'wanted: as many as there are to be. scraped: those that answer and know their number. counted: the number that each goes by, highest and lowest; they differ while shards come, until all of them are ready. changed: processes whose share of the peers changed, in each step of the chart.',
  unit: 'none',
})
  .decimals(0)
  .min(0)
  .noValue('not sharded')
  .overrides(
    coloursByName({
      wanted: CALM_COLOUR,
      scraped: CONNECTED_INK,
      'counted, highest': 'light-blue',
      'counted, lowest': NOT_CONNECTED_COLOUR,
      changed: SEVERITY_COLOURS.warning,
    }),
  )
  .withTarget(overTime(`max(${ofShards('finrst_shards_wanted')})`, 'wanted'))
  .withTarget(overTime(`count(${ofShards('finrst_shard_ordinal')})`, 'scraped'))
  .withTarget(overTime(`max(${ofShards('finrst_shards')})`, 'counted, highest'))
  .withTarget(overTime(`min(${ofShards('finrst_shards')})`, 'counted, lowest'))
  .withTarget(overTime(`sum(${inStep(ofShards('finrst_reshards_total'))})`, 'changed'));

/** Who holds how many. */
export const peersOfShards = lines({
  title: 'Connections of each process',
  description:
    'Connections that each process holds. While a peer changes hands, two processes hold it for a while, so that it is never held by none.',
  unit: 'none',
})
  .decimals(0)
  .min(0)
  .withTarget(
    overTime(
      `sum by (cluster, instance) (${selector('finrst_peers', 'daemon', 'state="established"')})`,
      '{{instance}} {{cluster}}',
    ),
  );
