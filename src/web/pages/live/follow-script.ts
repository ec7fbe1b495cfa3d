/**
 * Where the news come from, as text for the browser. All tabs of a browser share one worker and one stream of events: a
 * browser opens six connections to a host, and a stream in each tab would leave none for the seventh.
 */
export const FOLLOW_SCRIPT = `
/** Without a stream. */
const POLL_MS = 2000;
/** After so many polls the stream is tried again. */
const POLLS = 15;

/** Calls with each event, with what stands for many quiet ones, and with null where it is not known which; until the function that it returns is called. */
function follow(api, canStream, tell) {
  let lastId = '';
  let source = null;
  let timer = 0;
  let polls = 0;
  let isOver = false;
  const heard = (message, event) => {
    lastId = message.lastEventId || lastId;
    tell(event);
  };
  const open = () => {
    source = new EventSource(api + '/stream');
    source.onmessage = (message) => heard(message, JSON.parse(message.data));
    source.addEventListener('burst', (message) => heard(message, null));
    source.addEventListener('gap', (message) => heard(message, null));
    source.addEventListener('observed', ({ data }) => tell({ type: 'observed', ...JSON.parse(data) }));
    // Something may have happened before.
    source.onopen = () => tell(null);
    source.onerror = () => {
      tell(null);
      // It comes again by itself, but not where it was refused.
      if (source.readyState !== EventSource.CLOSED) return;
      polls = 0;
      timer = setTimeout(poll, POLL_MS);
    };
  };
  const poll = async () => {
    try {
      const answer = await fetch(api + '?limit=1' + (lastId === '' ? '' : '&since_id=' + lastId));
      const { events: [newest], gap } = await answer.json();
      if (newest !== undefined || gap) tell(null);
      lastId = newest?.id ?? lastId;
    } catch {
      // The page asks by itself, too, and says when nobody answers.
    }
    if (isOver) return;
    if (canStream && ++polls === POLLS) open();
    else timer = setTimeout(poll, POLL_MS);
  };
  if (canStream) open();
  else timer = setTimeout(poll, POLL_MS);
  return () => {
    isOver = true;
    source?.close();
    clearTimeout(timer);
  };
}

/** The worker: follows while at least one tab is seen. */
function share(api) {
  const seen = new Set();
  let stop = null;
  onconnect = ({ ports: [tab] }) => {
    tab.onmessage = ({ data: isSeen }) => {
      if (isSeen) seen.add(tab);
      else seen.delete(tab);
      if (seen.size === 0) {
        stop?.();
        stop = null;
      } else stop ??= follow(api, true, (event) => seen.forEach((each) => each.postMessage(event)));
    };
  };
}

/** In a tab. Answers with what to call when it is seen, and when it is not. */
function news(script, api, tell) {
  let stop = null;
  const alone = (isSeen) => {
    stop?.();
    stop = isSeen ? follow(api, false, tell) : null;
  };
  if (typeof SharedWorker === 'undefined') return alone;
  let worker = new SharedWorker(script);
  worker.onerror = () => {
    worker = null;
    alone(!document.hidden);
  };
  worker.port.onmessage = ({ data }) => tell(data);
  return (isSeen) => (worker === null ? alone(isSeen) : worker.port.postMessage(isSeen));
}
`;
