// A proxy in front of several peers. proxy.mjs JSON, {"ports": {PORT: "HOST:PORT"}, "limitMs": 0, "reads": true}; prints `ready`.
// limitMs: closes both sides in order when no payload has passed for that long; 0: never.
// reads false: what clients send stays unread, so that its death is a reset.
import net from 'node:net';

const { ports, limitMs, reads } = JSON.parse(process.argv[2]);

function forward(near, target) {
  const [host, port] = target.split(':');
  const far = net.connect(Number(port), host);
  let timer;
  const arm = () => {
    clearTimeout(timer);
    if (limitMs > 0) timer = setTimeout(() => [near, far].forEach((side) => side.end()), limitMs);
  };
  arm();
  const pairs = [[far, near], ...(reads ? [[near, far]] : [])];
  for (const [from, to] of pairs) {
    from.on('data', (bytes) => {
      arm();
      to.write(bytes);
    });
  }
  for (const [side, other] of [
    [near, far],
    [far, near],
  ]) {
    side
      .on('error', () => {})
      .on('close', () => {
        clearTimeout(timer);
        other.destroy();
      });
  }
}

const listening = Object.entries(ports).map(
  ([port, target]) =>
    new Promise((resolve) =>
      net.createServer({ pauseOnConnect: !reads }, (near) => forward(near, target)).listen(Number(port), resolve),
    ),
);
await Promise.all(listening);
process.stdout.write('ready\n');
for (const end of ['end', 'close']) process.stdin.on(end, () => process.exit(0));
process.stdin.resume();
