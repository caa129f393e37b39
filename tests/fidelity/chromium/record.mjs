// Plays one session of a real engine in headless Chromium, in a fresh profile, and writes its recording; run behind the link by
// fidelity_lab. Page and player script come from this process over loopback, so that nothing but the session crosses the link.
//
//   node record.mjs ENGINE URL SECONDS WORK OUT       ENGINE: hls.js, dash.js or shaka; WORK: a folder for the profile
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const here = path.dirname(fileURLToPath(import.meta.url));
const modules = path.resolve(here, '../../../node_modules');
const scripts = {
  'hls.js': 'hls.js/dist/hls.min.js',
  'dash.js': 'dashjs/dist/modern/umd/dash.all.min.js',
  shaka: 'shaka-player/dist/shaka-player.compiled.js',
};
const flags = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update',
  '--disable-sync', '--disable-default-apps', '--disable-domain-reliability', '--no-pings', '--disable-dev-shm-usage',
  '--disable-features=LocalNetworkAccessChecks,MediaRouter,OptimizationHints,Translate', '--autoplay-policy=no-user-gesture-required'];
const settle = 700; // ms from the page's load until the player starts: Chromium's own start-up work is over then

function pageServer(engine) {
  const answers = {
    '/': ['text/html', fs.readFileSync(path.join(here, 'page.html'))],
    '/player.js': ['text/javascript', fs.readFileSync(path.join(modules, scripts[engine]))],
  };
  const server = http.createServer((request, response) => {
    const [type, body] = answers[request.url] ?? ['text/plain', ''];
    response.writeHead(answers[request.url] ? 200 : 404, { 'Content-Type': type });
    response.end(body);
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

// What DevTools says of the requests to `origin`: { all: [...] in their order }, with times in seconds of CLOCK_MONOTONIC.
async function watchRequests(devtools, origin) {
  const byId = new Map();
  const of = (event) => byId.get(event.requestId) ?? {};
  const all = [];
  devtools.on('Network.requestWillBeSent', (event) => {
    if (!event.request.url.startsWith(origin)) return;
    const request = { url: event.request.url, started: event.timestamp, range: event.request.headers.Range, bytes: 0 };
    byId.set(event.requestId, request);
    all.push(request);
  });
  devtools.on('Network.responseReceived', (event) => {
    const { timing, ...response } = event.response;
    const request = Object.assign(of(event), { status: response.status, connection: response.connectionId, reused: response.connectionReused });
    if (response.fromDiskCache) request.cached = true;
    request.firstByte = event.timestamp;
    if (!timing) return;
    request.sent = timing.requestTime + timing.sendEnd / 1000;
    request.firstByte = timing.requestTime + (timing.receiveHeadersStart > 0 ? timing.receiveHeadersStart : timing.receiveHeadersEnd) / 1000;
    if (timing.connectEnd > 0) request.connecting = timing.connectEnd - timing.connectStart;
  });
  devtools.on('Network.requestServedFromCache', (event) => { of(event).cached = true; });
  devtools.on('Network.dataReceived', (event) => { of(event).bytes += event.dataLength; });
  devtools.on('Network.loadingFinished', (event) => { of(event).ended = event.timestamp; });
  devtools.on('Network.loadingFailed', (event) => {
    Object.assign(of(event), { ended: event.timestamp, aborted: event.canceled, failure: event.canceled ? undefined : event.errorText });
  });
  await devtools.send('Network.enable', { maxTotalBufferSize: 1_000_000, maxResourceBufferSize: 200_000 });
  return all;
}

const rounded = (ms, digits = 1) => Number(ms.toFixed(digits));

// As in the recordings' format; undefined fields are left out.
function requestRow(request, startMs) {
  const after = (seconds) => (seconds === undefined ? undefined : rounded(seconds * 1000 - startMs));
  return {
    url: request.url, t_start: after(request.started), t_sent: after(request.sent), t_first_byte: after(request.firstByte), t_end: after(request.ended),
    bytes: request.bytes, aborted: request.aborted || undefined, cached: request.cached, range: request.range,
    status: request.status === 200 ? undefined : request.status, state: request.failure && `failed:${request.failure}`,
    conn: request.connection, new_conn: request.reused === false || undefined,
    connect_ms: request.connecting && rounded(request.connecting),
  };
}

// `waiting` to `playing` of the media element, after the first `playing`; one that the session's end cuts short is open.
function stallsOf(events, end) {
  const stalls = [];
  let since = null, started = false, sought = false;
  for (const [at, name] of events) {
    if (name === 'waiting' && started) since ??= at;
    if (name === 'seeking' && since !== null) sought = true;
    if (name !== 'playing') continue;
    if (since !== null) stalls.push({ t: since, duration: rounded(at - since), seek: sought || undefined });
    [since, started, sought] = [null, true, false];
  }
  if (since !== null) stalls.push({ t: since, duration: rounded(end - since), open: true });
  return stalls;
}

function recording(engine, url, seconds, browserVersion, requests, seen, startMs) {
  const firstPlaying = seen.events.find(([, name]) => name === 'playing');
  return {
    schema: 1, player: engine, version: seen.version, chromium: browserVersion, url, session_s: seconds,
    startup_ms: seen.playing, first_advance_ms: seen.advance, first_frame_ms: seen.frame,
    played_s: rounded(seen.position - (firstPlaying?.[2] ?? 0), 3), max_ct_s: rounded(seen.furthest, 3),
    frames: seen.frames, dropped_frames: seen.dropped, t0_monotonic_ms: rounded(startMs), end_ms: seen.end,
    player_errors: seen.errors, stalls: stallsOf(seen.events, seen.end), switches_rendered_list: seen.switches,
    requests: requests.map((request) => requestRow(request, startMs)), events: seen.events, buffer: seen.buffer, appends: seen.appends,
    columns: {
      buffer: ['t', 'video_ahead_s', 'audio_ahead_s', 'currentTime', 'readyState'],
      appends: ['t_append', 'kind', 'bytes', 't_updateend'], events: ['t', 'event', 'currentTime'],
    },
  };
}

async function play(page, engine, url, seconds) {
  const devtools = await page.context().newCDPSession(page);
  const requests = await watchRequests(devtools, new URL(url).origin);
  await devtools.send('Performance.enable', { timeDomain: 'timeTicks' }); // NavigationStart on the clock of performance.now() and of the link
  await page.waitForTimeout(settle);
  await page.evaluate(([name, where]) => window.begin(name, where), [engine, url]);
  const behind = await page.evaluate(() => performance.now() - seen.start);
  await page.waitForTimeout(seconds * 1000 - behind);
  const { metrics } = await devtools.send('Performance.getMetrics');
  const seenByPage = await page.evaluate(() => window.result());
  const navigation = metrics.find(({ name }) => name === 'NavigationStart').value;
  return [requests, seenByPage, navigation * 1000 + seenByPage.start];
}

async function record([engine, url, seconds, work, out]) {
  if (!scripts[engine]) throw new Error(`unknown engine ${engine}; known: ${Object.keys(scripts).join(', ')}`);
  const server = await pageServer(engine);
  const profile = fs.mkdtempSync(path.join(work, 'profile-'));
  const options = { executablePath: '/usr/bin/chromium', args: flags, headless: true, viewport: { width: 800, height: 600 } };
  const context = await chromium.launchPersistentContext(profile, options);
  try {
    const page = context.pages()[0] ?? (await context.newPage());
    const problems = [];
    page.on('pageerror', (error) => problems.push(`page: ${error.message}`));
    await page.goto(`http://127.0.0.1:${server.address().port}/`);
    const [requests, seen, startMs] = await play(page, engine, url, Number(seconds));
    seen.errors.push(...problems);
    const version = context.browser()?.version() ?? (await page.evaluate(() => navigator.userAgent.match(/Chrome\/([\d.]+)/)?.[1]));
    fs.writeFileSync(out, JSON.stringify(recording(engine, url, Number(seconds), version, requests, seen, startMs)));
  } finally {
    await context.close().catch(() => {});
    server.close();
    fs.rmSync(profile, { recursive: true, force: true, maxRetries: 3 });
  }
}

await record(process.argv.slice(2));
process.exit(0);
