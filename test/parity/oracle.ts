import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import type { Labels } from '../../src/relabel/label-set.ts';

/** What Prometheus makes of one chain. */
export type OracleAnswer =
  | { readonly kind: 'kept'; readonly labels: Labels }
  | { readonly kind: 'dropped'; readonly rule: number }
  /** Which of the rules it refuses. */
  | { readonly kind: 'refused'; readonly rules: readonly boolean[] };

/** A chain as the oracle reads it: rules as a configuration writes them. */
export type WrittenChain = { readonly labels: Labels; readonly rules: readonly object[] };

type Line = {
  readonly labels?: Labels;
  readonly dropped?: number;
  readonly refused?: readonly string[];
};

/** A chain as JSON, with all digits of its numbers. */
export function chainText(chain: WrittenChain): string {
  const text = JSON.stringify(chain, (_, value: unknown) => (typeof value === 'bigint' ? `bigint ${value}` : value));
  return text.replaceAll(/"bigint (\d+)"/g, '$1');
}

/** Asks the oracle about these chains, in one run of it. */
export async function askOracle(program: string, chains: readonly WrittenChain[]): Promise<readonly OracleAnswer[]> {
  const oracle = spawn(program, { stdio: ['pipe', 'pipe', 'inherit'] });
  const output = text(oracle.stdout);
  oracle.stdin.end(chains.map((chain) => `${chainText(chain)}\n`).join(''));
  const lines = (await output).split('\n').slice(0, -1);
  if (lines.length !== chains.length) throw new Error(`the oracle gave ${lines.length} of ${chains.length} answers`);
  return lines.map((line) => toAnswer(JSON.parse(line) as Line));
}

function toAnswer({ labels = {}, dropped, refused }: Line): OracleAnswer {
  if (refused !== undefined) return { kind: 'refused', rules: refused.map((why) => why !== '') };
  return dropped === undefined ? { kind: 'kept', labels } : { kind: 'dropped', rule: dropped };
}
