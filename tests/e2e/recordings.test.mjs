// The emulations against recordings of the real players (tests/data/recordings): every target of docs/replay.md is met, or its miss is
// listed with its reason and stays within what was measured. A miss that is listed but no longer there fails as well.
import assert from 'node:assert/strict';
import path from 'node:path';
import test from 'node:test';
import { spawnSync } from 'node:child_process';
import { bin, readJson, root } from './lib.mjs';

const folder = path.join(root, 'tests/data/recordings');
const { misses } = readJson(path.join(root, 'tests/e2e/replay_misses.json'));
const run = spawnSync(path.join(bin, 'rehearse'), ['replay', folder, '--json'], { encoding: 'utf8', maxBuffer: 1 << 28 });
assert.equal(run.status, 0, run.stderr);
const { groups } = JSON.parse(run.stdout);

const nameOf = (group) => `${group.player} on ${group.trace}${group.live ? ', live' : ''}`;
const listed = new Set();

for (const group of groups) {
  test(nameOf(group), () => {
    for (const target of group.targets) {
      const key = `${nameOf(group)}: ${target.figure}`;
      const miss = misses[key];
      listed.add(key);
      const told = `${key}: real ${target.real}, emulated ${target.emulated}, distance ${target.distance}, limit ${target.limit}`;
      if (target.met) assert.equal(miss, undefined, `${told}: is met; take it from replay_misses.json`);
      else if (target.figure === 'agreement_percent') assert.ok(target.distance >= miss?.at_least, told);
      else assert.ok(target.distance <= miss?.at_most, told);
    }
  });
}

test('what is listed as a miss has been compared', () => {
  assert.deepEqual(Object.keys(misses).filter((key) => !listed.has(key)), []);
});
