import { z } from 'zod';
import { expect, test } from 'vitest';
import { configJsonSchema } from '../../scripts/config-reference.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { webConfigSchema } from '../../src/config/schema/web-config-schema.ts';
import { namesIn } from '../../src/config/snapshot/names-in.ts';

/** Read at each request to a source, and with no configuration. */
const READ_AT_REQUEST = ['credentials_file', 'username_file'];

/** Every property of a JSON Schema, wherever it stands, whose name says that it is a file. */
function fileKeysIn(schema: unknown, found = new Set<string>()): ReadonlySet<string> {
  if (typeof schema !== 'object' || schema === null) return found;
  for (const [key, value] of Object.entries(schema)) {
    if (key === 'properties') for (const name of Object.keys(value)) if (name.endsWith('_file')) found.add(name);
    fileKeysIn(value, found);
  }
  return found;
}

const webSchema = z.toJSONSchema(webConfigSchema, { io: 'input', unrepresentable: 'any' });
const keys = [...new Set([...fileKeysIn(configJsonSchema()), ...fileKeysIn(webSchema)])];

test('the schemas name files of both kinds of configuration', () => {
  expect(keys).toEqual(expect.arrayContaining(['password_file', 'client_ca_file', ...READ_AT_REQUEST]));
});

test.each(keys)('a file under %s is read with the configuration, or at each request', (key) => {
  const names = namesIn(`a: {b: [{${key}: some.file}]}`, 'finrst.yml').find(([name]) => name === key);
  expect(names).toEqual(READ_AT_REQUEST.includes(key) ? undefined : [key, ['some.file']]);
});

test('the files of no other key are read', () => {
  const known = namesIn('', 'finrst.yml').map(([key]) => key);
  expect(known.filter((key) => !keys.includes(key))).toEqual([]);
});

test.each([
  'authorization: {credentials_file: not-there}',
  'basic_auth: {username_file: not-there, password_file: not-there-either}',
])('a source with %s loads while the file is not there: its requests fail until it is', async (credentials) => {
  const text = `groups: [{name: g, http_sd_configs: [{url: "http://127.0.0.1:1/", ${credentials}}]}]`;
  const opened: string[] = [];
  const loaded = await loadConfig({
    file: 'finrst.yml',
    readFile: async (path) => {
      opened.push(path);
      return path === 'finrst.yml'
        ? { kind: 'read', bytes: Buffer.from(text) }
        : { kind: 'unreadable', why: 'no such file' };
    },
  });
  expect(loaded).toMatchObject({ kind: 'loaded' });
  expect(opened).not.toContain('not-there');
});
