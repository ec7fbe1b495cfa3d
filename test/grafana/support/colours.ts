import { drawingPanels, type DashboardJson, type PanelJson } from './dashboard-json.ts';

/** One colour that a dashboard gives to something, and the words that say what. */
export type ColourUse = { readonly where: string; readonly about: string; readonly colour: string };

type Mapping = {
  readonly type: string;
  readonly options: Readonly<Record<string, { readonly text?: string; readonly color?: string }>>;
};
type Threshold = { readonly value: number | null; readonly color: string };
type Fields = {
  readonly color?: { readonly fixedColor?: string };
  readonly thresholds?: { readonly steps: readonly Threshold[] };
  readonly mappings?: readonly Mapping[];
};

/**
 * Every colour of a dashboard, whatever gives it: a fixed colour, a step of thresholds or a mapping, of the panel or of an
 * override; and the marks of annotations. `transparent` and `text` are no colours.
 */
export function colourUses(dashboard: DashboardJson): ColourUse[] {
  const marks = dashboard.annotations.list.map(({ name, iconColor }) => ({
    where: 'annotations',
    about: name,
    colour: iconColor,
  }));
  return [...marks, ...drawingPanels(dashboard).flatMap(usesOfPanel)].filter(
    ({ colour }) => colour !== 'transparent' && colour !== 'text',
  );
}

function usesOfPanel({ title, fieldConfig }: PanelJson): ColourUse[] {
  const own = usesOfFields(title, title, (fieldConfig?.defaults ?? {}) as Fields);
  const overridden = (fieldConfig?.overrides ?? []).flatMap(({ matcher, properties }) =>
    usesOfFields(title, matcher.options, Object.fromEntries(properties.map(({ id, value }) => [id, value])) as Fields),
  );
  return [...own, ...overridden];
}

function usesOfFields(where: string, about: string, { color, thresholds, mappings }: Fields): ColourUse[] {
  const fixed = color?.fixedColor === undefined ? [] : [{ where, about, colour: color.fixedColor }];
  const steps = (thresholds?.steps ?? []).map((step) => ({ where, about, colour: step.color }));
  const mapped = (mappings ?? []).flatMap(({ options }) =>
    Object.entries(options).flatMap(([value, result]) =>
      result.color === undefined ? [] : [{ where, about: `${value} ${result.text ?? ''}`, colour: result.color }],
    ),
  );
  return [...fixed, ...steps, ...mapped];
}
