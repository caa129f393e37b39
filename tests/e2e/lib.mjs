// What the end-to-end tests share: running the programs, temporary directories, a reference server of their own.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
export const bin = process.env.REHEARSAL_BIN ?? path.join(root, 'build/release/bin');
const cache = process.env.REHEARSAL_CACHE ?? path.join(os.tmpdir(), 'rehearsal-e2e-cache');

// A directory that goes with the test.
export function temporary(t) {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'rehearsal-e2e-'));
  t.after(() => fs.rmSync(directory, { recursive: true, force: true }));
  return directory;
}

export class Program {
  constructor(name, args, options = {}) {
    this.output = '';
    this.child = spawn(path.join(bin, name), args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], ...options });
    for (const stream of [this.child.stdout, this.child.stderr]) stream.on('data', (chunk) => (this.output += chunk));
    this.ended = new Promise((resolve) => this.child.on('close', (code, signal) => resolve(code ?? `signal ${signal}`)));
  }
  stop(signal = 'SIGTERM') {
    this.child.kill(signal);
    return this.ended;
  }
}

// Runs `rehearse` to its end: { code, output }.
export async function rehearse(args, options) {
  const program = new Program('rehearse', args, options);
  const code = await program.ended;
  return { code, output: program.output };
}

// Asks every 50 ms until `probe` gives something; throws after `seconds`.
export async function eventually(what, probe, seconds = 20) {
  const deadline = performance.now() + seconds * 1000;
  for (;;) {
    const found = await probe();
    if (found) return found;
    if (performance.now() > deadline) throw new Error(`not within ${seconds} s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

export const readJson = (file) => JSON.parse(fs.readFileSync(file, 'utf8'));

// Of a run that has one; else `output` says why not.
export function summaryOf(directory, output) {
  const file = path.join(directory, 'summary.json');
  assert.ok(fs.existsSync(file), output);
  return readJson(file);
}

// A real run has passed. Where others have the processor the harness may have been late; then it says so.
export function assertPassed(code, { harness, verdict }, output) {
  const late = (harness.link_lateness_p99_ms ?? 0) > 1 || harness.loop_lag_p99_ms > 50 || harness.start_lateness_p99_ms > 50;
  assert.equal(harness.saturated, late, output);
  assert.equal(verdict, late ? 'inconclusive' : 'passed', output);
  assert.equal(code, late ? 98 : 0, output);
}

// Rows of a run's run.db as objects.
export function rows(directory, sql) {
  const program = 'import json, sqlite3, sys\nd = sqlite3.connect(sys.argv[1])\nd.row_factory = sqlite3.Row\nprint(json.dumps([dict(r) for r in d.execute(sys.argv[2])]))';
  const read = spawnSync('python3', ['-c', program, path.join(directory, 'run.db'), sql], { encoding: 'utf8', maxBuffer: 1 << 28 });
  if (read.status !== 0) throw new Error(read.stderr);
  return JSON.parse(read.stdout);
}

// A test video, small if nothing else is said; each is made once for all tests of a build.
export function testVideo(pattern = 'talk', size = '640x360', duration = '20s') {
  const file = path.join(cache, `${pattern}-${size}.mp4`);
  if (fs.existsSync(file)) return file;
  fs.mkdirSync(cache, { recursive: true });
  const mine = `${file}.${process.pid}.mp4`;
  const made = spawnSync(path.join(bin, 'rehearse'), ['generate', 'video', '--pattern', pattern, '--size', size, '--duration', duration, '--out', mine]);
  if (made.status !== 0) throw new Error(`rehearse generate video: ${made.stderr}`);
  fs.renameSync(mine, file);
  return file;
}

// A reference server with a looped live stream "main" and a VOD stream "title", both open; resolves when both play. `more`: further
// sections of its configuration.
export async function startServer(t, more = {}) {
  const directory = temporary(t);
  const listen = '127.0.0.1:0';
  const file = testVideo();
  const ladder = [{ height: 360, bitrate: '800kbit' }, { height: 240, bitrate: '300kbit' }];
  const config = {
    media: { listen },
    control: { listen, open_tokens: true },
    metrics: { listen },
    srt: { listen },
    audit_log: path.join(directory, 'audit.ndjson'),
    streams: [
      { name: 'main', kind: 'live', source: { file }, access: 'open', ladder },
      { name: 'closed', kind: 'vod', source: { file }, access: 'token', ladder },
      { name: 'title', kind: 'vod', source: { file }, access: 'open', ladder },
    ],
    ...more,
  };
  fs.writeFileSync(path.join(directory, 'server.json'), JSON.stringify(config));
  const ready = path.join(directory, 'ready.json');
  const server = new Program('rehearse-server', ['--config', path.join(directory, 'server.json'), '--ready-file', ready]);
  t.after(() => server.stop());
  await eventually('the server is ready', () => fs.existsSync(ready));
  const addresses = readJson(ready);
  const grant = await fetch(`${addresses.control}/v1/tokens`, {
    method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ stream: 'closed', subject: 'setup' }),
  });
  const headers = { Authorization: `Bearer ${(await grant.json()).access_token}` };
  for (const [url, options] of [['/live/main/master.m3u8'], ['/vod/title/master.m3u8'], ['/vod/closed/master.m3u8', { headers }]])
    await eventually(`${url} plays`, async () => (await fetch(addresses.media + url, options)).status === 200, 60);
  return { ...addresses, server, directory };
}

// Processes whose command line holds `text`, other than this one.
export function processesWith(text) {
  return fs
    .readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid) && Number(pid) !== process.pid)
    .filter((pid) => {
      try {
        return fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(text);
      } catch {
        return false; // it has just ended
      }
    });
}
