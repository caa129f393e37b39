// Bad input and bad luck: one clear message, the right exit code, every result so far kept and readable, no process left.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { Program, eventually, processesWith, readJson, rehearse, root, temporary } from './lib.mjs';

const short = path.join(root, 'tests/e2e/short.json');
const write = (directory, name, value) => {
  const file = path.join(directory, name);
  fs.writeFileSync(file, typeof value === 'string' ? value : JSON.stringify(value));
  return file;
};

async function refuses(args, code, ...patterns) {
  const run = await rehearse(args);
  assert.equal(run.code, code, run.output);
  for (const pattern of patterns) assert.match(run.output, pattern);
  return run.output;
}

test('scenarios that cannot be run', async (t) => {
  const directory = temporary(t);
  await t.test('a missing file', () => refuses(['run', path.join(directory, 'absent.json')], 104, /absent\.json.*cannot be read/));
  await t.test('malformed JSON', () => refuses(['validate', write(directory, 'bad.json', '{\n  "name": ,\n}')], 104, /line 2/));
  await t.test('a directory', () => refuses(['validate', directory], 104, /is a directory/));
  await t.test('no arguments', () => refuses([], 104));
  await t.test('a command that there is not', () => refuses(['simulat', short], 104, /"simulat" is not a known command; did you mean simulate\?/));
  await t.test('something that cannot be generated', () => refuses(['generate', 'vid'], 104, /"vid" is not a known command; known: video, trace/));
  await t.test('a video to feed that is not there', () => refuses(['feed', '/absent.mp4', '--to', 'srt://127.0.0.1:9'], 104, /VIDEO: \/absent\.mp4 cannot be read: No such file/));
  await t.test('many errors, each with its path', () =>
    refuses(
      ['validate', write(directory, 'many.json', {
        name: 'many', target: { reference: {} }, content: { kind: 'live', video: 'talk-360p30' }, duration: 'soon', sessons: 3,
        audience: { sessions: 0, arrivals: { shape: 'flood', over: '1s' }, cohorts: [{ share: 0.4, device: 'toaster', network: 'fibre', region: 'eu', path: 'direct' }] },
        gates: { startup_tim: ['p(95)<2s'] },
      })],
      104, /duration: /, /sessons: /, /audience\.sessions: /, /audience\.arrivals\.shape: /, /audience\.cohorts\[0\]\.device: /, /audience\.cohorts.*0\.4/, /startup_tim/));
  const named = (name, video) => write(directory, name, fs.readFileSync(short, 'utf8').replace(/"video": *"[^"]*"/, `"video": "${video}"`));
  for (const video of ['foo-720p30', 'sports-9999p30', 'sports-100p30'])
    await t.test(`a test pattern that cannot be made: ${video}`, () => refuses(['validate', named('pattern.json', video)], 104, new RegExp(`content\\.video: "${video}": `)));
  await t.test('a gate that is written twice', () =>
    refuses(['validate', write(directory, 'twice.json', '{\n  "gates": {"startup_time": "p(95)<2ms", "startup_time": "p(95)<2s"}\n}')], 104, /line 2, column 42: "startup_time" stands twice/));
  await t.test('a seed below zero', () => refuses(['simulate', short, '--seed', '-1'], 104, /-1 is not a whole number/));
  await t.test('an impossible video', () => refuses(['generate', 'video', '--size', '13x7', '--out', path.join(directory, 'x.mp4')], 104));
  await t.test('a video nowhere', () => refuses(['generate', 'video', '--size', '160x120', '--duration', '1s', '--out', '/proc/absent/x.mp4'], 107, /\/proc\/absent\/x\.mp4/));
});

test('outputs that cannot be written are told before the run', async (t) => {
  const directory = temporary(t);
  const run = path.join(directory, 'run');
  const simulate = (...more) => ['simulate', short, '-q', '--set', 'drills=[]', '--set', 'gates={}', ...more];
  await t.test('a run directory that is a file', () => {
    const file = write(directory, 'file', 'mine');
    return refuses(simulate('--out', file), 104, /--out: .*file is a file; name a directory/);
  });
  await t.test('a model that is a directory', () => refuses(['calibrate', 'http://127.0.0.1:9/x.m3u8', '--out', directory], 104, /--out: .* is a directory; name a file/));
  await t.test('a further output without a name', () => refuses(simulate('--out', run, '-o', 'junit='), 104, /-o: "junit=" names no file/));
  await t.test('a further output nowhere', () => refuses(simulate('--out', run, '-o', `junit=${directory}/absent/x.xml`), 104, /-o: .*absent\/x\.xml cannot be written: there is no directory/));
  await t.test('a further output that is the scenario', () => {
    const copy = write(directory, 'copy.json', fs.readFileSync(short, 'utf8'));
    return refuses(['simulate', copy, '-q', '--set', 'drills=[]', '--set', 'gates={}', '--out', run, '-o', `junit=${copy}`], 104, /-o: .* is the scenario itself/);
  });
  await t.test('a further output that is a device', () => refuses(simulate('--out', run, '-o', 'junit=/dev/null'), 104, /-o: .* is no file that can be written/));
  await t.test('a further output that is a directory', () => refuses(simulate('--out', run, '-o', `junit=${directory}`), 104, /-o: .* is a directory/));
  await t.test('a run directory whose scenario.json is the scenario', async () => {
    const file = write(directory, 'scenario.json', `// mine\n${fs.readFileSync(short, 'utf8')}`);
    await refuses(['simulate', file, '--out', directory], 104, /--out: .*scenario\.json is the scenario itself/);
    assert.match(fs.readFileSync(file, 'utf8'), /^\/\/ mine/);
  });
  assert.ok(!fs.existsSync(run));
  await t.test('several further outputs, the run\'s own among them, and the run once more from where it was resolved', async () => {
    const others = ['one.xml', 'two.xml'].map((name) => path.join(directory, name));
    const { code, output } = await rehearse(simulate('--out', run, '-o', `junit=${run}/junit.xml`, ...others.flatMap((file) => ['-o', `junit=${file}`])));
    assert.equal(code, 0, output);
    for (const file of others) assert.equal(fs.readFileSync(file, 'utf8'), fs.readFileSync(path.join(run, 'junit.xml'), 'utf8'));
    const again = await rehearse(['simulate', path.join(run, 'scenario.json'), '--out', run, '-q']);
    assert.equal(again.code, 0, again.output);
    assert.equal((await rehearse(['report', path.join(run, 'run.db')])).code, 0);
  });
});

test('a target that nobody answers at', async (t) => {
  const directory = temporary(t);
  const file = write(directory, 'nobody.json', {
    name: 'nobody', target: { url: 'http://127.0.0.1:1/master.m3u8' }, content: { kind: 'live' }, duration: '5s',
    audience: { sessions: 2, arrivals: { shape: 'steady', over: '1s' }, cohorts: [{ share: 1, device: 'ios', network: 'wifi', region: 'eu', path: 'direct' }] },
  });
  await refuses(['run', file, '--out', path.join(directory, 'run')], 107, /http:\/\/127\.0\.0\.1:1\/master\.m3u8/, /refused/);
  assert.equal(readJson(path.join(directory, 'run', 'summary.json')).outcome, 'run-failed');
});

// Serves tests/data/manifests, 50 MB of comment lines, and a redirect to itself.
async function serveBadManifests(t) {
  const line = `#${' '.repeat((1 << 20) - 2)}\n`;
  const server = http.createServer(({ url }, answer) => {
    answer.on('error', () => {});
    if (url === '/loop.m3u8') return answer.writeHead(302, { location: url }).end();
    if (url === '/huge.m3u8') return answer.end(`#EXTM3U\n${line.repeat(50)}`);
    return answer.end(fs.readFileSync(path.join(root, 'tests/data/manifests', url)));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  return `http://127.0.0.1:${server.address().port}`;
}

test('manifests that cannot be played', async (t) => {
  const site = await serveBadManifests(t);
  const directory = temporary(t);
  const rows = [
    ['encrypted.m3u8', 'vod', /the stream is encrypted \(EXT-X-KEY METHOD=AES-128, line 7\): not supported/],
    ['encrypted.mpd', 'vod', /the stream is encrypted \(MPD\/Period\[1\]\/AdaptationSet\[1\]\/ContentProtection\[1\]\): not supported/],
    ['huge.m3u8', 'live', /huge\.m3u8: the answer is larger than any manifest/],
    ['loop.m3u8', 'live', /loop\.m3u8: it redirects in a loop/],
  ];
  for (const [name, kind, reason] of rows) {
    const dash = name.endsWith('.mpd');
    const file = write(directory, `${name}.json`, {
      name: 'bad', target: { [dash ? 'dash_url' : 'url']: `${site}/${name}` }, content: { kind }, duration: '5s',
      audience: { sessions: 2, arrivals: { shape: 'steady', over: '1s' }, cohorts: [{ share: 1, device: dash ? 'desktop-dashjs' : 'ios', network: 'wifi', region: 'eu', path: 'direct' }] },
    });
    await t.test(name, () => refuses(['run', file, '--out', path.join(directory, name)], 107, reason));
  }
});

test('a live stream that nobody feeds', async (t) => {
  const directory = temporary(t);
  const free = { listen: '127.0.0.1:0' };
  const config = { media: free, control: free, metrics: free, srt: free, streams: [{ name: 'main', kind: 'live', source: { srt: {} } }] };
  const ready = path.join(directory, 'ready.json');
  const server = new Program('rehearse-server', ['--config', write(directory, 'server.json', config), '--ready-file', ready]);
  t.after(() => server.stop());
  await eventually('the server is ready', () => fs.existsSync(ready));
  const file = write(directory, 'unfed.json', {
    name: 'unfed', target: { url: `${readJson(ready).media}/live/main/master.m3u8` }, content: { kind: 'live' }, duration: '5s',
    audience: { sessions: 2, arrivals: { shape: 'steady', over: '1s' }, cohorts: [{ share: 1, device: 'ios', network: 'wifi', region: 'eu', path: 'direct' }] },
  });
  await refuses(['run', file, '--out', path.join(directory, 'run')], 107, /HTTP status 503 \(no publisher has connected yet\)/);
  assert.equal(await server.stop(), 0);
});

test('server configurations that cannot be used', async (t) => {
  const directory = temporary(t);
  const runs = async (config) => {
    const server = new Program('rehearse-server', ['--config', write(directory, 'server.json', config)]);
    t.after(() => server.stop('SIGKILL'));
    return { code: await server.ended, output: server.output };
  };
  const bad = await runs({ media: { listen: 'nowhere' }, access: { token_lifetime: 5 }, streams: [{ name: 'A B', kind: 'tape' }] });
  assert.equal(bad.code, 104, bad.output);
  for (const field of ['media.listen', 'access.token_lifetime', 'streams[0].name', 'streams[0].kind']) assert.ok(bad.output.includes(field), `${field} in ${bad.output}`);

  const taken = net.createServer();
  await new Promise((resolve) => taken.listen(0, '127.0.0.1', resolve));
  t.after(() => taken.close());
  const { port } = taken.address();
  const free = { listen: '127.0.0.1:0' };
  for (const part of ['media', 'control', 'metrics', 'rtmp', 'http']) {
    const busy = await runs({ media: free, control: free, metrics: free, srt: free, [part]: { listen: `127.0.0.1:${port}` }, streams: [] });
    assert.equal(busy.code, 107, `${part}: ${busy.output}`);
    assert.match(busy.output, new RegExp(`127\\.0\\.0\\.1:${port}.*in use`, 'is'), part);
  }
});

// Starts the short rehearsal and resolves once its viewers play.
async function playing(t, wrap) {
  const directory = path.join(temporary(t), 'run');
  const args = ['run', short, '--out', directory, '--set', 'drills=[]', '--set', 'gates={"startup_success":["rate>=0.5"]}'];
  const program = wrap ? wrap(directory, args) : new Program('rehearse', args);
  t.after(() => program.stop('SIGKILL'));
  await eventually('viewers play', () => /live +(2\d|[34]\d) active/.test(program.output), 90);
  return { directory, program };
}

function assertReadable(directory, outcome) {
  const summary = readJson(path.join(directory, 'summary.json'));
  assert.equal(summary.outcome, outcome);
  assert.ok(summary.sessions.started > 0);
  assert.ok(summary.kpis.find((k) => k.metric === 'startup_time').count > 0);
  assert.match(fs.readFileSync(path.join(directory, 'report.html'), 'utf8'), /<html/);
}

test('the server is killed in the middle of the run', async (t) => {
  const { directory, program } = await playing(t);
  process.kill(readJson(path.join(directory, 'server-ready.json')).pid, 'SIGKILL');
  assert.equal(await program.ended, 107, program.output);
  assert.match(program.output, /the reference server ended with status 137/);
  assertReadable(directory, 'run-failed');
  assert.deepEqual(processesWith(directory), []);
});

test('Ctrl-C in the middle of the run', async (t) => {
  const { directory, program } = await playing(t);
  assert.equal(await program.stop('SIGINT'), 105, program.output);
  assertReadable(directory, 'interrupted');
  assert.deepEqual(processesWith(directory), []);
});

test('the harness is killed: its server goes with it', async (t) => {
  const { directory, program } = await playing(t);
  await program.stop('SIGKILL');
  await eventually('no process is left', () => processesWith(directory).length === 0, 10);
  assert.equal((await rehearse(['report', directory])).code, 105, 'what was stored until then is readable');
});

test('the disk is full at the run directory', async (t) => {
  const base = fs.mkdtempSync(path.join(os.tmpdir(), 'rehearsal-full-'));
  t.after(() => spawnSync('umount', ['-l', base]) && fs.rmdirSync(base));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=160k', 'tmpfs', base], { encoding: 'utf8' });
  if (mounted.status !== 0) return t.skip(`needs root to mount a small file system: ${mounted.stderr.trim()}`);
  const run = await rehearse(['run', short, '--out', path.join(base, 'run'), '--set', 'drills=[]', '--set', 'gates={}']);
  assert.equal(run.code, 107, run.output);
  assert.match(run.output, new RegExp(`${base}.*(full|No space)`, 's'));
  assert.deepEqual(processesWith(base), []);
});
