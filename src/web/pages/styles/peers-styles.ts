/** The page of all peers: figures, the chart of the fleet, filters, the table; narrower, a row becomes a card. */
export const PEERS_STYLES = `
/* ---------- the verdict in three paragraphs ---------- */
.three { display: grid; grid-template-columns: 1.15fr 1.3fr .85fr; gap: var(--s2) var(--s5); margin-top: var(--s2); }
.three dt { color: var(--ink-3); font-size: var(--t-xs); font-weight: 600; }
.three dd { color: var(--ink-2); text-wrap: pretty; max-width: 62ch; }
.own { color: var(--ink); font-weight: 600; margin-bottom: var(--s1); }
.three b { color: var(--ink); font-weight: 600; }

/* ---------- figures and the fleet in time ---------- */
.overview { display: grid; grid-template-columns: repeat(3, minmax(max-content, auto)) minmax(0, 1fr); gap: 0 var(--s5); padding: var(--s3) 0 var(--s2); }
.fig dt { color: var(--ink-3); font-size: var(--t-xs); font-weight: 600; }
.fig .v { font-size: var(--t-xxl); font-weight: 600; letter-spacing: -.02em; line-height: 1.2; }
.fig .v small { font-size: var(--t-m); font-weight: 400; letter-spacing: 0; color: var(--ink-3); }
.fig dd { color: var(--ink-2); font-size: var(--t-s); }
.fig dd.v { color: var(--ink); font-size: var(--t-xxl); }
.fig dd.isdown { color: var(--down-ink); }
.fig dd a { display: inline-block; line-height: 1.5rem; color: inherit; }
.isdown { color: var(--down-ink); }

.chart .area { fill: var(--down); fill-opacity: .8; }
.chart .catch { fill: transparent; }
.fleet { --ground: var(--bg); display: grid; grid-template-columns: 8.6rem minmax(0, 1fr); gap: 0 var(--s3); }
.fleet .names { color: var(--ink-2); font-size: var(--t-s); }
.fleet .names li { display: flex; justify-content: space-between; align-items: flex-end; height: 24px; line-height: 1.25; }
.fleet .names a { flex: 1; line-height: 24px; color: inherit; text-decoration: none; } .fleet .names b { line-height: 24px; } .fleet .names a:hover { text-decoration: underline; }
.fleet .names b { color: var(--ink); font-weight: 600; }
.fleet .ticks { grid-column: 2; grid-row: 2; } .fleet .announced { stroke-width: 1; }
.fleet .ranges { font-size: var(--t-s); line-height: 1.5rem; color: var(--ink-2); } .fleet .ranges > * { margin: 0 .5rem 0 0; } .fleet .ranges a { color: inherit; display: inline-block; }

/* ---------- filters ---------- */
.filter { display: flex; gap: var(--s2); align-items: center; padding: var(--s2) 0; border-top: 1px solid var(--line); }
.filter label { display: flex; align-items: center; gap: .35rem; color: var(--ink-3); font-size: var(--t-s); white-space: nowrap; }
input, select, button { font: inherit; color: var(--ink); background: var(--surface); border: 1px solid var(--line-2); border-radius: var(--radius); height: 1.875rem; padding: 0 .5rem; max-width: 100%; }
input::placeholder { color: var(--ink-3); opacity: 1; }
.filter input[type=search] { flex: 0 1 17rem; min-width: 11rem; }
.filter input[name=label] { width: 8rem; }
button { font-weight: 600; cursor: pointer; padding: 0 .75rem; }
button:hover { border-color: var(--ink-3); }
select { max-width: 14rem; text-overflow: ellipsis; }
/* the notice on the right changes while the page is open: its place is reserved, so that nothing below ever moves */
.order { display: grid; grid-template-columns: minmax(0, 1fr) 18rem; align-items: center; padding-bottom: var(--s2); }
.views { display: flex; flex-wrap: wrap; align-items: center; gap: var(--s1); }
.views a, .views strong { padding: .15rem .5rem; border-radius: 1rem; color: var(--ink-2); text-decoration: none; font-weight: 400; white-space: nowrap; }
.views a:hover { background: var(--sunken); color: var(--ink); }
.views [aria-current] { background: var(--sunken); color: var(--ink); font-weight: 600; }
.views .n { color: var(--ink-3); font-weight: 400; font-size: var(--t-s); }
.pager { overflow: hidden; color: var(--ink-3); font-size: var(--t-s); line-height: 1.5rem; text-align: right; text-overflow: ellipsis; white-space: nowrap; }
#moved { height: 1.5rem; padding: 0 .5rem; margin-right: var(--s2); font-size: var(--t-s); } #moved[hidden] { display: none; }
.gone { text-decoration: line-through; }

thead a { color: inherit; text-decoration: none; }
thead a:hover { text-decoration: underline; color: var(--ink); }
th[aria-sort] a { color: var(--ink); } th[aria-sort=ascending] a::after { content: " ↑"; } th[aria-sort=descending] a::after { content: " ↓"; }

.peers { table-layout: fixed; }
.peers .c-state { width: 7.4rem; } .peers .c-end { width: 31%; } .peers .c-strip { width: 13rem; } .peers .c-rtt { width: 4.6rem; } .peers .c-n { width: 2.4rem; } .peers .c-n1 { width: 3.5rem; }
.peers td > div, .peers th > div { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.peers .l2 { color: var(--ink-3); font-size: var(--t-s); line-height: 1.35; min-height: 1.35em; }
.peers .l2 b, .peers .hint { color: var(--ink-2); font-weight: 400; }
.peers .c-strip svg { width: 12rem; height: 1.25rem; display: block; overflow: visible; margin-top: .5rem; }
.peer { display: flex; font-family: var(--mono); font-size: .9615em; color: var(--ink); text-decoration: none; min-width: 0; }
.peer:hover { text-decoration: underline; }
.peer .host { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.peer .port { flex: none; color: var(--ink-3); }
td.c-n { color: var(--ink-3); }
td.n1 { color: var(--ink); font-weight: 600; }
.sec th, .sec:hover th { background: var(--sunken); color: var(--ink-2); font-size: var(--t-s); padding-top: .25rem; padding-bottom: .25rem; border-top: 1px solid var(--line); }
.sec strong { color: var(--ink); font-weight: 600; }
.sec a { color: inherit; }
.hit > :first-child { box-shadow: inset 3px 0 var(--ink); }
.legendline { display: flex; flex-wrap: wrap; gap: var(--s1) var(--s4); padding: var(--s2) 0; color: var(--ink-3); font-size: var(--t-s); }


.many { stroke: var(--ink-2); stroke-width: 1.6; }

/* ---------- narrower ---------- */
@media (min-width: 112.5em) { .peers .c-strip { width: 17rem; } .peers .c-strip svg { width: 16rem; height: 1.667rem; margin-top: .3rem; } }
@media screen and (max-width: 73.75em) {
  .overview { grid-template-columns: repeat(3, max-content) minmax(0, 1fr); }
  .fleet { grid-column: 1 / -1; padding-top: var(--s2); }
  .peers .c-strip { width: 11rem; } .peers .c-strip svg { width: 10rem; }
  .filter { flex-wrap: wrap; }
  .order { grid-template-columns: minmax(0, 1fr); } .pager { text-align: left; }
  .self { margin-left: 0; padding-bottom: var(--s2); }
}
@media screen and (max-width: 57.5em) { .three { grid-template-columns: 1fr 1fr; } .three div:last-child { grid-column: 1 / -1; } }
@media screen and (max-width: 67.5em) {
  .peers thead { display: none; }
  .peers, .peers tbody { display: block; }
  .peers tr { display: grid; grid-template: "peer peer state state state state" "end strip rtt e i o" / minmax(0, 1fr) 10rem 4.2rem 2.4rem 2.4rem 2.4rem; gap: .3rem .75rem; padding: .6rem var(--edge); border-top: 1px solid var(--line); align-items: center; }
  .peers tr > * { padding: 0; border: 0; width: auto; }
  .peers .sec { display: block; padding: 0; } .peers .sec th { display: block; padding: .35rem var(--edge); }
  .peers .c-peer { grid-area: peer; } .peers .c-state { grid-area: state; text-align: right; width: auto; } .peers .c-end { grid-area: end; width: auto; }
  .peers .c-end > div { white-space: normal; }
  .peers .c-end .l2:empty { display: none; }
  .peers .c-strip { grid-area: strip; width: auto; } .peers .c-strip svg { width: 10rem; max-width: 100%; margin: 0; }
  .peers .c-rtt { grid-area: rtt; display: block; } .c-rtt:has(.nil) { visibility: hidden; }
  .peers .n-error { grid-area: e; } .peers .n-idle { grid-area: i; } .peers .n-eof { grid-area: o; }
  .peers td.c-n { display: none; width: auto; } .peers td.n1 { display: block; }
  .n1::before { content: ""; display: inline-block; width: .62em; height: .62em; margin-right: .3em; forced-color-adjust: none; }
  .n-error.n1::before { background: var(--error); clip-path: polygon(20% 0, 50% 30%, 80% 0, 100% 20%, 70% 50%, 100% 80%, 80% 100%, 50% 70%, 20% 100%, 0 80%, 30% 50%, 0 20%); }
  .n-idle.n1::before { background: var(--idle); clip-path: polygon(0 0, 100% 0, 60% 50%, 100% 100%, 0 100%, 40% 50%); }
  .n-eof.n1::before { background: var(--eof); border-radius: 50%; }
  .hit > :first-child { box-shadow: none; } .peers .hit { box-shadow: inset 3px 0 var(--ink); }
}
@media screen and (max-width: 37.5em) {
  .peers tr { grid-template: "peer peer state state state" "end end end end end" "strip rtt e i o" / minmax(0, 10rem) minmax(0, 1fr) auto auto auto; }
  .self { flex: 1; flex-wrap: nowrap; overflow-x: auto; white-space: nowrap; padding: var(--s2) 0; justify-content: flex-end; }
  .self li:not(.phone):not(.bad):not(#live) { display: none; } .self .phone { display: block; }
  .minor, .ticks span:nth-child(even) { display: none; }
  .three { grid-template-columns: 1fr; }
  .overview { grid-template-columns: repeat(3, auto); gap: 0 var(--s4); } .fleet { grid-column: 1 / -1; min-width: 0; grid-template-columns: minmax(0, 8.6rem) minmax(0, 1fr); }
  .fig .v { font-size: var(--t-xl); }
  .fig .v small { display: block; font-size: var(--t-xs); }
  .filter { flex-wrap: nowrap; overflow-x: auto; margin: 0 calc(-1 * var(--edge)); padding: var(--s2) var(--edge); }
  .filter > * { flex: none; }
  .filter input[type=search] { width: 13rem; flex: none; }
  input, select, button { height: 2.5rem; font-size: 1rem; }
  .views { flex-wrap: nowrap; overflow-x: auto; margin: 0 calc(-1 * var(--edge)); padding: 0 var(--edge); }
  .views a { padding: .4rem .6rem; }
}
@media print {
  .filter, .order { display: none; }
  .peers .c-state { width: 10.5rem; } .peers .c-strip { width: 11rem; } .peers .c-strip svg { width: 10rem; }
  .peers td > div, .peers th > div, .peer .host { white-space: normal; overflow-wrap: anywhere; }
}
`;
