import type { ObservedStep } from '../observed-step.ts';
import type { RemoteChange } from '../remote-key.ts';

/** What the thread is told. */
export type ObserverRequest =
  /** `suffix` tells the rings of several processes apart. `isPending`: 1 from when steps are sent until they were taken. */
  | {
      readonly ask: 'open';
      readonly tracefs: readonly string[];
      readonly proc: string;
      readonly podLogs: readonly string[];
      readonly suffix: string;
      readonly isPending: Int32Array<SharedArrayBuffer>;
    }
  | { readonly ask: 'change'; readonly changes: readonly RemoteChange[] }
  /** To say when all changes so far are watched. */
  | { readonly ask: 'watching' }
  | { readonly ask: 'close' };

export type ObserverAnswer =
  | { readonly answer: 'opened' }
  | { readonly answer: 'failed'; readonly problem: string }
  /** Connections to all addresses are traced, and the steps of those from before came before this. */
  | { readonly answer: 'watching' }
  | {
      readonly answer: 'steps';
      readonly steps: readonly ObservedStep[];
      /** The wall clock at the zero of the lines' clock, in milliseconds. */
      readonly originMs: number;
      readonly lostLines: number;
    };
