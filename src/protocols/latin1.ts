/** One character for each byte: what a peer says is compared with words of ours so, and never printed. */
export function latin1(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}
