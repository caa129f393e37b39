// scenarios/failing.json: gates that must fail give exit code 99, and say which and by how much.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { readJson, rehearse, temporary } from './lib.mjs';

test('failing gates exit 99 and are named', async (t) => {
  const directory = path.join(temporary(t), 'run');
  const { code, output } = await rehearse(['run', 'scenarios/failing.json', '--out', directory]);
  assert.equal(code, 99, output);
  const summary = readJson(`${directory}/summary.json`);
  assert.equal(summary.verdict, 'failed');
  const failed = summary.gates.filter((gate) => gate.verdict === 'failed');
  assert.ok(failed.length > 0);
  for (const gate of failed) {
    assert.ok(Number.isFinite(gate.observed), JSON.stringify(gate));
    assert.ok(output.includes(gate.threshold), `${gate.threshold} is not in what was printed`);
  }
  assert.match(fs.readFileSync(`${directory}/junit.xml`, 'utf8'), new RegExp(`failures="${failed.length}"`));
});
