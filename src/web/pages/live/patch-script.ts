/**
 * What changes a page in place, as text for the browser: elements stay who they are, so that focus, scroll, selection and
 * what is open or typed stay, too. Forms and what is `data-own` are the reader's and the script's: they are left alone.
 */
export const PATCH_SCRIPT = `
const keyOf = (node) => node.id || node.dataset?.key || null;
const isSelected = (node) => !getSelection().isCollapsed && getSelection().containsNode(node, true);

/** Makes a node what another one of the same name is. */
function patch(node, next) {
  if (node.nodeType !== Node.ELEMENT_NODE) {
    if (node.data === next.data || isSelected(node)) return;
    node.data = next.data;
    flash(node.parentElement.closest('.c-state, .c-end, td.c-n, .fig .v, .facts .v'));
    return;
  }
  if (node.tagName === 'FORM' || node.hasAttribute('data-own')) return;
  if (node.matches('table.peers')) return patchPeers(node, next);
  patchAttributes(node, next);
  // Ages are written every second from the time that they have.
  if (!node.matches('time.age')) patchChildren(node, next);
}

function patchAttributes(node, next) {
  const isReaders = (name) => name === 'open' && node.tagName === 'DETAILS';
  for (const { name, value } of next.attributes) {
    if (node.getAttribute(name) !== value && !isReaders(name)) node.setAttribute(name, value);
  }
  for (const { name } of [...node.attributes]) {
    if (!next.hasAttribute(name) && !isReaders(name)) node.removeAttribute(name);
  }
}

/** Children with a key are found again wherever they are; the others by their name, in their order. */
function patchChildren(node, next) {
  const byKey = new Map([...node.children].filter(keyOf).map((child) => [keyOf(child), child]));
  let at = node.firstChild;
  for (const wanted of next.childNodes) {
    const key = keyOf(wanted);
    const found = key === null ? nextLike(at, wanted) : byKey.get(key);
    if (found?.nodeName !== wanted.nodeName) {
      node.insertBefore(document.importNode(wanted, true), at);
      continue;
    }
    const isAhead = found.parentNode === node && isFollowing(at, found);
    // What stands between goes, and comes again where it has a key: what is found never moves, and keeps the focus.
    while (isAhead && at !== found) at = removed(at);
    if (isAhead) at = at.nextSibling;
    else node.insertBefore(found, at);
    patch(found, wanted);
  }
  while (at !== null) at = removed(at);
}

function nextLike(from, wanted) {
  for (let node = from; node !== null; node = node.nextSibling) {
    if (node.nodeName === wanted.nodeName && keyOf(node) === null) return node;
  }
  return undefined;
}

function isFollowing(at, node) {
  return at !== null && (at === node || (at.compareDocumentPosition(node) & Node.DOCUMENT_POSITION_FOLLOWING) !== 0);
}

function removed(node) {
  const after = node.nextSibling;
  node.remove();
  return after;
}

/** A cell whose text has changed fades from another ground. */
function flash(cell) {
  if (cell === null) return;
  cell.classList.remove('changed');
  void cell.offsetWidth;
  cell.classList.add('changed');
}
`;
