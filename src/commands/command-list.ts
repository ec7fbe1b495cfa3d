import { command, type Command } from './command.ts';
import { check } from './check.ts';
import { demo } from './demo.ts';
import { healthcheck } from './healthcheck.ts';
import { serve } from './serve.ts';
import { watch } from './watch.ts';

const checkCommand = command({
  name: 'check',
  usage: 'finrst check FILE...',
  summary: 'validate: every problem as file:line:column: message',
  about: [
    'Checks configuration files; - is standard input, and a pipe is read too. Exit code 0: all are valid; 1: at least',
    'one is not.',
  ].join('\n'),
  flags: {},
  examples: [
    'finrst check finrst.yml',
    "kubectl get configmap finrst -o jsonpath='{.data.finrst\\.yml}' | finrst check -",
  ],
  operands: null,
  run: async ({ print: out, printError: err, openFileLimit, readFile, readOperand }, _values, files) =>
    check(files, { out, err, openFileLimit, readFile, readOperand }),
});

/** Every command, in the order the help lists them. */
export const COMMANDS: readonly Command[] = [serve, checkCommand, watch, demo, healthcheck];
