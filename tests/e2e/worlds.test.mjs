// The real and the virtual world beside each other: `rehearse run` and `rehearse simulate` of one scenario. The whole comparison is
// tests/fidelity/worlds/compare; this is a small one, of figures that a busy machine does not change, and of startup, which it can only
// lengthen.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { readJson, rehearse, rows, temporary } from './lib.mjs';

const viewers = 24;
const scenario = {
  name: 'two-worlds', seed: 5,
  target: { reference: {} },
  content: { kind: 'vod', video: 'sports-720p30' },
  duration: '10s',
  audience: {
    sessions: viewers, arrivals: { shape: 'steady', over: '3s' },
    cohorts: [
      { share: 0.5, device: 'desktop-hlsjs', network: 'fibre', region: 'eu', path: 'direct' },
      { share: 0.25, device: 'ios', network: 'wifi', region: 'us', path: 'authenticated' },
      { share: 0.25, device: 'android', network: 'mobile-unstable', region: 'us', path: 'direct' },
    ],
  },
  gates: { startup_success: 'rate>=0.99' },
};

async function play(verb, file, directory) {
  const { code, output } = await rehearse([verb, file, '--out', directory]);
  assert.ok([0, 98].includes(code), output); // 98: the harness was the bottleneck, see below
  const summary = readJson(path.join(directory, 'summary.json'));
  const kpi = (metric) => summary.kpis.find((row) => row.metric === metric && Object.keys(row.tags).length === 0);
  const requests = rows(directory, 'SELECT kind, count(*) AS n FROM requests WHERE NOT cached GROUP BY kind');
  const [{ bytes }] = rows(directory, 'SELECT sum(bytes) AS bytes FROM sessions');
  return {
    harness: summary.harness, bytes, bitrate: kpi('bitrate').mean, startup: kpi('startup_time').p50, started: kpi('startup_success').value,
    stalls: kpi('rebuffer_ratio').value, requests: Object.fromEntries(requests.map(({ kind, n }) => [kind, n])), output,
  };
}

test('a rehearsal and its simulation tell the same', async (t) => {
  const directory = temporary(t);
  const file = path.join(directory, 'scenario.json');
  fs.writeFileSync(file, JSON.stringify(scenario));
  const virtual = await play('simulate', file, path.join(directory, 'virtual'));
  const real = await play('run', file, path.join(directory, 'real'));
  if (real.harness.network_backend === 'none' && !process.env.CI) return t.skip('links cannot be made here: see `rehearse doctor`');
  assert.equal(real.harness.network_backend, 'tun', real.output);
  if (real.harness.saturated) return t.skip(`the harness was the bottleneck: ${real.harness.saturation_reason}`);
  const told = Object.fromEntries(Object.entries({ real, virtual }).map(([world, { output, harness, ...figures }]) => [world, figures]));
  t.diagnostic(JSON.stringify(told));

  const close = (name, share) => assert.ok(Math.abs(virtual[name] / real[name] - 1) <= share, `${name}: ${JSON.stringify(told)}`);
  assert.equal(real.started, virtual.started);
  // Who enters asks for the same, whatever the network does: pages, accounts, tokens, and what names the media.
  for (const kind of ['page', 'login', 'entitlements', 'token', 'manifest']) assert.equal(real.requests[kind], virtual.requests[kind], `${kind}: ${JSON.stringify(told)}`);
  // Segments of two seconds until buffers are full: one more or less each where the end of the run falls between two requests; and
  // phones that see their rate otherwise switch otherwise, which costs them an init segment and a playlist.
  for (const kind of ['playlist', 'init', 'audio', 'video'])
    assert.ok(Math.abs(real.requests[kind] - virtual.requests[kind]) <= viewers / 2 + 0.05 * real.requests[kind], `${kind}: ${JSON.stringify(told)}`);
  close('bytes', 0.1);
  close('bitrate', 0.1);
  assert.ok(Math.abs(real.stalls - virtual.stalls) <= 0.01, JSON.stringify(told));
  // A machine with other work to do is late, never early: below is what the virtual world itself may be off, above half as much again.
  assert.ok(real.startup >= 0.9 * virtual.startup && real.startup <= 1.5 * virtual.startup, `startup: ${JSON.stringify(told)}`);
});
