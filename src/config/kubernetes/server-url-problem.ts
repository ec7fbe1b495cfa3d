/** What is wrong with the URL of an API server, as the end of a sentence; null: nothing. Never quotes it: it may hold a password. */
export function serverUrlProblem(written: string): string | null {
  const url = URL.parse(written);
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:'))
    return 'is no URL; expected one like https://10.0.0.1:6443';
  if (url.username !== '' || url.password !== '') return 'has a user in its URL; use basic_auth or authorization';
  if (url.search !== '' || url.hash !== '') return 'has more than a path behind its host; expected https://HOST:PORT';
  return null;
}
