import type { PeerTarget } from '../../domain/peer-target.ts';
import { html, type Html } from './html.ts';
import { figure } from './page-parts.ts';
import { type SettingRow, settingsRows } from './settings-rows.ts';

/** What is in force for the peer; what is at its default is folded away. */
export function settingsSection(target: PeerTarget | null): Html {
  const rows = target === null ? [] : settingsRows(target.settings);
  const own = rows.filter(({ isDefault }) => !isDefault);
  const defaults = rows.filter(({ isDefault }) => isDefault);
  return html`<section aria-labelledby="set-h">
    <h2 id="set-h">Settings in force</h2>
    <div class="panel">
      ${target === null ? NONE : own.length === 0 ? ALL_DEFAULT : table(own)}
      ${
        defaults.length > 0 &&
        html`<details>
          <summary>${figure(defaults.length)} at their defaults</summary>
          ${table(defaults)}
        </details>`
      }
    </div>
  </section>`;
}

const NONE = html`<p class="runbook">No target makes this peer any more.</p>`;
const ALL_DEFAULT = html`<p class="runbook">All are at their defaults.</p>`;

function table(rows: readonly SettingRow[]): Html {
  return html`<table class="data kv">
    <thead>
      <tr>
        <th scope="col">Key</th>
        <th scope="col">Value</th>
      </tr>
    </thead>
    <tbody>
      ${rows.map(
        ({ key, value }) =>
          html`<tr>
            <th scope="row"><code>${key}</code></th>
            <td><bdi>${value}</bdi></td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}
