// `rehearse calibrate`: a real server is measured, and a simulation takes the model; bad targets end with a clear message; Ctrl-C keeps
// what was measured.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import path from 'node:path';
import test from 'node:test';
import { Program, eventually, readJson, rehearse, root, startServer, temporary } from './lib.mjs';

const quick = ['--step', '200ms', '--connections', '8'];

test('the reference server is measured, HLS and DASH, and its model is played', async (t) => {
  const { media } = await startServer(t);
  const directory = temporary(t);
  for (const [file, kinds] of [['master.m3u8', ['master', 'playlist', 'init', 'segment']], ['manifest.mpd', ['playlist', 'init', 'segment']]])
    for (const stream of ['live/main', 'vod/title'])
      await t.test(`${stream}/${file}`, async () => {
        const out = path.join(directory, 'model.json');
        const { code, output } = await rehearse(['calibrate', `${media}/${stream}/${file}`, '--out', out, ...quick]);
        assert.equal(code, 0, output);
        const model = readJson(out);
        assert.equal(model.schema, 'rehearsal/model/1');
        assert.deepEqual(Object.keys(model.think).sort(), [...kinds].sort());
        for (const think of Object.values(model.think)) assert.ok(think.median && think.p99, JSON.stringify(think));
        assert.ok(model.capacity.requests_per_s > 0 && model.capacity.egress, JSON.stringify(model.capacity));
        assert.equal(model.measured.target, `${media}/${stream}/${file}`);
        for (const figure of model.measured.figures) {
          assert.ok(figure.count > 0 && figure.how, JSON.stringify(figure));
          assert.ok(output.includes(figure.figure), output);
        }
      });
  await t.test('a simulation takes the model', async () => {
    const virtual = { model: path.join(directory, 'model.json'), edges: { eu: { count: 2, egress: '1gbit' } } };
    const { code, output } = await rehearse(['simulate', 'tests/e2e/short.json', '--set', `virtual=${JSON.stringify(virtual)}`, '--set', 'gates={}', '--out', path.join(directory, 'run'), '-q']);
    assert.equal(code, 0, output);
    const { delivery, notes } = readJson(path.join(directory, 'run', 'summary.json'));
    assert.deepEqual(delivery.map((server) => server.server), ['eu-1', 'eu-2', 'origin']);
    assert.ok(delivery[0].cache.hits + delivery[0].cache.coalesced > delivery[0].cache.misses, JSON.stringify(delivery[0]));
    assert.ok(notes.some((note) => note.includes(`measured of ${media}`)), notes.join('\n'));
    assert.match(fs.readFileSync(path.join(directory, 'run', 'report.html'), 'utf8'), /id="delivery"/);
  });
});

test('targets that cannot be measured', async (t) => {
  const server = http.createServer(({ url }, answer) => (url === '/text' ? answer.end('hello') : answer.writeHead(404).end()));
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const site = `http://127.0.0.1:${server.address().port}`;
  const out = path.join(temporary(t), 'model.json');
  for (const [target, code, reason] of [
    ['http://127.0.0.1:1/master.m3u8', 107, /127\.0\.0\.1:1\/master\.m3u8: the connection was refused/],
    [`${site}/absent.m3u8`, 107, /absent\.m3u8: HTTP status 404/],
    [`${site}/text`, 107, /text: neither an HLS playlist nor a DASH manifest/],
    ['ftp://127.0.0.1/x', 104, /TARGET: "ftp:\/\/127\.0\.0\.1\/x" is no http or https URL/],
  ])
    await t.test(target, async () => {
      const run = await rehearse(['calibrate', target, '--out', out, ...quick]);
      assert.equal(run.code, code, run.output);
      assert.match(run.output, reason);
      assert.ok(!fs.existsSync(out) && !fs.existsSync(`${out}.part`));
    });
  await t.test('an unwritable file', async () => {
    const run = await rehearse(['calibrate', `${site}/text`, '--out', '/proc/absent/model.json']);
    assert.equal(run.code, 107, run.output);
    assert.match(run.output, /\/proc\/absent\/model\.json: it cannot be created/);
  });
});

test('Ctrl-C before anything was measured leaves an older model as it is', async (t) => {
  const held = [];
  const server = http.createServer((_, answer) => held.push(answer));
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close(() => {}));
  t.after(() => server.closeAllConnections());
  const out = path.join(temporary(t), 'model.json');
  fs.writeFileSync(out, 'older');
  const program = new Program('rehearse', ['calibrate', `http://127.0.0.1:${server.address().port}/p.m3u8`, '--out', out, ...quick]);
  await eventually('the playlist is asked for', () => held.length > 0);
  assert.equal(await program.stop('SIGINT'), 105, program.output);
  assert.match(program.output, /before anything was measured/);
  assert.equal(fs.readFileSync(out, 'utf8'), 'older');
});

test('Ctrl-C keeps what was measured', async (t) => {
  // Answers the init after a while each time, so that the measurement stands there.
  const held = [];
  const playlist = '#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-MAP:URI="init.mp4"\n#EXTINF:2,\n0.m4s\n#EXT-X-ENDLIST\n';
  const server = http.createServer(({ url }, answer) => (url === '/init.mp4' ? held.push(answer) : answer.end(playlist)));
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close(() => {}));
  t.after(() => server.closeAllConnections());
  const out = path.join(temporary(t), 'model.json');
  const program = new Program('rehearse', ['calibrate', `http://127.0.0.1:${server.address().port}/p.m3u8`, '--out', out, ...quick]);
  await eventually('the init is asked for', () => held.length > 0);
  assert.equal(await program.stop('SIGINT'), 105, program.output);
  assert.ok(readJson(out).think.playlist.median, program.output);
  assert.match(program.output, /before the interruption/);
});

// loopback.pem: a key, and a certificate for 127.0.0.1 that it has signed itself.
test('a certificate is trusted if SSL_CERT_FILE says so', async (t) => {
  const file = 'tests/data/loopback.pem';
  const pem = fs.readFileSync(path.join(root, file));
  const server = https.createServer({ key: pem, cert: pem }, (_, answer) => answer.end('hello'));
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const target = `https://127.0.0.1:${server.address().port}/text`;
  const out = path.join(temporary(t), 'model.json');
  for (const [trusted, reason] of [
    ['/etc/ssl/certs/ca-certificates.crt', /text: its certificate is not trusted, .*; SSL_CERT_FILE names/],
    ['', /text: its certificate is not trusted, .*; SSL_CERT_FILE names/],
    [file, /text: neither an HLS playlist nor a DASH manifest/],
    ['absent.pem', /the certificates to trust cannot be read/],
  ]) {
    const run = await rehearse(['calibrate', target, '--out', out, ...quick], { env: { ...process.env, SSL_CERT_FILE: trusted } });
    assert.equal(run.code, 107, run.output);
    assert.match(run.output, reason);
  }
});
