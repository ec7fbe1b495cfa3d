import { EXIT, command, type Command } from './command.ts';
import { check, checkWeb, printRbac } from './check.ts';
import { createCompletion } from './completion.ts';
import { demo } from './demo.ts';
import { discover } from './discover.ts';
import { explain } from './explain.ts';
import { healthcheck } from './healthcheck.ts';
import { measure } from './measure.ts';
import { serve } from './serve.ts';
import { fileFlag, switchFlag } from './flags/flag.ts';
import { watch } from './watch.ts';

const checkCommand = command({
  name: 'check',
  usage: 'finrst check FILE... [flags]',
  summary: 'validate: every problem as file:line:column: message',
  about: [
    'Checks configuration files; - is standard input, and a pipe is read too. Exit code 0: all are valid; 1: at least',
    'one is not.',
  ].join('\n'),
  flags: {
    'web.config.file': fileFlag('Check this web configuration of the Prometheus exporter-toolkit, too.'),
    rbac: switchFlag(
      'Print the Roles and ClusterRoles that kubernetes_sd_configs need, as YAML; all else goes to stderr.',
    ),
  },
  examples: [
    'finrst check finrst.yml',
    'finrst check --web.config.file=web.yml finrst.yml',
    'finrst check --rbac finrst.yml | kubectl apply -f -',
    "kubectl get configmap finrst -o jsonpath='{.data.finrst\\.yml}' | finrst check -",
  ],
  operands: { least: 1, most: Number.POSITIVE_INFINITY, completes: 'files' },
  async run({ print: out, printError: err, openFileLimit, packetBacklog, readFile, readOperand }, values, files) {
    const io = { out, err, openFileLimit, packetBacklog, readFile, readOperand };
    const web = values['web.config.file'];
    // With the rights nothing but YAML goes to stdout, for kubectl to read.
    const webExit = web === null ? EXIT.ok : await checkWeb(web, values.rbac ? { ...io, out: err } : io);
    const exit = values.rbac ? await printRbac(files, io) : await check(files, io);
    return Math.max(webExit, exit);
  },
});

const OTHERS = [serve, checkCommand, watch, demo, measure, discover, explain, healthcheck];

/** Every command, in the order the help lists them. */
export const COMMANDS: readonly Command[] = [...OTHERS, createCompletion(OTHERS)];
