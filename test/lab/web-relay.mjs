// Lets the lab, which lives outside the namespaces, reach the daemon's web server: a unix socket is not bound to a network.
// web-relay.mjs SOCKET PORT   relays each connection on SOCKET to 127.0.0.1:PORT
// web-relay.mjs scrape PORT   fetches /metrics over and over without pause; prints the count and the longest, each second
import http from 'node:http';
import net from 'node:net';

const [what, port] = process.argv.slice(2);
if (what === 'scrape') scrape();
else relay();

function relay() {
  net
    .createServer((near) => {
      const far = net.connect(Number(port), '127.0.0.1');
      near.on('error', () => far.destroy());
      far.on('error', () => near.destroy());
      near.pipe(far).pipe(near);
    })
    .listen(what, () => process.stdout.write('ready\n'));
}

function scrape() {
  const agent = new http.Agent({ keepAlive: true });
  let count = 0;
  let longest = 0;
  setInterval(() => process.stdout.write(`${JSON.stringify({ count, longest })}\n`), 1000).unref();
  const next = () => {
    const started = performance.now();
    http
      .get({ host: '127.0.0.1', port: Number(port), path: '/metrics', agent }, (response) => {
        response.on('data', () => {});
        response.on('end', () => {
          count += 1;
          longest = Math.max(longest, performance.now() - started);
          setImmediate(next);
        });
      })
      .on('error', () => setTimeout(next, 50)); // the daemon is not up yet, or is being stopped
  };
  next();
}
for (const end of ['end', 'close']) process.stdin.on(end, () => process.exit(0));
process.stdin.resume();
