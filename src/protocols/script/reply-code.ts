/** A reply of SMTP or FTP begins with three digits; of SMTP, a code as in RFC 3463 may follow. */
const REPLY = /^([1-5]\d\d)[ -](?:([245]\.\d{1,3}\.\d{1,3})\b)?/;

/** The numbers that a line begins with, as the code of a goodbye; nothing for a line without. */
export function codeOf(line: string): { readonly code?: string } {
  const found = REPLY.exec(line);
  if (found === null) return {};
  const [, reply = '', enhanced] = found;
  return { code: enhanced === undefined ? reply : `${reply}-${enhanced}` };
}
