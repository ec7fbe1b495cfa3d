export type LandingPageOptions = {
  readonly version: string;
  readonly revision: string;
  /** Path of each link, prefix included, and what is behind it. */
  readonly links: readonly { readonly path: string; readonly text: string }[];
};

/** What `GET /` shows for now: what this is and where to go. Plain HTML without scripts; the styles are in the page. */
export function landingPage({ version, revision, links }: LandingPageOptions): string {
  const items = links.map(({ path, text }) => `<li><a href="${escapeHtml(path)}">${escapeHtml(text)}</a></li>`);
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Finrst</title>
<style>
body { font-family: system-ui, sans-serif; margin: 3rem auto; max-width: 40rem; padding: 0 1rem; line-height: 1.5; color-scheme: light dark; }
h1 { margin-bottom: 0; }
</style>
</head>
<body>
<h1>Finrst</h1>
<p>Holds long-lived TCP connections and names why each one ended.</p>
<ul>
${items.join('\n')}
</ul>
<p>Version ${escapeHtml(version)}, revision ${escapeHtml(revision)}.</p>
</body>
</html>
`;
}

/** Nothing loads, runs or frames; the one style sheet is inline. */
export const LANDING_PAGE_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}
