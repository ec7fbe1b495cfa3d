/** How other protocols begin, in hexadecimal, and what that means for whoever expected ours. */
const BEGINNINGS: readonly (readonly [RegExp, string])[] = [
  [/^1503/, 'the peer answered with a TLS alert: the port wants TLS'],
  [/^1603/, 'the peer answered with a TLS handshake: the port wants TLS'],
  [/^485454502f/, 'the peer speaks HTTP'], // HTTP/
  [/^5353482d/, 'the peer speaks SSH'], // SSH-
  [/^323230(?:20|2d)/, 'the peer speaks SMTP or FTP'], // 220
  [/^2a204f4b/, 'the peer speaks IMAP'], // * OK
  [/^414d5150/, 'the peer speaks AMQP'], // AMQP
  [/^00....0400/, 'the peer speaks HTTP/2'], // settings come first
  // A packet 0 with version 10, or with an error from 1000 to 4999.
  [/^(?!00)..000000(?:0a|ff..(?:0[3-9a-f]|1[0-3])|$)/, 'the peer speaks the protocol of MySQL'],
  [/^(?:45|4b|4e|52|53|5a)0000/, 'the peer speaks the protocol of PostgreSQL'], // E K N R S Z and a short length
  [/^2[bd](?:4[1-9a-f]|5[0-9a])/, 'the peer speaks the protocol of Redis'], // + or - and a capital
];

/**
 * One sentence about bytes that are not of the expected protocol. It says what they are where their beginning is a usual
 * mistake, and holds none of them. What only begins as the expected ones do is not named.
 *
 * @param beginning the first bytes, one character each
 * @param expected completes "expected", like "answers of Redis"
 */
export function notOurs(beginning: string, expected: string): string {
  const hex = Array.from(beginning, (character) => character.charCodeAt(0).toString(16).padStart(2, '0')).join('');
  const itself = `the peer speaks ${expected.slice(expected.lastIndexOf(' ') + 1)}`;
  const found = BEGINNINGS.find(([pattern, sentence]) => pattern.test(hex) && sentence !== itself);
  return found === undefined ? `expected ${expected}, and other bytes came` : `expected ${expected}; ${found[1]}`;
}
