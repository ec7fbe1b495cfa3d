/**
 * Runs the Kubernetes source of discovery against a real API server and prints what it publishes, a line of JSON for each
 * update. `node follow-objects.ts SETTINGS`, where SETTINGS is the JSON of a `KubernetesSourceSettings`; ends when its input ends.
 */
import { kubernetesDiscovery } from '../../src/discovery/kubernetes/kubernetes-discovery.ts';
import type { KubernetesSourceSettings } from '../../src/settings/kubernetes-settings.ts';
import { systemClock } from '../../src/clock/system-clock.ts';
import { sourceContext } from '../support/source-context.ts';

const settings = JSON.parse(process.argv[2] ?? '') as KubernetesSourceSettings;
const source = kubernetesDiscovery.create(settings, sourceContext({ clock: systemClock, random: Math.random }));
source.start((update) => process.stdout.write(`${JSON.stringify(update)}\n`));
// nsenter, which starts it, passes no signal on.
process.stdin.on('end', () => process.exit()).resume();
