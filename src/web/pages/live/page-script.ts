/** When a page asks for itself again, and what it says of its age, as text for the browser. */
export const PAGE_SCRIPT = `
/** Between two requests of a tab; a fault is seen within a second. */
const PACE_MS = 500;
/** A server that takes long is asked less often. */
const SHARE = 4;
/** Figures change without an event, too. */
const QUIET_MS = 10_000;
const PATIENCE_MS = 5000;
const STALE_MS = 10_000;
const LONGEST_RETRY_MS = 15_000;

let timer = 0;
let dueAt = Infinity;
let notBefore = 0;
let isAsking = false;
/** Something happened since the last request began. */
let isNew = false;
let failures = 0;
let failingSince = 0;
/** The server's clock when the page was made, and when that was here. */
let madeAt = Date.parse(document.getElementById('main').dataset.now);
let gotAt = performance.now();
let freshAt = madeAt;
const now = () => madeAt + performance.now() - gotAt;

/** Asks for the page again after so long, no sooner than its pace allows. */
function want(ms) {
  isNew ||= ms === 0;
  if (isAsking || document.hidden) return;
  const at = Math.max(performance.now() + ms, notBefore);
  if (at >= dueAt) return;
  clearTimeout(timer);
  dueAt = at;
  timer = setTimeout(ask, at - performance.now());
}

async function ask() {
  const begun = performance.now();
  dueAt = Infinity;
  isAsking = true;
  isNew = false;
  try {
    const next = await fetched();
    isAsking = false;
    failures = 0;
    notBefore = begun + Math.max(PACE_MS, SHARE * (performance.now() - begun));
    want(isNew ? 0 : QUIET_MS);
    show(next);
  } catch (error) {
    if (!isAsking) throw error;
    isAsking = false;
    if (failures++ === 0) failingSince = begun;
    notBefore = performance.now() + Math.min(1000 * 2 ** (failures - 1), LONGEST_RETRY_MS) * (0.5 + Math.random() / 2);
    want(0);
  }
  tick();
}

/** The page as it is now. Throws where there is no answer, or one that is none of ours. */
async function fetched() {
  const address = new URL(location.href);
  const shown = shownPeers();
  if (shown.length > 0) address.searchParams.set('also', shown.join());
  const answer = await fetch(address, { signal: AbortSignal.timeout(PATIENCE_MS), cache: 'no-store' });
  const next = new DOMParser().parseFromString(await answer.text(), 'text/html');
  const { run } = next.documentElement.dataset;
  if (run === undefined) throw new Error('not this server');
  // Another process answers: its numbers of peers, its script and its styles may be others.
  if (run === document.documentElement.dataset.run) return next;
  location.reload();
  return new Promise(() => undefined);
}

function show(next) {
  const heading = document.querySelector('h1').textContent;
  document.title = next.title;
  patch(document.querySelector('.bar'), next.querySelector('.bar'));
  patch(document.getElementById('main'), next.getElementById('main'));
  madeAt = freshAt = Date.parse(next.getElementById('main').dataset.now);
  gotAt = performance.now();
  const changed = document.querySelector('h1').textContent;
  if (changed !== heading) document.getElementById('said').textContent = changed;
}

/** Every second: ages, rows that their reader has left, and whether all this is still true. */
function tick() {
  const isStale = failures > 0 && performance.now() - failingSince > STALE_MS;
  const word = document.getElementById('live');
  const text = isStale ? 'stale since ' + new Date(freshAt).toISOString().slice(11, 19) : 'live';
  if (word.textContent !== text) word.textContent = text;
  word.hidden = false;
  word.classList.toggle('bad', isStale);
  document.title = (isStale ? '(stale) ' : '') + document.title.replace('(stale) ', '');
  if (isStale) return;
  settle();
  for (const each of document.querySelectorAll('time.age')) {
    const ago = now() - Date.parse(each.dateTime);
    const text = age(each.classList.contains('due') ? -ago : ago);
    if (each.textContent !== text && !isSelected(each)) each.textContent = text;
  }
}

/** The page of a peer has its own news only, and those of incidents. */
function concerns(event) {
  const isOfPeer = document.querySelector('main.onepeer') !== null;
  if (event === null || event.type === 'incident' || !isOfPeer) return event?.type !== 'observed';
  const wanted = new URLSearchParams(location.search);
  if (event.type === 'observed') return event.groups?.includes(wanted.get('group')) ?? true;
  return event.group === wanted.get('group') && event.peer === wanted.get('peer');
}

function live() {
  const script = document.currentScript.src;
  const seen = news(script, apiOf(script), (event) => concerns(event) && want(0));
  document.addEventListener('visibilitychange', () => {
    seen(!document.hidden);
    clearTimeout(timer);
    dueAt = Infinity;
    if (!document.hidden) want(0);
  });
  seen(!document.hidden);
  want(QUIET_MS);
  tick();
  setInterval(tick, 1000);
}
`;
