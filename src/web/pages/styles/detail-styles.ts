/** Tables, the page of a peer, incidents, and what changes on narrow screens and on paper. */
export const DETAIL_STYLES = `/* ---------- tables ---------- */
.panel { background: var(--surface); border: 1px solid var(--line); border-radius: var(--radius); }
table { border-collapse: collapse; width: 100%; }
caption { text-align: left; }
th { font-weight: 400; text-align: left; }
thead th { position: sticky; top: 0; z-index: 2; background: var(--surface); color: var(--ink-3); font-size: var(--t-xs); font-weight: 600; padding: .35rem .5rem; box-shadow: inset 0 -1px var(--line-2); vertical-align: bottom; white-space: nowrap; }
td, tbody th { padding: .3rem .5rem; border-top: 1px solid var(--line); vertical-align: top; }
tbody tr:first-child > * { border-top: 0; }
th:first-child, td:first-child { padding-left: var(--s3); }
th:last-child, td:last-child { padding-right: var(--s3); }
tbody tr:hover { background: var(--hover); --ground: var(--hover); }

.state { width: 1.15em; height: .7em; margin-right: .4em; overflow: visible; vertical-align: -.02em; }
.reason { font-weight: 600; }
.foot { display: flex; flex-wrap: wrap; justify-content: space-between; gap: var(--s2) var(--s5); margin-top: var(--s4); padding-top: var(--s3); border-top: 1px solid var(--line); color: var(--ink-3); font-size: var(--t-s); }
.foot a { color: var(--ink-2); }

/* ---------- one peer ---------- */
.onepeer > section, .onepeer > .cols { margin-top: var(--s5); } .onepeer > .finding { margin-top: var(--s2); }
.who { display: flex; flex-wrap: wrap; align-items: baseline; gap: var(--s1) var(--s3); padding: var(--s3) 0 var(--s2); }
.who .crumbs { flex: 1 0 100%; font-size: var(--t-s); color: var(--ink-3); }
.who h1 { font: 600 var(--t-xl)/1.25 var(--mono); letter-spacing: -.02em; overflow-wrap: anywhere; }
.who .port { color: var(--ink-3); font-weight: 400; }
.chips { display: flex; flex-wrap: wrap; gap: var(--s1); }
.chips a { padding: 0 .45rem; border: 1px solid var(--line-2); border-radius: 1rem; color: var(--ink-2); font-size: var(--t-s); text-decoration: none; overflow-wrap: anywhere; }
.chips a:hover { border-color: var(--ink-3); }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: var(--s3) var(--s5); padding: var(--s3) 0; border-top: 1px solid var(--line); }
.facts dt { color: var(--ink-3); font-size: var(--t-xs); font-weight: 600; }
.facts dd { color: var(--ink-2); font-size: var(--t-s); }
.facts .v { color: var(--ink); font-size: var(--t-l); font-weight: 600; line-height: 1.5; }
.head { display: flex; flex-wrap: wrap; align-items: baseline; justify-content: space-between; gap: 0 var(--s4); }
main > section > .head { margin-bottom: var(--s2); } .head h2 { margin: 0; }
.onepeer h2 { margin-bottom: var(--s2); }
.ranges a, .ranges strong { margin-left: var(--s2); }
.basis { margin-top: var(--s2); color: var(--ink-3); font-size: var(--t-s); text-wrap: pretty; }
.stack > section + section { margin-top: var(--s5); }
.basis a { color: inherit; }
.paste { margin: 0; padding: var(--s2) var(--s3); border-radius: var(--radius); background: var(--sunken); color: var(--ink); overflow-x: auto; line-height: 1.5; }

.theirs { display: grid; grid-template-columns: minmax(0, 1fr); gap: var(--s2); } .theirs > p { max-width: 84ch; text-wrap: pretty; } .theirs .head { margin-top: var(--s2); }
.finding { display: grid; grid-template-columns: minmax(0, 5fr) minmax(0, 7fr); gap: var(--s4) var(--s6); padding: var(--s4); background: var(--surface); border: 1px solid var(--line-2); border-left: 3px solid var(--ink); border-radius: var(--radius); --bg: var(--surface); }
.finding p { max-width: 68ch; text-wrap: pretty; color: var(--ink-2); margin-bottom: var(--s2); }
.finding strong { color: var(--ink); }
.finding .basis { color: var(--ink-3); margin: var(--s2) 0 0; }
.finding figure { align-self: center; min-width: 0; overflow: clip; }
.chart .tick { stroke: var(--up); stroke-width: 1.5; }
.chart .limit { stroke: var(--ink); stroke-width: 1.5; stroke-dasharray: 4 3; }
.chart .fatalzone { fill: var(--error-tint); }
.chart .span { fill: none; stroke: var(--ink-2); stroke-width: 1.5; }
.chart .toolate { fill: var(--ink-2); }
.moments li { display: grid; grid-template-columns: 6.2rem 1rem minmax(0, 1fr); gap: 0 var(--s2); padding: .3rem var(--s3); color: var(--ink-2); }
.moments time { color: var(--ink-3); }
.moments strong { color: var(--ink); }
.moments .gap { margin: .2rem 0; padding: .6rem var(--s3); background: var(--sunken); }
.moments .gap .dir { border-left: 2px dotted var(--ink-3); margin-left: .3rem; }
.chart .soft { fill: var(--up); }
.lanes { display: grid; grid-template-columns: 7.5rem minmax(0, 1fr); padding: var(--s3) var(--s4) var(--s2) var(--s3); }
.lanes .names { color: var(--ink-2); font-size: var(--t-s); }
.lanes .names li { position: relative; height: 0; }

.scroll { overflow-x: auto; }
.data td, .data th { white-space: nowrap; }
.data td { color: var(--ink-2); } .data.prose td { white-space: normal; }
.data thead th { position: static; }
.data td.mono { max-width: 24rem; overflow: hidden; text-overflow: ellipsis; }
.data .key { color: var(--ink); font-weight: 600; }
.data .reason { color: var(--ink); }
.data .no { display: inline-block; min-width: 1.4em; color: var(--ink); font-weight: 600; }
.sans { font-family: var(--sans); }
.cols { display: grid; grid-template-columns: minmax(0, 2fr) minmax(0, 3fr); gap: var(--s5) var(--s5); }
.attempts .fall { width: 34%; min-width: 8rem; } .attempts td:last-child { font-size: var(--t-s); white-space: normal; min-width: 15rem; }
.sw { display: inline-block; width: .9em; height: .7em; margin-right: .35em; }
.p-dns { fill: var(--p-dns); background: var(--p-dns); } .p-tcp { fill: var(--p-tcp); background: var(--p-tcp); } .p-tls { fill: var(--p-tls); background: var(--p-tls); }
.p-none { fill: var(--ink-3); background: var(--ink-3); } i.p-none { height: .25em; vertical-align: .2em; } .p-fail { fill: none; stroke: var(--down); stroke-width: 1.5; }
.kv { table-layout: fixed; } .kv th, .kv td { font-weight: 400; white-space: normal; overflow-wrap: anywhere; } .kv th:first-child { width: 46%; } .kv th:last-child, .kv td:last-child { width: 6.6rem; } .kv td:nth-child(2) { color: var(--ink); white-space: normal; overflow-wrap: anywhere; }
details summary { padding: .4rem var(--s3); border-top: 1px solid var(--line); color: var(--ink-2); cursor: pointer; }
.pairs > div { display: grid; grid-template-columns: 6.2rem minmax(0, 1fr); gap: var(--s2); padding: .3rem var(--s3); border-top: 1px solid var(--line); }
.pairs > div:first-child { border-top: 0; }
.pairs dt { color: var(--ink-3); } .pairs dd { color: var(--ink-2); overflow-wrap: anywhere; } .pairs strong { color: var(--ink); }
.even { grid-template-columns: repeat(auto-fit, minmax(min(26rem, 100%), 1fr)); }
.hot { background: var(--error-tint); } .hot:hover { background: var(--error-tint); }
.runbook p + p, .runbook pre + p, .runbook ul + p { margin-top: var(--s2); } .runbook ul { padding-left: 1.2rem; list-style: disc; }
.runbook { padding: var(--s2) var(--s3) var(--s3); color: var(--ink-2); }
.runbook h3 { margin-top: var(--s2); color: var(--ink); } .runbook h3:first-child { margin-top: 0; }
.runbook strong { color: var(--ink); }
.onepeer > .basis + .panel { margin-top: var(--s3); } .onepeer > .runbook :is(p, ul) { max-width: 84ch; text-wrap: pretty; }
.runbook pre { margin: var(--s1) 0 var(--s2); }

.lanes .names li:nth-child(1) { top: 24px; } .lanes .names li:nth-child(2) { top: 53px; }
.meter { display: inline-block; width: 8rem; height: 10px; } .pairs .meter { margin-left: var(--s2); } .chart .slot { fill: var(--line); }

.incidents > section > .head { margin-top: var(--s3); } .incidents h1 { font-size: var(--t-xl); font-weight: 650; } .past h2 { font-size: var(--t-m); } .past h2 a { color: var(--ink); text-decoration: none; } .past h2 a:hover { text-decoration: underline; }

/* ---------- incidents ---------- */
.verdict h1, .verdict h2 { font-size: var(--t-xl); font-weight: 650; letter-spacing: -.012em; line-height: 1.25; }
.steps { display: grid; grid-template-columns: repeat(3, auto); gap: var(--s1) 0; margin: var(--s3) 0 var(--s2); justify-content: start; }
.steps li { position: relative; padding: .75rem var(--s5) 0 0; color: var(--ink-3); max-width: 26rem; }
.steps li::before { content: ""; position: absolute; top: 0; left: 0; right: 0; border-top: 3px dashed var(--line); }
.steps li.done::before { border-top-style: solid; border-color: var(--ink-3); }
.steps li::after { content: ""; position: absolute; top: -.22rem; left: 0; width: .6rem; height: .6rem; border-radius: 50%; background: var(--ground); border: 2px solid var(--ink-3); }
.steps li.done::after { background: var(--ink); border-color: var(--ink); }
.steps li.done { color: var(--ink-2); } .steps b { color: var(--ink); }
.sentence { padding: var(--s2) var(--s3); border: 1px solid var(--line); border-radius: var(--radius); color: var(--ink-2); user-select: all; max-width: 130ch; }
.lead { margin-right: .4rem; color: var(--ink-3); font-size: var(--t-xs); font-weight: 600; user-select: none; }
.evidence { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); gap: var(--s4) var(--s5); padding: var(--s4) 0; }
.evidence .data :is(th, td:not(.num)) { white-space: normal; } .evidence .data td.w { white-space: nowrap; }
.evidence h3 { margin-bottom: var(--s2); }
.dotlanes { padding: var(--s2) var(--s3); } .dotlanes:has(.names) { display: grid; grid-template-columns: 12rem minmax(0, 1fr); }
.dotlanes .names li { display: flex; justify-content: space-between; gap: var(--s2); align-items: center; height: 38px; padding-right: var(--s3); border-bottom: 1px solid var(--line); color: var(--ink-2); font-size: var(--t-s); }
.dotlanes .names span { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; } .dotlanes .quiet { flex: none; }
.cmpbig { padding: var(--s3); } .evidence figure { min-width: 0; }
.chart .slot { fill: var(--line); } .chart .hitbar { fill: var(--ink); }
.w { white-space: nowrap; } .w .m { display: inline-block; width: 3rem; } .w .meter { width: 3rem; }
.common li { display: grid; grid-template-columns: 2.4rem minmax(0, 1fr); padding: .3rem var(--s3); border-top: 1px solid var(--line); color: var(--ink-2); }
.common li:first-child { border-top: 0; }
.yes { color: var(--ink); font-weight: 600; } .no { color: var(--ink-3); }
.chosen { background: var(--sunken); } .chosen:hover { background: var(--sunken); } .chosen td { color: var(--ink); } .chosen .soft { fill: var(--ink); } .chosen .slot { fill: var(--line-2); }
.bare { border: 0; padding-top: 0; }
.past { display: grid; grid-template-columns: minmax(0, 1.3fr) minmax(0, 1fr) minmax(0, 1fr); gap: var(--s2) var(--s5); padding: var(--s3); border-top: 1px solid var(--line); }
.past:first-child { border-top: 0; }
.past h3 a { color: var(--ink); text-decoration: none; } .past h3 a:hover { text-decoration: underline; } .past h3 .quiet { font-weight: 400; }
.past p { color: var(--ink-2); font-size: var(--t-s); text-wrap: pretty; }
.past .meta { color: var(--ink-3); } .past figcaption { color: var(--ink-2); font-size: var(--t-s); margin-bottom: var(--s1); }
.scope { padding: 0 .4rem; border: 1px solid var(--line-2); border-radius: 1rem; color: var(--ink-2); }

/* ---------- narrower (in em: a larger font of the reader counts as a narrower screen): columns go in the order in which they are missed least ---------- */
@media screen and (max-width: 68.75em) { .finding, .cols, .three-cols, .evidence { grid-template-columns: minmax(0, 1fr); } .past { grid-template-columns: 1fr 1fr; } .past .said { grid-column: 1 / -1; } }

/* tablet and phone: a row becomes a card. The order in the document stays, roles keep it a table for screen readers */
@media screen and (max-width: 67.5em) {
  .panel { margin: 0 calc(-1 * var(--edge)); border-width: 1px 0; border-radius: 0; }
  .finding { padding: var(--s3); margin: 0 calc(-1 * var(--edge)); border-width: 1px 0 1px 3px; border-radius: 0; }
}
@media screen and (max-width: 37.5em) {
  .bar { gap: 0 var(--s3); padding-top: var(--s1); }
  .bar nav { order: 3; flex: 1 0 100%; overflow-x: auto; margin: 0 calc(-1 * var(--s2)); }
  .lanes { grid-template-columns: minmax(0, 1fr); } .lanes .names { display: none; }
  .facts { grid-template-columns: 1fr 1fr; gap: var(--s3); }
  .dotlanes:has(.names) { grid-template-columns: minmax(0, 1fr); } .dotlanes .names { display: none; } .chart text.inlane { display: block; }
  .steps, .past { grid-template-columns: minmax(0, 1fr); } .steps li { padding: 0 0 0 1.1rem; } .steps li::before { display: none; } .steps li::after { top: .3rem; }
}

.absolute .rel { display: none; } .absolute time.age { font-size: 0; } .absolute time.age::after { content: attr(title); font-size: var(--t-xs); }
@media screen and (min-width: 67.5em) { .absolute .peers .c-state { width: 12rem; } }
@media (prefers-contrast: more) { :root { --ink-3: var(--ink-2); --line: var(--line-2); } }
@media (forced-colors: active) {
  .eof, .idle, .error { fill: CanvasText; } .up, .down { stroke: CanvasText; }
  .local, .failed, .announced { fill: Canvas; stroke: CanvasText; }
  .verdict.wrong { border: 3px solid CanvasText; }
  .bar nav a { border-color: Canvas; } .bar nav a[aria-current] { border-bottom-color: CanvasText; }
}

/* ---------- paper: absolute times, whole names, no controls ---------- */
@media print {
  :root { color-scheme: light; font-size: 72%; }
  @page { margin: 10mm; }
  body { background: #fff; }
  .bar nav, .skip, .foot p + p, .ranges, .rel { display: none; }
  .verdict.wrong { margin: 0; border: 2px solid #000; --ground: #fff; --link: #1d55b5; --ink: #000; --ink-2: #222; --ink-3: #444; --idle: #8f4b00; --error: #b21a25; }
  time.age { font-size: 0; } time.age::after { content: attr(title); font-size: var(--t-xs); }
  thead th { position: static; }
  tr, .past, .panel li { break-inside: avoid; } h2, h3 { break-after: avoid; }
  .scroll { overflow: visible; } .data td, .data th { white-space: normal; }
  .cols, .three-cols { grid-template-columns: minmax(0, 1fr); } .evidence { grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); }
  * { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
}
`;
