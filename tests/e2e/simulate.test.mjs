// The virtual world: two simulations with one seed are byte-identical, another seed differs, both drills happen there too.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { readJson, rehearse, temporary } from './lib.mjs';

test('simulating first.json twice gives the same summary, byte for byte', async (t) => {
  const base = temporary(t);
  const summary = async (name, ...more) => {
    const { code, output } = await rehearse(['simulate', 'scenarios/first.json', '--out', path.join(base, name), '-q', ...more]);
    assert.equal(code, 0, output);
    return fs.readFileSync(path.join(base, name, 'summary.json'), 'utf8');
  };
  const [one, two, other] = [await summary('one'), await summary('two'), await summary('other', '--seed', '99')];
  assert.equal(one, two);
  assert.notEqual(one, other);
  const said = readJson(path.join(base, 'one', 'summary.json'));
  assert.equal(said.world, 'virtual');
  assert.equal(said.sessions.planned, 200);
  assert.equal(said.sessions.started, 200);
  for (const drill of said.drills) assert.ok(drill.recovered_at > drill.injected_at && drill.sessions_affected > 0, JSON.stringify(drill));
  assert.match(fs.readFileSync(path.join(base, 'one', 'report.html'), 'utf8'), /virtual/i);
});
