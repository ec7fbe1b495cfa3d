import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { lackOf } from './lack-of.ts';
import { PROMETHEUS_3_BUILD_MS, PROMETHEUS_3_NEEDS, buildPrometheus3 } from './prometheus-3.ts';
import { RULES, type RuleTestFile, ruleTestFiles, withNativeHistograms, withTargetLabels } from './rule-tests.ts';

const tools = lackOf(['promtool']);
const goToo = lackOf(PROMETHEUS_3_NEEDS);
const folder = mkdtempSync(join(tmpdir(), 'finrst-rule-stories-'));
afterAll(() => rmSync(folder, { recursive: true }));
const testFiles = ruleTestFiles();

/** Both at once: each takes a core for a minute. */
describe.concurrent('the unit tests of deploy/rules', () => {
  test.skipIf(tools.skip)(`pass on Debian's Prometheus 2, with target labels too${tools.note}`, async ({ expect }) => {
    const variants = { plain: [...testFiles], labelled: mapped(withTargetLabels) };
    expect(await outcome('promtool', unitTests('two', variants))).toBe('passed');
  });

  test.skipIf(goToo.skip)(
    `pass on Prometheus 3, with target labels and with native histograms too${goToo.note}`,
    async ({ expect }) => {
      const { promtool: three } = await buildPrometheus3();
      const check = ['check', 'rules', '--lint=all', '--lint-fatal', join(RULES, 'finrst.rules.yaml')];
      expect(await outcome(three, check)).toBe('passed');
      const variants = {
        plain: [...testFiles],
        labelled: mapped(withTargetLabels),
        native: mapped(withNativeHistograms),
      };
      expect(await outcome(three, unitTests('three', variants))).toBe('passed');
    },
    PROMETHEUS_3_BUILD_MS,
  );
});

type Files = Iterable<readonly [string, RuleTestFile]>;

function mapped(change: (file: RuleTestFile) => RuleTestFile): Files {
  return [...testFiles].map(([name, file]) => [name, change(file)] as const);
}

/** Writes files of unit tests beside the rules, and is what runs all of them in one process. */
function unitTests(name: string, variants: Readonly<Record<string, Files>>): readonly string[] {
  const place = join(folder, name);
  mkdirSync(place);
  writeRules(place);
  const written = Object.entries(variants).flatMap(([variant, files]) =>
    [...files]
      .filter(([, { tests }]) => tests.length > 0)
      .map(([file, content]) => {
        const path = join(place, `${variant}.${file}`);
        writeFileSync(
          path,
          stringify({ ...content, rule_files: [rulesFor(content)] }, { aliasDuplicateObjects: false }),
        );
        return path;
      }),
  );
  return ['test', 'rules', ...written];
}

const RECURRENCE = 'finrst.recurrence';

function writeRules(place: string): void {
  const rules = parse(readFileSync(join(RULES, 'finrst.rules.yaml'), 'utf8')) as {
    readonly groups: readonly { readonly name: string }[];
  };
  const without = rules.groups.filter(({ name }) => name !== RECURRENCE);
  writeFileSync(join(place, 'all.yaml'), stringify(rules));
  writeFileSync(join(place, 'without-recurrence.yaml'), stringify({ groups: without }));
}

/** Half of the time goes into the recordings of recurrence; where no test asks for what is made of them, they are left out. */
function rulesFor(file: RuleTestFile): string {
  const asked = file.tests.flatMap(({ alert_rule_test: alerts }) => alerts ?? []).map(({ alertname }) => alertname);
  return asked.some((name) => name.startsWith('FinrstRecurring')) ? 'all.yaml' : 'without-recurrence.yaml';
}

/** Runs it without holding up this process, where another run goes on beside it; `passed`, or what it printed. */
function outcome(program: string, args: readonly string[]): Promise<string> {
  return promisify(execFile)(program, args, { maxBuffer: 1 << 26 }).then(
    () => 'passed',
    (error: unknown) => {
      const { stdout, stderr } = error as { readonly stdout?: string; readonly stderr?: string };
      return `${String(error).split('\n', 1)[0]}\n${stdout}${stderr}`;
    },
  );
}
