// A short first rehearsal with both drills: the summary says what was configured, the drills recover after their injection, every
// playlist stays aligned over the contribution loss, and everything that was listed decodes.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { Program, assertPassed, eventually, processesWith, readJson, root, summaryOf, temporary } from './lib.mjs';

const tracks = ['video-480p', 'video-240p', 'audio'];
const scenario = path.join(root, 'tests/e2e/short.json');

// One look at every media playlist: { track: [[sequence number, is a gap, uri]…] }.
async function look(base) {
  const seen = {};
  for (const track of tracks) {
    const text = await (await fetch(`${base}/live/main/${track}/playlist.m3u8`)).text();
    let number = Number(/#EXT-X-MEDIA-SEQUENCE:(\d+)/.exec(text)[1]);
    let gap = false;
    seen[track] = [];
    for (const line of text.split('\n')) {
      if (line === '#EXT-X-GAP') gap = true;
      if (line === '' || line.startsWith('#')) continue;
      seen[track].push([number++, gap, line]);
      gap = false;
    }
  }
  return seen;
}

// Follows the live stream while the run lasts; keeps the bytes of every segment once.
async function follow(base, running) {
  const slots = Object.fromEntries(tracks.map((track) => [track, new Map()]));
  const bytes = Object.fromEntries(tracks.map((track) => [track, new Map()]));
  while (running()) {
    try {
      for (const [track, list] of Object.entries(await look(base)))
        for (const [number, gap, uri] of list) {
          if (slots[track].has(number)) {
            assert.equal(slots[track].get(number), gap, `${track} ${number} changed`);
            continue;
          }
          slots[track].set(number, gap);
          if (gap) continue;
          const answer = await fetch(`${base}/live/main/${track}/${uri}`);
          assert.equal(answer.status, 200, `${track}/${uri} is listed and cannot be fetched`);
          bytes[track].set(number, Buffer.from(await answer.arrayBuffer()));
        }
    } catch (error) {
      if (running() && error.cause?.code !== 'ECONNREFUSED' && error.cause?.code !== 'ECONNRESET' && error.name === 'AssertionError') throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 400));
  }
  return { slots, bytes };
}

function assertDecodes(file) {
  const decoded = spawnSync('ffmpeg', ['-v', 'error', '-xerror', '-i', file, '-f', 'null', '-'], { encoding: 'utf8' });
  assert.equal(decoded.status, 0, decoded.stderr);
  assert.equal(decoded.stderr, '');
}

