// What a backup is worth, in short: two cases of one scenario, of which the one with a backup is played for real and both are simulated.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { assertPassed, readJson, rehearse, summaryOf, temporary } from './lib.mjs';

const scenario = (cases) => ({
  name: 'loss', seed: 3, target: { reference: {} },
  content: { kind: 'live', video: 'talk-480p30', contribution: { protocol: 'srt', backup: { protocol: 'rtmp' }, failback_after: '1s' } },
  duration: '24s',
  audience: {
    sessions: 12, arrivals: { shape: 'steady', over: '3s' },
    cohorts: [
      { share: 0.5, device: 'desktop-hlsjs', network: 'fibre', region: 'eu', path: 'direct' },
      { share: 0.5, device: 'desktop-dashjs', network: 'fibre', region: 'eu', path: 'direct' },
    ],
  },
  drills: [
    { name: 'stall', at: '6s', inject: 'contribution-loss', how: 'stall', for: '3s' },
    { name: 'restart', at: '14s', inject: 'encoder-restart' },
  ],
  gates: { playback_failures: 'rate==0' },
  ...(cases ? { cases } : {}),
});

function write(t, document) {
  const directory = temporary(t);
  const file = path.join(directory, 'loss.json');
  fs.writeFileSync(file, JSON.stringify(document));
  return { file, out: path.join(directory, 'run') };
}

test('nobody notices that the primary feed stalls, and that its encoder is restarted; a black one is left', async (t) => {
  const whole = scenario();
  whole.duration = '38s';
  whole.content.contribution.unfit_when = ['black'];
  whole.drills.push({ name: 'dark', at: '20s', inject: 'contribution-degraded', how: 'black', for: '8s' });
  const { file, out } = write(t, whole);
  const run = await rehearse(['run', file, '--out', out, '-q']);
  const summary = summaryOf(out, run.output);
  assertPassed(run.code, summary, run.output);
  const { drills } = summary;
  const [stall, restart, dark] = drills;
  assert.equal(stall.sessions_affected, 0);
  assert.equal(stall.switched_to, 'backup');
  assert.ok(stall.gap_ms >= 390 && stall.gap_ms < 600, `${stall.gap_ms} ms`);
  assert.ok(stall.mitigated_at - stall.injected_at < 1);
  assert.equal(restart.sessions_affected, 0);
  assert.match(stall.noticed, /^primary: (media-gap|picture: )/);
  assert.ok(stall.noticed_at <= stall.mitigated_at, JSON.stringify(stall));
  assert.equal(dark.switched_to, 'backup');
  assert.match(dark.noticed, /^primary: black: /);
  assert.ok(dark.noticed_at - dark.injected_at < 3, JSON.stringify(dark));
  assert.ok(dark.mitigated_at - dark.noticed_at < 5, JSON.stringify(dark)); // the server dwells on the feed that it has just returned to
  for (const drill of [stall, restart]) {
    assert.ok(drill.frames.delivered > 100, JSON.stringify(drill));
    assert.equal(drill.frames.missing, 0, JSON.stringify(drill));
    assert.equal(drill.frames.repeated, 0, JSON.stringify(drill));
  }
  const page = fs.readFileSync(path.join(out, 'report.html'), 'utf8');
  assert.match(page, /The contribution under the drills/);
});

test('cases are simulated one after another and put side by side', async (t) => {
  const longer = { 'drills[0].for': '7s' }; // than the players' buffers
  const { file, out } = write(t, scenario([{ name: 'pair', set: longer }, { name: 'alone', set: { ...longer, 'content.contribution': { protocol: 'srt' } } }]));
  const run = await rehearse(['simulate', file, '--out', out, '-q', '-o', `junit=${path.join(path.dirname(file), 'junit.xml')}`]);
  assert.equal(run.code, 0, run.output);
  assert.match(run.output, /Cases side by side\s+pair\s+alone/);
  for (const name of ['pair', 'alone']) {
    assert.equal(readJson(path.join(out, name, 'summary.json')).case, name);
    assert.ok(fs.existsSync(path.join(path.dirname(file), `junit.${name}.xml`)));
  }
  const { cases, figures } = readJson(path.join(out, 'cases.json'));
  assert.deepEqual(cases.map((one) => one.name), ['pair', 'alone']);
  const affected = figures.find((line) => line.name === 'stall: viewers affected').values;
  assert.equal(affected.pair, '0 of 12');
  assert.notEqual(affected.alone, '0 of 12');
  assert.match(fs.readFileSync(path.join(out, 'cases.html'), 'utf8'), /href="pair\/report.html"/);
});
