/** Bytes to send and, where an answer is awaited, bytes that it must contain (at least one). */
export type SendExpectSettings = { readonly send: Uint8Array; readonly expect: Uint8Array | null };

/** What the configuration says of each protocol, by its name. A new protocol adds its line. */
export type SettingsOfProtocol = {
  readonly send_expect: SendExpectSettings;
};

/** The protocols by the names that configurations and labels have for them. */
export type ProtocolName = keyof SettingsOfProtocol;

/** The protocol that is spoken with a peer. */
export type ProtocolSettings<Name extends ProtocolName = ProtocolName> = {
  readonly [Each in Name]: { readonly name: Each; readonly settings: SettingsOfProtocol[Each] };
}[Name];
