/** Text that is safe inside HTML and SVG. */
export function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

/** The pixels a panel has for its content. */
export type Box = { readonly width: number; readonly height: number };

/** About how wide a text in Inter is. */
export function textWidth(text: string, size: number): number {
  return text.length * size * 0.56;
}

/** A line of the legend. */
export type LegendEntry = { readonly name: string; readonly colour: string };

/** The legend under a chart. */
export function legendHtml(entries: readonly LegendEntry[]): string {
  const items = entries.map(
    ({ name, colour }) => `<span class="entry"><i style="background:${colour}"></i>${escapeHtml(name)}</span>`,
  );
  return `<div class="legend">${items.join('')}</div>`;
}

/** Height of the legend: it is one line, or two where the names need it. */
export function legendHeight(entries: readonly LegendEntry[], width: number): number {
  const needed = entries.reduce((sum, { name }) => sum + textWidth(name, 12) + 34, 0);
  return entries.length === 0 ? 0 : 22 * Math.min(3, Math.ceil(needed / width));
}
