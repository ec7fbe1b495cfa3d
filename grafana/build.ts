import { writeFileSync } from 'node:fs';
import { DASHBOARDS } from './dashboards.ts';
import { render } from './render.ts';

/** Writes the committed JSON anew: `npm run -s node -- grafana/build.ts`. */
for (const [name, build] of Object.entries(DASHBOARDS)) {
  writeFileSync(new URL(`dashboards/${name}.json`, import.meta.url), render(build()));
}
