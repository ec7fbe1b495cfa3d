import { createProtocol } from '../../../src/protocols/registry.ts';
import * as say from '../protocol-samples.ts';
import { OTHER_WORDS, SECRET, type SampleRows } from './session-sample.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text, 'latin1');
const REPLIES = [
  '220 mail ready\r\n',
  '250 ok\r\n',
  '235 ok\r\n',
  '331 password\r\n',
  '230 ok\r\n',
  '454 no\r\n',
  '535 5.7.8 wrong\r\n',
  '500 OOPS\r\n',
  '42',
  '1 bye\r',
  '\n',
  OTHER_WORDS,
];

/** Bytes and lines that a configuration writes, and the protocols that are written so. */
export const LINE_SAMPLES = {
  send_expect: [
    {
      shape: 'with an answer',
      protocol: createProtocol({
        name: 'send_expect',
        settings: { send: bytes('PING\r\n'), expect: bytes('+PO+PONG') },
      }),
      words: ['+PO+PO+PONG\r\n', '+PO+PONG\r\n', '-ERR\r\n'],
      more: ['+PO', 'NG'],
    },
    {
      shape: 'without',
      protocol: createProtocol({ name: 'send_expect', settings: { send: bytes('\n'), expect: null } }),
      words: ['hello'],
    },
  ],
  script: [
    {
      shape: 'by lines and bytes',
      protocol: createProtocol({
        name: 'script',
        settings: say.scriptSettings({
          login: [
            { kind: 'expect', expect: { kind: 'line', pattern: '^hello (?<name>\\S+)' }, refuse: [], startTls: false },
            { kind: 'send', parts: say.sendParts('I heard ${name} ${base64:${password}}\\n') },
            { kind: 'expect', expect: { kind: 'bytes', bytes: bytes('o\xffk') }, refuse: [], startTls: false },
          ],
          heartbeat: { send: say.sendParts('ping'), expect: { kind: 'bytes', bytes: bytes('pong') } },
          goodbyes: [{ match: '^([0-9]+) bye', goodbye: 'going_away' }],
        }),
      }),
      context: SECRET,
      words: ['hello you\n', 'so\xffkay\n', 'pong\npong\n', '421 bye\n'],
      more: ['hello \x01\n', 'o\xff', 'k', 'pon', 'g', '\n'],
    },
    {
      shape: 'of nothing',
      protocol: createProtocol({ name: 'script', settings: say.scriptSettings({ login: [], heartbeat: null }) }),
      words: ['hello\n'],
    },
  ],
  smtp: [
    {
      shape: 'with a password',
      protocol: createProtocol({ name: 'smtp', settings: say.mailSettings({ username: 'u' }) }),
      context: SECRET,
      words: ['220-a\r\n220 b\r\n', '250-a\r\n250 b\r\n', '235 c\r\n', '250 ok\r\n', '421 4.4.2 timeout\r\n'],
      more: REPLIES,
    },
    {
      shape: 'with STARTTLS',
      protocol: createProtocol({ name: 'smtp', settings: say.mailSettings({ starttls: true }) }),
      context: { tls: true },
      words: ['220 b\r\n', '250 b\r\n', '220 go\r\n', '250 ok\r\n', '250 ok\r\n', '421 bye\r\n'],
      more: REPLIES,
    },
  ],
  imap: [
    {
      shape: 'with STARTTLS and a password',
      protocol: createProtocol({ name: 'imap', settings: say.mailSettings({ starttls: true, username: 'u' }) }),
      context: { ...SECRET, tls: true },
      words: ['* OK ready\r\n', 'a OK\r\n', '* x\r\nb OK\r\n', 'c OK\r\n', '* BYE idle\r\n'],
      more: ['b NO [LIMIT] x\r\n', '* ', 'OK\r\n', OTHER_WORDS],
    },
  ],
  ftp: [
    {
      shape: 'anonymous',
      protocol: createProtocol({ name: 'ftp', settings: say.NO_CREDENTIALS }),
      words: ['220-x\r\n220 b\r\n', '331 b\r\n', '230 ok\r\n', '200 ok\r\n', '421 Timeout.\r\n'],
      more: REPLIES,
    },
  ],
} satisfies SampleRows;
