import { beforeAll, describe, expect, test } from 'vitest';
import { Memo } from '../../src/relabel/memo.ts';
import { patternProblem } from '../../src/relabel/pattern.ts';
import { toLowerCase, toUpperCase } from '../../src/relabel/map-case.ts';
import { lackOf } from '../deploy/lack-of.ts';
import { randomChain } from '../support/relabel-chains.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { buildOracle } from './build-oracle.ts';
import { askOracle, chainText, type OracleAnswer, type WrittenChain } from './oracle.ts';
import { ourAnswer } from './our-answer.ts';
import { oddRule, writtenRule } from './written-rules.ts';

const lack = lackOf(['go']);
const BUILD_MS = 900_000;
/** Each chain costs about a millisecond of this process; the figure is that of a quiet machine ten times over. */
const RUN_MS = 1_800_000;

/** Another one for each run, so that every run adds to what is known. To have a run again: FINRST_PARITY_SEED=... */
const seed = Number(process.env['FINRST_PARITY_SEED'] ?? Date.now() % 2 ** 31);
const CHAINS = 120_000;
const ODD_RULES = 60_000;
const A_BATCH = 5000;
/** Of the rules of chains. */
const ODD_SHARE = 0.02;

const patterns = new Memo(20_000, (regex) => ({ problem: patternProblem(regex) }));
const checkPattern = (regex: string) => patterns.get(regex).problem;
/** Go takes two groups of one name, re2js does not: docs/discovery.md says so. */
const isComparable = ({ rules }: WrittenChain) =>
  !rules.some((rule) => 'regex' in rule && checkPattern(String(rule.regex))?.includes('duplicate capture') === true);

describe.skipIf(lack.skip)(`relabelling as Prometheus does it, seed ${seed}${lack.note}`, () => {
  let oracle = '';
  beforeAll(async () => {
    oracle = await buildOracle();
  }, BUILD_MS);

  const differences = async (chains: readonly WrittenChain[], tally: Record<OracleAnswer['kind'], number>) => {
    const answers = await askOracle(oracle, chains);
    return chains.flatMap((chain, index) => {
      const [theirs, ours] = [answers[index], ourAnswer(chain, checkPattern)];
      tally[ours.kind] += 1;
      return sorted(theirs) === sorted(ours) ? [] : [{ chain: chainText(chain), theirs, ours }];
    });
  };

  test(
    `${CHAINS} random chains give the same labels, drop by the same rule, and are refused alike`,
    async () => {
      const random = seededRandom(seed);
      const tally = { kept: 0, dropped: 0, refused: 0 };
      for (let done = 0; done < CHAINS; done += A_BATCH) {
        const chains = Array.from({ length: A_BATCH }, () => randomChain(random))
          .map(({ labels, rules }) => ({
            labels,
            rules: rules.map((rule) => (random() < ODD_SHARE ? oddRule(random) : writtenRule(rule))),
          }))
          .filter(isComparable);
        expect((await differences(chains, tally)).slice(0, 5)).toEqual([]);
      }
      process.stdout.write(`seed ${seed}: ${JSON.stringify(tally)}\n`);
      for (const count of Object.values(tally)) expect(count).toBeGreaterThan(CHAINS / 1000);
    },
    RUN_MS,
  );

  test(
    `${ODD_RULES} rules of odd keys are refused where Prometheus refuses them, and only there`,
    async () => {
      const random = seededRandom(seed + 1);
      const tally = { kept: 0, dropped: 0, refused: 0 };
      for (let done = 0; done < ODD_RULES; done += A_BATCH) {
        const chains = Array.from({ length: A_BATCH }, () => ({
          labels: { a: 'x', __b: 'y' },
          rules: [oddRule(random)],
        })).filter(isComparable);
        expect((await differences(chains, tally)).slice(0, 5)).toEqual([]);
      }
      process.stdout.write(`seed ${seed}: ${JSON.stringify(tally)}\n`);
      expect(Math.min(tally.kept, tally.refused)).toBeGreaterThan(ODD_RULES / 10);
    },
    RUN_MS,
  );

  test('every letter has the case that Go gives it, but for letters that are newer than Go', async () => {
    const letters = Array.from({ length: 0x11_0000 }, (_, code) => code)
      .filter((code) => code > 0 && (code < 0xd800 || code > 0xdfff))
      .map((code) => String.fromCodePoint(code));
    const texts = Array.from({ length: Math.ceil(letters.length / 1000) }, (_, at) =>
      letters.slice(at * 1000, at * 1000 + 1000),
    );
    const chains = texts.map((text) => ({
      labels: { a: text.join('') },
      rules: [
        { action: 'lowercase', source_labels: ['a'], target_label: 'lower' },
        { action: 'uppercase', source_labels: ['a'], target_label: 'upper' },
      ],
    }));
    const answers = await askOracle(oracle, chains);
    let newer = 0;
    for (const [index, text] of texts.entries()) {
      const answer = answers[index];
      if (answer?.kind !== 'kept') throw new Error(`no labels: ${answer?.kind}`);
      const [lower, upper] = ['lower', 'upper'].map((label) => Array.from(answer.labels[label] ?? ''));
      for (const [at, letter] of text.entries()) {
        const [theirs, ours] = [
          [lower?.[at], upper?.[at]],
          [toLowerCase(letter), toUpperCase(letter)],
        ];
        if (theirs[0] === ours[0] && theirs[1] === ours[1]) continue;
        newer += 1;
        expect(theirs).toEqual([letter, letter]);
      }
    }
    expect(newer).toBeLessThan(200);
  });
});

function sorted(answer: OracleAnswer | undefined): string {
  if (answer?.kind !== 'kept') return JSON.stringify(answer);
  return JSON.stringify(Object.entries(answer.labels).toSorted(([one], [other]) => (one < other ? -1 : 1)));
}
