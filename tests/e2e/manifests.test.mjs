// Manifests as two independent parsers (m3u8-parser, mpd-parser) read them, the delivery rules of HTTP, and the token rules.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { eventually, root, startServer } from './lib.mjs';

const require = createRequire(path.join(root, 'package.json'));
const { Parser } = require('m3u8-parser');
const mpd = require('mpd-parser');

function parseHls(text) {
  const parser = new Parser();
  const warnings = [];
  parser.on('warn', (w) => warnings.push(w.message));
  parser.push(text);
  parser.end();
  assert.deepEqual(warnings, []);
  return parser.manifest;
}

test('manifests, delivery and tokens', async (t) => {
  const server = await startServer(t);
  const get = (url, headers = {}) => fetch(server.media + url, { headers });

  for (const [kind, name] of [['live', 'main'], ['vod', 'title']]) {
    await t.test(`m3u8-parser accepts the ${kind} playlists`, async () => {
      const master = parseHls(await (await get(`/${kind}/${name}/master.m3u8`)).text());
      assert.deepEqual(master.playlists.map((p) => p.attributes.RESOLUTION.height), [360, 240]);
      for (const variant of master.playlists) {
        assert.match(variant.attributes.CODECS, /^avc1\.[0-9a-f]{6},mp4a\.40\.2$/);
        const playlist = parseHls(await (await get(`/${kind}/${name}/${variant.uri}`)).text());
        assert.equal(playlist.endList === true, kind === 'vod');
        assert.ok(playlist.segments.length >= 3);
        for (const segment of playlist.segments) {
          assert.ok(Math.abs(segment.duration - 2) < 0.05 || segment === playlist.segments.at(-1), `${segment.duration}`);
          assert.equal(segment.map.uri, 'init.mp4');
        }
      }
    });

    await t.test(`mpd-parser accepts the ${kind} manifest`, async () => {
      const url = `${server.media}/${kind}/${name}/manifest.mpd`;
      const events = [];
      const parsed = mpd.parse(await (await fetch(url)).text(), { manifestUri: url, eventHandler: (event) => events.push(event) });
      assert.deepEqual(events, []);
      assert.equal(parsed.playlists.length, 2);
      assert.equal(Object.values(parsed.mediaGroups.AUDIO.audio).length, 1);
      for (const playlist of parsed.playlists) {
        const segment = playlist.segments.at(-1);
        assert.equal((await fetch(segment.resolvedUri)).status, 200, segment.resolvedUri);
        assert.equal((await fetch(segment.map.resolvedUri)).status, 200);
      }
    });
  }

  await t.test('delivery follows the rules of HTTP', async () => {
    const segment = '/vod/title/video-360p/init.mp4';
    const whole = Buffer.from(await (await get(segment)).arrayBuffer());
    const part = await get(segment, { Range: 'bytes=4-7' });
    assert.equal(part.status, 206);
    assert.equal(part.headers.get('content-range'), `bytes 4-7/${whole.length}`);
    assert.equal(await part.text(), 'ftyp');
    assert.equal((await get(segment, { Range: `bytes=${whole.length}-` })).status, 416);
    const head = await fetch(server.media + segment, { method: 'HEAD' });
    assert.equal(Number(head.headers.get('content-length')), whole.length);
    const preflight = await fetch(server.media + segment, { method: 'OPTIONS', headers: { Origin: 'https://example.org', 'Access-Control-Request-Method': 'GET', 'Access-Control-Request-Headers': 'authorization' } });
    assert.ok(preflight.ok);
    assert.match(preflight.headers.get('access-control-allow-headers'), /authorization/i);
    assert.match((await get(segment)).headers.get('cache-control'), /immutable/);
    assert.equal((await get('/vod/title/master.m3u8', { 'Accept-Encoding': 'gzip' })).headers.get('content-encoding'), 'gzip');
    assert.equal((await get('/live/absent/master.m3u8')).status, 404);
    assert.equal((await get('/live/main/video-360p/99999999.m4s')).status, 404);
  });

  await t.test('a token opens its stream until it expires', async () => {
    const post = (url, body) => fetch(server.control + url, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });
    const refused = await get('/vod/closed/master.m3u8');
    assert.equal(refused.status, 401);
    assert.match(refused.headers.get('www-authenticate'), /Bearer/);
    const grant = await (await post('/v1/tokens', { stream: 'closed', subject: 'ann', group: 'test' })).json();
    const bearer = { Authorization: `Bearer ${grant.access_token}` };
    const master = await get('/vod/closed/master.m3u8', bearer);
    assert.equal(master.status, 200);
    assert.ok(!(await master.text()).includes(grant.access_token));
    assert.equal((await get('/vod/closed/video-360p/init.mp4')).status, 401);
    assert.equal((await get('/vod/closed/video-360p/init.mp4', bearer)).status, 200);
    const other = await (await post('/v1/tokens', { stream: 'title', subject: 'bob' })).json();
    assert.equal((await get('/vod/closed/master.m3u8', { Authorization: `Bearer ${other.access_token}` })).status, 403);
    assert.ok((await post('/v1/tokens/expire', { group: 'test' })).ok);
    assert.equal((await get('/vod/closed/master.m3u8', bearer)).status, 401);
    const renewed = await (await post('/v1/tokens/refresh', { refresh_token: grant.refresh_token })).json();
    assert.equal((await get('/vod/closed/master.m3u8', { Authorization: `Bearer ${renewed.access_token}` })).status, 200);
    const audit = await eventually('the refusals are in the audit log', () => {
      const lines = fs.readFileSync(path.join(server.directory, 'audit.ndjson'), 'utf8').trim().split('\n');
      return lines.some((l) => l.includes('"expired"')) && lines.some((l) => l.includes('"other-stream"')) && lines;
    });
    for (const line of audit) JSON.parse(line);
  });

  await t.test('metrics are in the Prometheus text format', async () => {
    const text = await (await fetch(`${server.metrics}/metrics`)).text();
    for (const line of text.trim().split('\n')) assert.match(line, /^(# (HELP|TYPE) .*|[a-zA-Z_:][\w:]*(\{[^}]*\})? \S+)$/);
    assert.match(text, /rehearsal_\w+/);
  });
});
