import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { type InputSeries, asNativeHistograms } from './native-histograms.ts';
import { ROOT } from './rendered-chart.ts';

export const RULES = join(ROOT, 'deploy/rules');

type ExpectedAlert = {
  readonly exp_labels: Readonly<Record<string, string>>;
  readonly exp_annotations: Readonly<Record<string, string>>;
};

type AlertTest = {
  readonly alertname: string;
  readonly eval_time: string;
  readonly exp_alerts: readonly ExpectedAlert[];
};

type RuleTest = {
  readonly name: string;
  readonly interval: string;
  readonly input_series: readonly InputSeries[];
  readonly alert_rule_test?: readonly AlertTest[];
};

/** A file of unit tests for promtool. */
export type RuleTestFile = {
  readonly rule_files: readonly string[];
  readonly tests: readonly RuleTest[];
};

/** The unit tests of the rules by the name of their file, as they are written. */
export function ruleTestFiles(): ReadonlyMap<string, RuleTestFile> {
  const names = readdirSync(RULES).filter((file) => file.endsWith('.test.yaml'));
  return new Map(names.map((name) => [name, parse(readFileSync(join(RULES, name), 'utf8')) as RuleTestFile]));
}

/** The tests of a file that are about peers, with two target labels that differ from peer to peer on all their series. */
export function withTargetLabels(file: RuleTestFile): RuleTestFile {
  const ofPeers = file.tests.filter(({ input_series: series }) => series.some((each) => /peer="/.test(each.series)));
  return { ...file, tests: ofPeers.map(labelled) };
}

/** The tests of a file that are about histograms, with each of them as one native histogram. */
export function withNativeHistograms(file: RuleTestFile): RuleTestFile {
  const ofHistograms = file.tests.filter(({ input_series: series }) =>
    series.some((each) => each.series.includes('_bucket{')),
  );
  return {
    ...file,
    tests: ofHistograms.map((test) => ({ ...test, input_series: asNativeHistograms(test.input_series) })),
  };
}

function labelled(test: RuleTest): RuleTest {
  return {
    ...test,
    input_series: test.input_series.map(({ series, values }) => ({
      series: series.replace(/peer="([^"]*)"/, (whole, peer: string) => `${whole},team="of-${peer}",zone="at-${peer}"`),
      values,
    })),
    ...(test.alert_rule_test && { alert_rule_test: test.alert_rule_test.map(withLabelsOfPeers) }),
  };
}

function withLabelsOfPeers(test: AlertTest): AlertTest {
  return {
    ...test,
    exp_alerts: test.exp_alerts.map((alert) => {
      const peer = alert.exp_labels['peer'];
      if (peer === undefined) return alert;
      return { ...alert, exp_labels: { ...alert.exp_labels, team: `of-${peer}`, zone: `at-${peer}` } };
    }),
  };
}
