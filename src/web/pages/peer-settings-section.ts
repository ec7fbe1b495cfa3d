import type { PeerTarget } from '../../domain/peer-target.ts';
import { fileNameOf, type SettingPlaces } from '../../settings/setting-places.ts';
import type { PeerHistory } from '../../sinks/status/peer-history.ts';
import { html, type Html } from './html.ts';
import { figure } from './page-parts.ts';
import { tooLongKeepalive } from './peer-finding.ts';
import { type SettingRow, settingsRows } from './settings-rows.ts';

export type SettingsOptions = {
  readonly prefix: string;
  readonly target: PeerTarget | null;
  readonly places: SettingPlaces;
  readonly history: PeerHistory;
};

/** What is in force for the peer and where it was given; what is at its default is folded away. */
export function settingsSection({ prefix, target, places, history }: SettingsOptions): Html {
  const rows =
    target === null ? [] : settingsRows(target.settings).map((row) => ({ ...row, place: placeOf(row, places) }));
  const own = rows.filter(({ isDefault, place }) => !isDefault || place !== null);
  const defaults = rows.filter((row) => !own.includes(row));
  const guilty = tooLongKeepalive(history, target) ? 'keepalive.idle' : null;
  return html`<section aria-labelledby="set-h">
    <div class="head">
      <h2 id="set-h">Settings in force</h2>
      <p class="quiet"><a href="${prefix}/config">whole configuration</a></p>
    </div>
    <div class="panel">
      ${target === null ? NONE : own.length === 0 ? ALL_DEFAULT : table(own, { places, guilty })}
      ${
        defaults.length > 0 &&
        html`<details>
          <summary>${figure(defaults.length)} at their defaults</summary>
          ${table(defaults, { places, guilty })}
        </details>`
      }
    </div>
  </section>`;
}

const NONE = html`<p class="runbook">No target makes this peer any more.</p>`;
const ALL_DEFAULT = html`<p class="runbook">All are at their defaults.</p>`;

type Placed = SettingRow & { readonly place: string | null };
type TableOptions = Pick<SettingsOptions, 'places'> & { readonly guilty: string | null };

function table(rows: readonly Placed[], { places, guilty }: TableOptions): Html {
  const file = fileNameOf(places.file);
  return html`<table class="data kv">
    <thead>
      <tr>
        <th scope="col">Key</th>
        <th scope="col">Value</th>
        <th scope="col" title="${places.file}">From ${file === '' ? 'the command line' : html`<bdi>${file}</bdi>`}</th>
      </tr>
    </thead>
    <tbody>
      ${rows.map(
        ({ key, value, place, isDefault }) =>
          html`<tr class="${key === guilty && 'hot'}">
            <th scope="row"><code>${key}</code></th>
            <td><bdi>${value}</bdi>${key === guilty && html` <a href="#finding">too long</a>`}</td>
            <td>${place ?? (isDefault ? 'default' : 'what is beside it')}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}

/** The nearest place: a key of the group, or the map around it, before one of `global`. */
function placeOf({ key }: SettingRow, { global, group }: SettingPlaces): string | null {
  const around = key.slice(0, Math.max(0, key.indexOf('.')));
  const own = group.get(key) ?? (isWhole(group, around) ? group.get(around) : undefined);
  if (own !== undefined) return `group, line ${own}`;
  const shared = global.get(key) ?? (isWhole(global, around) ? global.get(around) : undefined);
  return shared === undefined ? null : `global, line ${shared}`;
}

/** A map that is off as a whole, `keepalive: false`, has no keys of its own. */
function isWhole(lines: SettingPlaces['group'], around: string): boolean {
  return lines.has(around) && ![...lines.keys()].some((key) => key.startsWith(`${around}.`));
}
