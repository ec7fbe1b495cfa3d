import { type Dockerfile, DockerfileParser, type From, type JSONInstruction } from 'dockerfile-ast';
import { validate } from 'dockerfile-utils';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { PROGRAM_ENV, PROGRAM_FLAGS } from '../support/program-flags.ts';
import { ROOT } from './rendered-chart.ts';

const TEXT = readFileSync(join(ROOT, 'Dockerfile'), 'utf8');

describe('the Dockerfile', () => {
  test('has no mistake that a linter knows', () => {
    expect(validate(TEXT, { instructionJSONInSingleQuotes: 2 }).map(({ message }) => message)).toEqual([]);
  });

  test('keeps the rules', () => {
    expect(brokenRules(TEXT)).toEqual([]);
  });

  test('builds on the Node that package.json asks for', () => {
    const { engines } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
      readonly engines: { readonly node: string };
    };
    const oldest = Number(/\d+/.exec(engines.node)?.[0]);
    const majors = [...TEXT.matchAll(/^ARG NODE_\w+=.*?node(?:js)?:?(\d+)/gm)].map(([, major]) => Number(major));
    expect(majors).toHaveLength(2);
    for (const major of majors) expect(major).toBeGreaterThanOrEqual(oldest);
  });

  test('has the version of the package where none is given', () => {
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { readonly version: string };
    expect(TEXT).toContain(`\nARG VERSION=${version}\n`);
  });

  test.each<[string, (text: string) => string]>([
    ['bases are arguments with a tag that is not latest', (text) => text.replace(':24-trixie-slim', ':latest')],
    [
      'bases are arguments with a tag that is not latest',
      (text) => text.replace('FROM ${NODE_RUNTIME}', 'FROM node:24'),
    ],
    ['the user is a number and not root', (text) => text.replace('USER 65532:65532', 'USER nonroot')],
    ['the user is a number and not root', (text) => text.replace('USER 65532:65532', 'USER 0')],
    [
      'the entry point is in exec form, without a shell or npm',
      (text) => text.replace(/^ENTRYPOINT .*$/m, 'ENTRYPOINT node /app/dist/main.js'),
    ],
    [
      'the entry point is in exec form, without a shell or npm',
      (text) => text.replace(/^ENTRYPOINT .*$/m, 'ENTRYPOINT ["npm", "start"]'),
    ],
    ['the entry point has the flags of scripts/launch.cjs', (text) => text.replace('"--max-semi-space-size=8", ', '')],
    [
      'the variables are those of scripts/launch.cjs',
      (text) => text.replace('MALLOC_ARENA_MAX=2', 'MALLOC_ARENA_MAX=8'),
    ],
    ['the health check is in exec form', (text) => text.replace(/^HEALTHCHECK .*$/m, 'HEALTHCHECK CMD curl localhost')],
    ['copies name what they take', (text) => text.replace('COPY src src', 'COPY . .')],
    ['copies name what they take', (text) => text.replace('COPY src src', 'ADD https://finrst.example/x /')],
    [
      'packages are installed by the lockfile, without their scripts',
      (text) => text.replace('npm ci --ignore-scripts', 'npm install'),
    ],
    [
      'packages are installed by the lockfile, without their scripts',
      (text) => text.replace('npm ci --ignore-scripts', 'npm ci'),
    ],
    [
      'what runs last has only production packages',
      (text) => text.replace('COPY --from=packages /app/node_modules', 'COPY --from=build /app/node_modules'),
    ],
    ['no secret is an argument or a variable', (text) => `${text}\nARG NPM_TOKEN\n`],
  ])('rule that bites: %s', (rule, breakIt) => {
    const broken = breakIt(TEXT);
    expect(broken).not.toBe(TEXT);
    expect(brokenRules(broken)).toContain(rule);
  });
});

describe('.dockerignore', () => {
  const lines = readFileSync(join(ROOT, '.dockerignore'), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));

  test('is a list of what may enter, and all of it is there', () => {
    expect(lines[0]).toBe('*');
    const allowed = lines.slice(1);
    for (const line of allowed) {
      expect(line).toMatch(/^!/);
      expect(existsSync(join(ROOT, line.slice(1))), line).toBe(true);
    }
  });

  test('permits all that the Dockerfile copies, and nothing more', () => {
    const copied = copiesOf(DockerfileParser.parse(TEXT))
      .filter(({ from }) => from === null)
      .flatMap(({ sources }) => sources);
    const allowed = lines.slice(1).map((line) => line.slice(1).replace(/\/$/, ''));
    expect(new Set(copied)).toEqual(new Set(allowed));
  });
});

