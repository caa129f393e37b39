// One run, watched from both sides: what the players sent as CMCD, as the server took it down, is valid by an independent
// implementation of the standard, and agrees with what the harness recorded of the same sessions. Cohorts that are not told to send
// CMCD send none.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { assertValid } from './cmcd.mjs';
import { Program, assertPassed, eventually, rows, startServer, summaryOf, temporary } from './lib.mjs';

const each = 3; // viewers of a cohort
const cohorts = [
  { name: 'hls-v1-query', device: 'desktop-hlsjs', cmcd: { version: 1, send: 'query' } },
  { name: 'dash-v2-header', device: 'desktop-dashjs', cmcd: { version: 2, send: 'header' } },
  { name: 'tv-v2-query', device: 'tv', cmcd: { version: 2, send: 'query' } }, // says all that the standard has
  { name: 'silent', device: 'desktop-hlsjs' },
];

function scenario(media) {
  return {
    name: 'cmcd',
    target: { url: `${media}/live/main/master.m3u8`, dash_url: `${media}/live/main/manifest.mpd` },
    content: { kind: 'live' },
    duration: '36s',
    audience: {
      sessions: each * cohorts.length,
      arrivals: { shape: 'steady', over: '1s' },
      cohorts: cohorts.map((cohort) => ({ share: 1 / cohorts.length, network: 'fibre', region: 'eu', path: 'direct', watch: '30s', ...cohort })),
    },
    links: { backend: 'none' },
  };
}

const getJson = async (url) => (await fetch(url)).json();

test('the server and the harness tell the same of every session', async (t) => {
  const server = await startServer(t);
  const directory = path.join(temporary(t), 'run');
  const file = path.join(server.directory, 'cmcd.json');
  fs.writeFileSync(file, JSON.stringify(scenario(server.media)));
  const run = new Program('rehearse', ['run', file, '--out', directory]);
  t.after(() => run.stop('SIGKILL'));
  // The probe players of the warmup send none.
  await eventually('all play', async () => (await getJson(`${server.control}/v1/cmcd/sessions`)).sessions.filter((s) => s.requests > 6).length >= each * 3, 60);
  // No byte for longer than any of these players keeps in its buffer, so that each stalls.
  server.server.child.kill('SIGSTOP');
  await new Promise((resolve) => setTimeout(resolve, 9000));
  server.server.child.kill('SIGCONT');
  const code = await run.ended;
  assertPassed(code, summaryOf(directory, run.output), run.output);

  const page = await getJson(`${server.control}/v1/cmcd/sessions?limit=100`);
  const heard = new Map();
  for (const { sid } of page.sessions) heard.set(parseInt(sid.slice(-12), 16), await getJson(`${server.control}/v1/cmcd/sessions/${sid}`));
  const sessions = rows(directory, 'SELECT * FROM sessions');
  const telling = sessions.filter((s) => s.cohort !== 'silent');
  const requests = rows(directory, "SELECT * FROM requests WHERE kind NOT LIKE 'token%'");
  const startups = new Map(rows(directory, "SELECT session, value FROM events WHERE kind = 'startup'").map((e) => [e.session, e.value]));

  await t.test('whoever is told to sends CMCD, and nobody else', () => {
    assert.deepEqual([...heard.keys()].sort((a, b) => a - b), telling.map((s) => s.id).sort((a, b) => a - b));
    assert.deepEqual([page.malformed, page.anonymous], [0, 0]);
  });

  await t.test('all of it is valid', () => {
    for (const session of telling) {
      const { version, send } = cohorts.find((c) => c.name === session.cohort).cmcd;
      const { latest } = heard.get(session.id);
      assert.ok(latest.length > 0);
      for (const parts of latest) {
        assert.equal('CMCD' in parts, send === 'query');
        assert.equal(assertValid(parts, session.cohort).v ?? 1, version);
      }
    }
  });

  await t.test('requests and bytes agree', () => {
    let exact = 0;
    for (const session of telling) {
      const said = heard.get(session.id);
      const mine = requests.filter((r) => r.session === session.id);
      // The clock is no request for the stream, and tells nothing; what the browser's cache answers is no request at all.
      const crossed = mine.filter((r) => r.cached === 0 || r.status === 304);
      const done = crossed.filter((r) => r.kind !== 'clock');
      const asked = session.requests - (crossed.length - done.length);
      const bytes = done.reduce((sum, r) => sum + r.bytes, 0);
      // What was broken off has no row and may or may not have reached the server.
      assert.ok(said.requests >= done.length && said.requests <= asked, `${session.cohort} ${session.id}: ${done.length} done, ${said.requests} heard, ${asked} asked`);
      assert.ok(said.bytes >= bytes, `${session.cohort} ${session.id}: ${bytes} received, ${said.bytes} sent`);
      if (asked !== done.length) continue;
      ++exact;
      assert.equal(said.bytes, bytes, `${session.cohort} ${session.id}`);
    }
    assert.ok(exact >= telling.length / 2, `only ${exact} of ${telling.length} sessions had nothing broken off`);
  });

  await t.test('startups agree', () => {
    for (const session of telling) {
      const said = heard.get(session.id);
      assert.ok(said.startups > 0);
      // The other two do not report it: hls.js never, dash.js something else by that name.
      if (session.cohort === 'tv-v2-query') assert.ok(Math.abs(said.msd - startups.get(session.id) * 1000) <= 1, `${said.msd} ms, ${startups.get(session.id)} s`);
    }
  });

  await t.test('stalls agree', () => {
    for (const session of telling) {
      const { starved } = heard.get(session.id);
      const what = `${session.cohort} ${session.id}: ${session.stalls} stalls, ${starved} reports of them`;
      assert.ok(session.stalls > 0, what);
      // A stall is reported with the next request that may do so, which the last one need not live to see; one that begins before the
      // last was reported is not reported apart. dash.js reports it once for each track.
      assert.ok(starved > 0 && starved <= session.stalls * (session.cohort === 'dash-v2-header' ? 2 : 1), what);
    }
  });
});
