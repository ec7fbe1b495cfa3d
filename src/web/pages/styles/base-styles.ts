/** Tokens, text, marks, the bar at the top, charts. Colour repeats what shape says; text is hardly coloured. */
export const BASE_STYLES = `/* Finrst: the one style sheet of its pages. No outside resource, no inline style, no script needed.
   A held connection is a line; what ends it is a mark on the line; where there is none, the line is broken.
   Colour repeats what shape already says. */

/* ---------- tokens ---------- */
:root {
  color-scheme: light dark;
  --sans: system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Helvetica Neue", Arial, sans-serif;
  --mono: ui-monospace, "SF Mono", "Cascadia Mono", "Roboto Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;

  --t-xs: .6875rem;   /* 11: axis labels, column heads */
  --t-s: .75rem;      /* 12: second lines */
  --t-m: .8125rem;    /* 13: body, tables */
  --t-l: .9375rem;    /* 15: section heads */
  --t-xl: 1.25rem;    /* 20: the verdict, a peer's name */
  --t-xxl: 1.625rem;  /* 26: figures */

  --s1: .25rem; --s2: .5rem; --s3: .75rem; --s4: 1rem; --s5: 1.5rem; --s6: 2rem;
  --radius: .25rem;
  --edge: clamp(.75rem, 1.9vw, 2rem);

  --bg: #f5f6f8; --surface: #fff; --sunken: #eceef2; --hover: #f3f5f8;
  --ink: #14181f; --ink-2: #454d5a; --ink-3: #5f6877; --line: #e2e5ea; --line-2: #c8cdd6;
  --link: #1d55b5; --focus: #1d55b5;

  /* one hue a word. Marks have 3:1 on every ground. Text is not coloured, but for "down" and our own ill health (ink, 4.5:1) */
  --up: #7487ab;
  --eof: #1c8540;
  --idle: #c06600;
  --error: #d0212d; --error-ink: #b21a25;  --error-tint: #fdeeee;
  --down: #7b47c9;  --down-ink: #6a37b3;   --down-tint: #f3edfc;
  --local: #6b7480;
  --p-dns: #3f86c9; --p-tcp: #9a6bdc; --p-tls: #5b2f9e;   /* the phases of a connect, cold to warm */
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --bg: #0f1217; --surface: #161a21; --sunken: #1d222b; --hover: #1b2028;
    --ink: #e8ebf0; --ink-2: #b0b8c4; --ink-3: #8d97a6; --line: #262c36; --line-2: #3a424e;
    --link: #8ab4ff; --focus: #8ab4ff;
    --up: #64799f;
    --eof: #4cc07a;
    --idle: #f0a140;
    --error: #ff6b6b; --error-ink: #ff9a98;  --error-tint: #2c191c;
    --down: #b493f5;  --down-ink: #c9b0fa;   --down-tint: #231c33;
    --local: #99a2af;
    --p-dns: #6cb2f0; --p-tcp: #b493f5; --p-tls: #8458d8;
  }
}
@media (min-width: 112.5em) { :root { font-size: 112.5%; } }
@media (min-width: 150em) { :root { font-size: 131.25%; } }

/* ---------- ground ---------- */
*, *::before, *::after { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body {
  margin: 0; background: var(--bg); color: var(--ink);
  font: var(--t-m)/1.4 var(--sans); font-variant-numeric: tabular-nums;
}
h1, h2, h3, p, dl, dd, ul, ol, figure { margin: 0; padding: 0; }
ul, ol { list-style: none; }
h2 { font-size: var(--t-l); font-weight: 600; line-height: 1.3; }
h3 { font-size: var(--t-m); font-weight: 600; }
a { color: var(--link); text-decoration-thickness: 1px; text-underline-offset: .15em; }
/* a line on the underscores of a word would hide them */
a[href*="/words/"] { text-underline-offset: .3em; }
code, pre, .mono { font-family: var(--mono); font-size: .9615em; }
time { white-space: nowrap; }
h1, h2, h3, p, dd, li, figcaption, bdi { overflow-wrap: anywhere; }
abbr[title], time[title] { text-decoration: none; }
:focus-visible { outline: 2px solid var(--focus); outline-offset: 1px; border-radius: 2px; }
.sr { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.skip { position: absolute; left: var(--s2); top: -4rem; z-index: 9; padding: var(--s2) var(--s3); background: var(--surface); }
.skip:focus { top: var(--s2); }
.defs { position: absolute; width: 0; height: 0; }
main { padding: 0 var(--edge) var(--s6); }
.num { text-align: right; }
.quiet { color: var(--ink-3); }

/* ---------- marks: the shape says the class; hollow = expected: announced, or our own ---------- */
.mark { width: .7em; height: .7em; margin-right: .3em; overflow: visible; vertical-align: -.03em; }
.eof { fill: var(--eof); } .idle { fill: var(--idle); } .error { fill: var(--error); }
.local { fill: var(--ground, var(--surface)); stroke: var(--local); stroke-width: 1.6; }
.failed { fill: var(--ground, var(--surface)); stroke: var(--down); stroke-width: 1.6; }
.announced { fill: var(--ground, var(--surface)); stroke: var(--eof); stroke-width: 1.6; }
.up { stroke: var(--up); stroke-width: 3; fill: none; }
.down { stroke: var(--down); stroke-width: 3; stroke-dasharray: 3 2; fill: none; }
.halo { paint-order: stroke; stroke: var(--ground, var(--surface)); stroke-width: 3; stroke-linejoin: round; }
.local.halo, .failed.halo { stroke-width: 1.6; paint-order: normal; stroke: var(--local); }
.failed.halo { stroke: var(--down); }
.announced.halo { stroke-width: 1.6; paint-order: normal; stroke: var(--eof); }

/* ---------- bar at the top ---------- */
.bar { display: flex; flex-wrap: wrap; align-items: center; gap: 0 var(--s5); padding: 0 var(--edge); min-height: 2.75rem; background: var(--surface); border-bottom: 1px solid var(--line); }
.brand { display: flex; align-items: center; gap: .45rem; color: var(--ink); font-size: var(--t-l); font-weight: 650; letter-spacing: -.01em; text-decoration: none; }
.brand svg { width: 1.5rem; height: 1rem; overflow: visible; }
.brand small { font-weight: 400; font-size: var(--t-s); letter-spacing: 0; color: var(--ink-3); }
.bar nav { display: flex; gap: var(--s1); align-self: stretch; }
.bar nav a { display: flex; align-items: center; min-height: 2.75rem; gap: .35rem; padding: 0 var(--s2); color: var(--ink-2); text-decoration: none; border-bottom: 2px solid transparent; border-top: 2px solid transparent; }
.bar nav a:hover { color: var(--ink); }
.bar nav a[aria-current] { color: var(--ink); font-weight: 600; border-bottom-color: var(--ink); }
.count { min-width: 1.25rem; padding: 0 .3rem; border-radius: 1rem; background: var(--ink); color: var(--surface); font-size: var(--t-xs); font-weight: 600; line-height: 1.25rem; text-align: center; }
.self { display: flex; flex-wrap: wrap; gap: 0 var(--s4); margin-left: auto; color: var(--ink-3); font-size: var(--t-s); }
.self b { color: var(--ink-2); font-weight: 500; }
.self .bad, .self .bad b { color: var(--error-ink); font-weight: 600; }
.self a { color: inherit; }
.phone { display: none; }

/* ---------- live: what changed fades; nothing moves ---------- */
@keyframes fade { from { background: var(--down-tint); } }
.changed { animation: fade 2s ease-out; }
@media (prefers-reduced-motion: reduce) { .changed { animation: none; } }

/* ---------- the verdict ---------- */
.verdict { margin: 0 calc(-1 * var(--edge)); padding: var(--s3) var(--edge); background: var(--surface); border-bottom: 1px solid var(--line); min-height: 8.25rem; }
/* a hostile label value may be long: two lines at most, the whole in the incident */
.verdict .when { color: var(--ink-2); font-size: var(--t-l); }
.verdict .when strong { color: var(--ink); } .verdict .when a { white-space: nowrap; }
.verdict header { display: flex; flex-wrap: wrap; justify-content: space-between; align-items: baseline; gap: 0 var(--s5); }
/* wrong now: the one inverted block of the page. Not a colour, since colours are words here */
.verdict.wrong { background: var(--ground); border-color: var(--ground); color: var(--ink);
  --ground: #1b2029; --ink: #fff; --ink-2: #cbd2dc; --ink-3: #a3acba; --link: #a9c8ff; --focus: #a9c8ff; --line: #39414e;
  --idle: #f0a140; --error: #ff6b6b; --eof: #4cc07a; --down: #b493f5; }
@media screen and (prefers-color-scheme: dark) {
  .verdict.wrong { --ground: #d9dee6; --ink: #10141a; --ink-2: #313945; --ink-3: #4b5563; --link: #123f8c; --focus: #123f8c; --line: #b3bbc7;
    --idle: #8f4b00; --error: #b21a25; --eof: #166b33; --down: #6a37b3; }
}

/* ---------- charts: x in per cent, y in pixels, so nothing is distorted at any width ---------- */
.chart { width: 100%; display: block; overflow: visible; }
.chart .axis { stroke: var(--line-2); stroke-width: 1; }
.chart .grid { stroke: var(--line); stroke-width: 1; }
.chart text { fill: var(--ink-3); font-size: var(--t-xs); font-family: var(--sans); }
.chart text { paint-order: stroke; stroke: var(--ground, transparent); stroke-width: 3px; stroke-linejoin: round; }
.chart text.inlane { display: none; }
.chart text.k { fill: var(--ink); font-weight: 600; }
.ticks { line-height: 1.5rem; display: flex; justify-content: space-between; color: var(--ink-3); font-size: var(--t-xs); }

`;