type Rules = Readonly<Record<string, (file: Dockerfile, text: string) => boolean>>;

const RULES: Rules = {
  'bases are arguments with a tag that is not latest': (file) =>
    file.getFROMs().every((from: From) => /^\$\{\w+\}$/.test(from.getImage() ?? '')) &&
    file
      .getInitialARGs()
      .every(
        (each) =>
          /:[\w.-]+$/.test(each.getProperty()?.getValue() ?? '') &&
          !(each.getProperty()?.getValue() ?? '').endsWith(':latest'),
      ),
  'the user is a number and not root': (file) => /^[1-9]\d*:[1-9]\d*$/.test(lastOf(file, 'USER')),
  'the entry point is in exec form, without a shell or npm': (file) => {
    const entrypoint = file.getENTRYPOINTs().at(-1);
    const words = entrypoint === undefined ? [] : jsonOf(entrypoint);
    return words[0] === '/nodejs/bin/node' && words.at(-1) === '/app/dist/main.js';
  },
  'the entry point has the flags of scripts/launch.cjs': (file) => {
    const entrypoint = file.getENTRYPOINTs().at(-1);
    const words = entrypoint === undefined ? [] : jsonOf(entrypoint);
    return PROGRAM_FLAGS.every((flag) => words.includes(flag));
  },
  'the variables are those of scripts/launch.cjs': (_file, text) =>
    Object.entries(PROGRAM_ENV).every(([name, value]) =>
      new RegExp(`^ENV .*(?:\\\\\\n.*)*\\b${name}=${value}\\b`, 'm').test(text),
    ),
  'the health check is in exec form': (file) =>
    lastOf(file, 'HEALTHCHECK').endsWith('CMD ["/nodejs/bin/node", "/app/dist/main.js", "healthcheck"]'),
  'copies name what they take': (file) =>
    file.getInstructions().every((each) => each.getKeyword() !== 'ADD') &&
    copiesOf(file).every(({ sources }) => !sources.includes('.')),
  'packages are installed by the lockfile, without their scripts': (file) => {
    const installs = file
      .getInstructions()
      .filter((each) => each.getKeyword() === 'RUN')
      .map((each) => each.getRawArgumentsContent() ?? '');
    const commands = installs.flatMap((run) => run.split(/&&|\n/)).filter((run) => /npm (ci|i|install)\b/.test(run));
    return commands.length === 2 && commands.every((run) => /npm ci\b.*--ignore-scripts/.test(run));
  },
  'what runs last has only production packages': (file, text) =>
    copiesOf(file)
      .filter(({ sources }) => sources.some((each) => each.includes('node_modules')))
      .every(({ from }) => from === 'packages') && /AS packages(?:(?!FROM).)*--omit=dev/s.test(text),
  'no secret is an argument or a variable': (file) =>
    file
      .getInstructions()
      .filter((each) => ['ARG', 'ENV'].includes(each.getKeyword()))
      .every((each) => !/token|password|secret|_key/i.test(each.getRawArgumentsContent() ?? '')),
};

function brokenRules(text: string): readonly string[] {
  const file = DockerfileParser.parse(text);
  return Object.entries(RULES)
    .filter(([, keeps]) => !keeps(file, text))
    .map(([name]) => name);
}

function lastOf(file: Dockerfile, keyword: string): string {
  return (
    file
      .getInstructions()
      .findLast((each) => each.getKeyword() === keyword)
      ?.getRawArgumentsContent() ?? ''
  );
}

function jsonOf(instruction: JSONInstruction): readonly string[] {
  if (instruction.getOpeningBracket() === null) return [];
  return JSON.parse(instruction.getRawArgumentsContent() ?? '[]') as readonly string[];
}

function copiesOf(file: Dockerfile): readonly { readonly from: string | null; readonly sources: readonly string[] }[] {
  return file.getCOPYs().map((copy) => ({
    from:
      copy
        .getFlags()
        .find((flag) => flag.getName() === 'from')
        ?.getValue() ?? null,
    sources: copy
      .getArguments()
      .slice(0, -1)
      .map((argument) => argument.getValue().replace(/\/$/, '')),
  }));
}
