import { diag } from '@opentelemetry/api';
import { afterEach, expect, test } from 'vitest';
import { SdkDiagnostics } from '../../../../src/sinks/traces/sdk-diagnostics.ts';

afterEach(() => diag.disable());

function listening() {
  const problems: string[] = [];
  const diagnostics = new SdkDiagnostics((problem) => problems.push(problem));
  diagnostics.listen();
  return { problems, diagnostics };
}

test('a complaint of a component is reported with its sentence and its error, without bytes', () => {
  const { problems } = listening();
  const component = diag.createComponentLogger({ namespace: 'OTLPExportDelegate' });
  component.warn('could not deserialize response', new RangeError('index out of range'), Buffer.from('secret'));
  expect(problems).toEqual(['OTLPExportDelegate: could not deserialize response: index out of range']);
});

test('a complaint is reported once, and another one by itself', () => {
  const { problems } = listening();
  for (const message of ['one', 'one', 'two']) diag.error(message);
  expect(problems).toEqual(['one', 'two']);
});

test.each([
  "Configuration: Could not parse environment-provided export URL: 'http://me:hunter2@', falling back to undefined",
  'Header "authorization" has invalid value (hunter2) and will be ignored',
])('what quotes a variable is not passed on: %s', (message) => {
  const { problems } = listening();
  diag.warn(message);
  expect(problems).toEqual([]);
});

test('a long complaint is cut', () => {
  const { problems } = listening();
  diag.error('x'.repeat(10_000));
  expect(problems.map((problem) => problem.length)).toEqual([503]);
});

test('refused spans are counted, not reported', () => {
  const { problems, diagnostics } = listening();
  diag.warn('Received Partial Success response:', '{"partialSuccess":{"rejectedSpans":"3"}}');
  expect(diagnostics.takeRejected()).toBe(3);
  expect(diagnostics.takeRejected()).toBe(0);
  expect(problems).toEqual([]);
});
