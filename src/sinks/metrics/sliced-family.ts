import type { ExpositionFormat } from '../../settings/exposition-format.ts';
import { familyNamed, type MetricFamily, type MetricName } from './metric-catalogue.ts';

/** A family that writes itself a few dozen lines at a time, so that a scrape can stop between two slices. */
export type SlicedFamily = Pick<MetricFamily, 'name' | 'type' | 'help'> & {
  /** Sample lines without the header. Whoever is removed while the slices are read is left out from there on. */
  slices(format: ExpositionFormat): Iterable<string | Buffer> | AsyncIterable<string>;
};

/** A family of the catalogue. */
export function slicedFamily(name: MetricName, slices: SlicedFamily['slices']): SlicedFamily {
  const { type, help } = familyNamed(name);
  return { name, type, help, slices };
}
