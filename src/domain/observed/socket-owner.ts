/** The process that has a connection, as far as it could be asked. */
export type SocketOwner = {
  readonly pid: number;
  /** The base name of what was started; null: the process was gone. It is the process's own word: never a label. */
  readonly executable: string | null;
  /** Its pod in Kubernetes: `namespace/name`, or the uid where that cannot be known; null: it is in none. */
  readonly pod: string | null;
};
