/**
 * The rows of the table of peers, as text for the browser. While somebody is at the page they keep their places: each says
 * what is true now, and how many would stand elsewhere is told beside a button that sorts them again.
 */
export const ROWS_SCRIPT = `
/** Without a hand on the page for so long nobody is reading a row: it is a screen on a wall. */
const UNTOUCHED_MS = 60_000;
let touchedAt = performance.now();
let isSortWanted = false;
/** Rows with news that wait until the reader has left them. */
const waiting = new Map();

for (const name of ['pointermove', 'pointerdown', 'keydown', 'wheel', 'scroll']) {
  addEventListener(name, () => (touchedAt = performance.now()), { passive: true, capture: true });
}
const isUntouched = () => performance.now() - touchedAt > UNTOUCHED_MS;
const isHeld = (element) => element.matches(':focus-within') || isSelected(element);
const isBusy = (row) => isHeld(row) || (!isUntouched() && row.matches(':hover'));

/** The numbers of the peers in the table, for the server: what it says of them counts wherever they would stand now. */
const shownPeers = () => [...document.querySelectorAll('tr[data-peer]')].map((row) => row.dataset.peer);

function patchPeers(table, next) {
  const places = placesOf(next);
  const rows = new Map([...next.querySelectorAll('tr[data-key]')].map((row) => [row.dataset.key, row]));
  next.querySelector('tbody[hidden]')?.remove();
  if (isSortWanted || (isUntouched() && !isHeld(table))) {
    isSortWanted = false;
    waiting.clear();
    patchAttributes(table, next);
    patchChildren(table, next);
    return sayMoved(0);
  }
  patch(table.tHead, next.tHead);
  for (const row of table.querySelectorAll('tr[data-key]')) {
    const wanted = rows.get(row.dataset.key);
    waiting.set(row, wanted);
  }
  settle();
  const before = placesOf(table);
  sayMoved([...places].filter((place) => !before.has(place)).length);
}

/** Which peer stands under which heading; the hidden rows stand nowhere. */
function placesOf(table) {
  const rows = [...table.querySelectorAll('tbody:not([hidden]) > tr[data-peer]')];
  return new Set(rows.map((row) => row.parentElement.dataset.key + ' ' + row.dataset.peer));
}

/** Gives the rows their news that nobody points at, has focused or has selected. */
function settle() {
  for (const [row, wanted] of waiting) {
    if (isBusy(row)) continue;
    waiting.delete(row);
    if (wanted !== undefined) patch(row, wanted);
    row.classList.toggle('gone', wanted === undefined);
  }
}

function sayMoved(count) {
  const place = document.getElementById('moved');
  if (place === null) return;
  place.hidden = count === 0;
  place.textContent = count === 0 ? '' : count + ' elsewhere now: sort again';
}

document.addEventListener('click', ({ target }) => {
  if (target.id !== 'moved') return;
  isSortWanted = true;
  want(0);
});
`;
