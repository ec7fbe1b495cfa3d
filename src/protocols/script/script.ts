import type { ProtocolKind } from '../session.ts';
import { scriptKind } from './script-kind.ts';

/** What to send and to expect, in steps that the configuration gives. */
export const script: ProtocolKind<'script'> = scriptKind('script', (settings) => settings, 'configuration');