test('a short first rehearsal passes its gates and keeps its stream whole', async (t) => {
  const directory = path.join(temporary(t), 'run');
  const program = new Program('rehearse', ['run', scenario, '--out', directory]);
  t.after(() => program.stop('SIGKILL'));
  let running = true;
  const ended = program.ended.then((code) => ((running = false), code));
  const ready = await eventually('the server is ready', () => fs.existsSync(`${directory}/addresses.json`) && readJson(`${directory}/addresses.json`), 90);
  await eventually('the stream is listed', async () => (await fetch(`${ready.media}/live/main/master.m3u8`)).status === 200, 40);
  const inits = {};
  for (const track of tracks) inits[track] = Buffer.from(await (await fetch(`${ready.media}/live/main/${track}/init.mp4`)).arrayBuffer());
  const { slots, bytes } = await follow(ready.media, () => running);
  const code = await ended;
  assertPassed(code, summaryOf(directory, program.output), program.output);

  await t.test('the summary agrees with the scenario', () => {
    const summary = readJson(`${directory}/summary.json`);
    assert.equal(summary.schema, 'rehearsal/summary/1');
    assert.equal(summary.world, 'real');
    assert.equal(summary.seed, 11);
    assert.deepEqual([summary.sessions.planned, summary.sessions.started, summary.sessions.failed], [40, 40, 0]);
    assert.equal(summary.gates.length, 4);
    for (const gate of summary.gates) assert.equal(gate.verdict, 'passed', JSON.stringify(gate));
    const startup = summary.kpis.find((k) => k.metric === 'startup_time' && Object.keys(k.tags).length === 0);
    assert.equal(startup.count, 40);
    assert.ok(startup.p50 > 0 && startup.p50 <= startup.p95 && startup.p95 <= startup.max);
    for (const device of ['desktop-hlsjs', 'desktop-dashjs', 'ios', 'android'])
      assert.equal(summary.kpis.find((k) => k.metric === 'sessions' && k.tags.device === device).value, 10);
  });

  await t.test('the drills hit whom they should and recover after their injection', () => {
    const drills = Object.fromEntries(readJson(`${directory}/summary.json`).drills.map((drill) => [drill.name, drill]));
    assert.ok(Math.abs(drills.token.injected_at - 6) < 0.5);
    assert.ok(Math.abs(drills.feed.injected_at - 10) < 0.5);
    for (const drill of Object.values(drills)) {
      assert.ok(drill.first_symptom_at >= drill.injected_at, JSON.stringify(drill));
      assert.ok(drill.detected_at >= drill.first_symptom_at, JSON.stringify(drill));
    }
    assert.ok(drills.token.recovered_at >= drills.token.first_symptom_at, JSON.stringify(drills.token));
    assert.equal(drills.token.sessions_affected, 20);
    assert.ok(drills.feed.sessions_affected >= 20, JSON.stringify(drills.feed));
    // One that stutters at the live edge may stall at the very end of the run.
    assert.ok(drills.feed.sessions_recovered >= 0.8 * drills.feed.sessions_affected, JSON.stringify(drills.feed));
    assert.ok(drills.feed.recovery.max + drills.feed.injected_at >= 17, JSON.stringify(drills.feed));
  });

  await t.test('all renditions list the same slots over the contribution loss', () => {
    const numbers = [...slots.audio.keys()].sort((a, b) => a - b);
    const gaps = numbers.filter((n) => slots.audio.get(n));
    assert.ok(gaps.length >= 2 && gaps.length <= 5, `gaps: ${gaps}`);
    for (const track of tracks) assert.deepEqual(new Map([...slots[track]].sort((a, b) => a[0] - b[0])), new Map(numbers.map((n) => [n, slots.audio.get(n)])), track);
    assert.equal(numbers.at(-1) - numbers[0] + 1, numbers.length, 'a number was left out');
    assert.ok(numbers.at(-1) > gaps.at(-1), 'nothing after the loss');
  });

  await t.test('init and segments decode without an error, before and after the loss', () => {
    const lastGap = Math.max(...[...slots.audio].filter(([, gap]) => gap).map(([n]) => n));
    for (const track of tracks)
      for (const [part, wanted] of [['before', (n) => n < lastGap], ['after', (n) => n > lastGap]]) {
        const file = path.join(directory, `${track}-${part}.mp4`);
        const segments = [...bytes[track]].filter(([n]) => wanted(n)).sort((a, b) => a[0] - b[0]).map(([, b]) => b);
        assert.ok(segments.length > 0, `${track}: nothing ${part} the loss`);
        fs.writeFileSync(file, Buffer.concat([inits[track], ...segments]));
        assertDecodes(file);
      }
  });

  await t.test('every output is there', () => {
    for (const name of ['run.db', 'junit.xml', 'timeline.ndjson', 'report.html', 'scenario.json']) assert.ok(fs.statSync(`${directory}/${name}`).size > 0, name);
    assert.match(fs.readFileSync(`${directory}/junit.xml`, 'utf8'), /tests="9" failures="0"/);
    const lines = fs.readFileSync(`${directory}/timeline.ndjson`, 'utf8').trim().split('\n').map((line) => JSON.parse(line));
    assert.deepEqual(lines.filter((l) => l.type === 'phase' && l.what === 'began').map((l) => l.name), ['preflight', 'warmup', 'live', 'recovery', 'closeout']);
  });

  await t.test('no process is left', () => assert.deepEqual(processesWith(directory), []));
});
