import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';

/** What both said, without the header of the first message, and what the server knows. */
export type ScramTalk = {
  readonly digest: 'sha256' | 'sha512';
  readonly password: string;
  readonly clientFirst: string;
  readonly serverFirst: string;
  readonly clientFinal: string;
};

/** The server's side of SCRAM (RFC 5802, 3), which knows keys and not the password: whether the proof is right, and its own. */
export function answerScram({ digest, password, clientFirst, serverFirst, clientFinal }: ScramTalk) {
  const hmac = (key: Uint8Array, text: string) => createHmac(digest, key).update(text).digest();
  const [, salt = '', iterations = ''] = /s=([^,]+),i=(\d+)/.exec(serverFirst) ?? [];
  const bytes = digest === 'sha256' ? 32 : 64;
  const salted = pbkdf2Sync(password, Buffer.from(salt, 'base64'), Number(iterations), bytes, digest);
  const [withoutProof = '', proof = ''] = clientFinal.split(',p=');
  const signed = `${clientFirst},${serverFirst},${withoutProof}`;
  const storedKey = createHash(digest).update(hmac(salted, 'Client Key')).digest();
  const signature = hmac(storedKey, signed);
  const clientKey = Buffer.from(proof, 'base64').map((byte, index) => byte ^ (signature[index] ?? 0));
  return {
    isRight: createHash(digest).update(clientKey).digest().equals(storedKey),
    verifier: `v=${hmac(hmac(salted, 'Server Key'), signed).toString('base64')}`,
  };
}
