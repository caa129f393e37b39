// What the emulated players send as CMCD is valid by an independent implementation of the standard, @svta/cml-cmcd. The samples are what
// harness/player/cmcd_samples_test.cc holds the encoder to.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { assertValid } from './cmcd.mjs';
import { root } from './lib.mjs';

const samples = fs.readFileSync(path.join(root, 'tests/data/cmcd.ndjson'), 'utf8').trim().split('\n').map((line) => JSON.parse(line));
const told = (sample) => `${sample.player} ${sample.request}${sample.started ? '' : ' at the start'}, version ${sample.version}`;

test('every sample is valid CMCD by query and by header', () => {
  assert.equal(samples.length, 80);
  for (const sample of samples) {
    const byQuery = assertValid({ CMCD: new URL(sample.url).searchParams.get('CMCD') }, told(sample));
    const byHeader = assertValid(sample.headers, told(sample));
    assert.deepEqual(byQuery, byHeader, told(sample));
    assert.equal(byQuery.v ?? 1, sample.version, told(sample));
    assert.equal(byQuery.sid, '00000000-0000-8000-a000-00000000002a');
    assert.equal(byQuery.cid, 'main "live"');
  }
});

test('what is said of a segment is read back', () => {
  const sample = samples.find((s) => s.player === 'standard' && s.request === 'video' && s.started && s.version === 1);
  const { bl, br, bs, d, mtp, nor, nrr, pr, su } = assertValid(sample.headers, told(sample));
  assert.deepEqual({ bl, br, bs, d, mtp, nor, nrr, pr, su }, {
    bl: 100, br: 2501, bs: true, d: 2002, mtp: 7400, nor: '7.m4s%3Fa%3D1%26b%3D2', nrr: '1024-2047', pr: 0.96, su: true,
  });
});

test('the validator refuses what is wrong', () => {
  for (const parts of [
    { CMCD: 'bl=1.5,sid="x"' }, { CMCD: 'sid="x' }, { CMCD: 'sid=x' }, { CMCD: 'ot=z' }, { CMCD: 'br=100,v=2' }, { CMCD: 'bl=5050' }, { CMCD: 'ot="v"' }, { CMCD: 'su,bs' },
    { CMCD: 'nope=1' }, { 'CMCD-Object': 'bl=100' }, { 'CMCD-Session': 'sid="x",v=1' },
  ]) assert.throws(() => assertValid(parts, 'on purpose'), assert.AssertionError, JSON.stringify(parts));
});
