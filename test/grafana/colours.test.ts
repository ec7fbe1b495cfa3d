import { describe, expect, test } from 'vitest';
import { CLASS_COLOURS } from '../../grafana/blocks/palette.ts';
import { DISCONNECT_CLASSES, DISCONNECT_REASONS } from '../../src/domain/disconnect.ts';
import { colourUses, type ColourUse } from './support/colours.ts';
import { DASHBOARD_NAMES, drawingPanels, readDashboard } from './support/dashboard-json.ts';
import { colourOf, fieldConfig } from './renderer/field-config.ts';
import { css } from './renderer/grafana-colours.ts';

/** On "Finrst itself" green, orange and red mean good, watch and bad: no connection ends there. */
const ABOUT_CONNECTIONS = ['overview', 'peer', 'fleet'] as const;

/** The SDK writes this default into every heatmap. */
const EXEMPLARS_OF_HEATMAPS = 'rgba(255,0,255,0.7)';

type Subject = keyof typeof CLASS_COLOURS | 'not connected' | undefined;

const PURPLE = /purple$/;
const NOT_CONNECTED =
  /[Nn]ot connected|\bdown\b|backoff|resolving|connecting|handshaking|[Ff]ail|(^|[^a-z_])(dns|tcp|tls|protocol)\b|[Tt]ime connected/;
const CLASS_WORDS = /(?<![a-z_])(eof|error|idle_timeout|local)(?![a-z_])/;

/** What a colour is about, from the words beside it. A failed connect may name a reason that a class has, too. */
function subjectOf({ about, where }: ColourUse): Subject {
  const reason = /^(\w+) \1: /.exec(about)?.[1];
  const ofReason = DISCONNECT_CLASSES.find((name) =>
    (DISCONNECT_REASONS[name] as readonly string[]).includes(reason ?? ''),
  );
  if (ofReason !== undefined) return ofReason;
  if (NOT_CONNECTED.test(about)) return 'not connected';
  if (/closed by us|closing|^Local closes/.test(about)) return 'local';
  const named = CLASS_WORDS.exec(about)?.[1] as Subject;
  return named ?? (NOT_CONNECTED.test(where) ? 'not connected' : undefined);
}

test.each(DASHBOARD_NAMES)('no colour of %s escapes the rules below', (name) => {
  const dashboard = readDashboard(name);
  const all: string[] = [];
  JSON.stringify(dashboard, (key, value: unknown) => {
    if (/^(color|fixedColor|iconColor)$/.test(key) && typeof value === 'string') all.push(value);
    return value;
  });
  const seen = colourUses(dashboard).map(({ colour }) => colour);
  const noColours = ['transparent', 'text', EXEMPLARS_OF_HEATMAPS];
  expect(seen.toSorted()).toEqual(all.filter((colour) => !noColours.includes(colour)).toSorted());
});

describe.each(ABOUT_CONNECTIONS)('%s', (name) => {
  const uses = colourUses(readDashboard(name)).map((use) => ({ ...use, subject: subjectOf(use) }));

  test('gives each class its colour wherever it appears, and no other thing that colour', () => {
    const ofClasses: ReadonlyMap<string, string> = new Map(
      Object.entries(CLASS_COLOURS).map(([disconnectClass, colour]) => [colour, disconnectClass]),
    );
    for (const use of uses) {
      const wanted =
        use.subject === undefined || use.subject === 'not connected' ? undefined : CLASS_COLOURS[use.subject];
      if (wanted !== undefined) expect(use.colour, JSON.stringify(use)).toBe(wanted);
      if (ofClasses.has(use.colour)) expect(use.subject, JSON.stringify(use)).toBe(ofClasses.get(use.colour));
    }
    expect(new Set(uses.map(({ subject }) => subject))).toEqual(
      new Set([...Object.keys(CLASS_COLOURS), 'not connected', undefined]),
    );
  });

  test('is purple where something is not connected, and nowhere else', () => {
    for (const use of uses) {
      if (PURPLE.test(use.colour)) expect(use.subject, JSON.stringify(use)).toBe('not connected');
      if (use.subject === 'not connected') expect(use.colour, JSON.stringify(use)).toMatch(CALM_OR_PURPLE);
    }
  });

  const panels = drawingPanels(readDashboard(name)).flatMap((panel) =>
    (panel.targets ?? []).map(({ legendFormat = '' }) => ({ title: panel.title, panel, legendFormat })),
  );
  test.each(panels.filter(({ legendFormat }) => /\{\{class\}\}/.test(legendFormat) || CLASS_WORDS.test(legendFormat)))(
    'panel "$title" colours "$legendFormat"',
    ({ panel, legendFormat }) => {
      const classes = /\{\{class\}\}/.test(legendFormat)
        ? DISCONNECT_CLASSES
        : [CLASS_WORDS.exec(legendFormat)?.[1] as 'local'];
      for (const disconnectClass of classes) {
        const legend = legendFormat.replace('{{class}}', disconnectClass).replace('{{reason}}', 'other');
        expect(colourOf(fieldConfig(panel, legend), 1, 'none'), legend).toBe(css(CLASS_COLOURS[disconnectClass]));
      }
    },
  );
});

/** Connected or nothing, beside the purple. */
const CALM_OR_PURPLE = /purple$|^rgba\(110, 159, 255|^light-blue$|^#3d3d46$|^#5b5b66$/;
