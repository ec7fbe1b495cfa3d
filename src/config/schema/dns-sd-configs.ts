import { z } from 'zod';
import { DEFAULT_DNS_SETTINGS, DNS_RECORD_TYPES, type DnsRecordType } from '../../settings/dns-settings.ts';
import { isHostName } from '../../text/host-port.ts';
import { count, duration, fieldNotes, inSeconds } from './field-schemas.ts';
import { LONGEST_LINGER_MS } from './linger.ts';

const { type, refreshIntervalMs, lingerMs } = DEFAULT_DNS_SETTINGS;

/** What Prometheus knows and Finrst does not. */
const NOT_BUILT = ['MX', 'NS'];

const recordType = z
  .string()
  .transform((written, context): DnsRecordType => {
    const upper = written.toUpperCase();
    const known = DNS_RECORD_TYPES.find((each) => each === upper);
    if (known !== undefined) return known;
    if (NOT_BUILT.includes(upper)) {
      const message = `is ${upper}, which is not built; a TCP peer is found by SRV, A or AAAA`;
      context.addIssue({ code: 'custom', message, input: written });
    } else context.addIssue({ code: 'invalid_value', values: [], input: written });
    return z.NEVER;
  })
  .register(fieldNotes, { expected: `one of ${DNS_RECORD_TYPES.join(', ')}` });

/** One entry of `dns_sd_configs`. */
export const dnsSdConfigSchema = z
  .strictObject({
    names: z
      .array(
        z
          .string()
          .refine(isHostName)
          .register(fieldNotes, { expected: 'a DNS name; an address needs no looking up and goes to static_configs' }),
      )
      .register(fieldNotes, { expected: 'a list of DNS names' })
      .describe('Names to look up, along the search list of resolv.conf.'),
    type: recordType.prefault(type).describe('Type of the records: SRV, A or AAAA.'),
    port: count(1, 65_535).optional().describe('Port of the targets; for A and AAAA, whose records have none.'),
    refresh_interval: duration({ atLeastMs: 1000 })
      .prefault(inSeconds(refreshIntervalMs))
      .describe('How often the names are looked up; the TTL of records does not matter.'),
    linger: duration({ atMostMs: LONGEST_LINGER_MS })
      .prefault(inSeconds(lingerMs))
      .describe('How long a connection outlives its vanished target.'),
  })
  .register(fieldNotes, { expected: 'a map with names' });

/** The `dns_sd_configs` of a group. */
export const dnsSdConfigsSchema = z
  .array(dnsSdConfigSchema)
  .register(fieldNotes, { expected: 'a list of maps with names' })
  .optional()
  .describe('Targets that DNS records name.');

export type DnsSdValues = z.output<typeof dnsSdConfigSchema>;
