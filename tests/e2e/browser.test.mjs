// Real players in Chromium: the watch page (hls.js), and dash.js and Shaka on the DASH manifest, live and VOD.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import test from 'node:test';
import { chromium } from 'playwright-core';
import { root, startServer, temporary } from './lib.mjs';

const flags = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--autoplay-policy=no-user-gesture-required'];

const page = (script, start) => `<!doctype html><meta charset="utf-8"><title>player</title><video id="v" muted width="640" height="360"></video>
<script src="/${script}"></script><script>window.errors = [];
const video = document.getElementById('v');
video.addEventListener('error', () => errors.push('media element: ' + video.error.message));
const url = new URLSearchParams(location.search).get('url');
${start}</script>`;

const dashPage = page('dash.js', `const player = dashjs.MediaPlayer().create();
player.on(dashjs.MediaPlayer.events.ERROR, (e) => errors.push('dash.js: ' + JSON.stringify(e.error)));
player.initialize(video, url, true);`);
const shakaPage = page('shaka.js', `const player = new shaka.Player();
player.addEventListener('error', (e) => errors.push('shaka: ' + e.detail.code + ' ' + e.detail.message));
player.attach(video).then(() => player.load(url)).then(() => video.play()).catch((e) => errors.push('shaka: ' + e.code + ' ' + e.message));`);

function pages(t) {
  const dist = (file) => fs.readFileSync(path.join(root, 'node_modules', file));
  const files = {
    '/dash.html': dashPage, '/shaka.html': shakaPage,
    '/dash.js': dist('dashjs/dist/legacy/umd/dash.all.min.js'), '/shaka.js': dist('shaka-player/dist/shaka-player.compiled.js'),
  };
  const server = http.createServer((request, response) => {
    const body = files[request.url.split('?')[0]];
    response.writeHead(body ? 200 : 404, { 'Content-Type': request.url.includes('.html') ? 'text/html' : 'text/javascript' });
    response.end(body);
  });
  t.after(() => server.close());
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${server.address().port}`)));
}

// Plays `url` until the element's time has advanced by `seconds`; returns the page for more questions.
async function plays(browser, url, seconds) {
  const tab = await browser.newPage();
  const problems = [];
  tab.on('pageerror', (error) => problems.push(`${error}`));
  await tab.goto(url);
  const where = () => tab.evaluate(() => {
    const v = document.querySelector('video');
    return { at: v.currentTime, ready: v.readyState, error: v.error && v.error.message, errors: window.errors ?? [], frames: v.getVideoPlaybackQuality().totalVideoFrames };
  });
  await tab.waitForFunction(() => document.querySelector('video').readyState >= 3 && !document.querySelector('video').paused, null, { timeout: 30000 });
  const first = await where();
  await tab.waitForFunction(([from, by]) => document.querySelector('video').currentTime >= from + by || document.querySelector('video').error, [first.at, seconds], { timeout: (seconds + 20) * 1000 });
  const last = await where();
  assert.equal(last.error, null);
  assert.deepEqual(last.errors, []);
  assert.deepEqual(problems, []);
  assert.ok(last.frames - first.frames > seconds * 10, `only ${last.frames - first.frames} frames in ${seconds} s`);
  return tab;
}

test('real players play the streams', async (t) => {
  const server = await startServer(t);
  const origin = await pages(t);
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: flags });
  t.after(() => browser.close());
  const at = (player, stream) => `${origin}/${player}.html?url=${encodeURIComponent(`${server.media}/${stream}/manifest.mpd`)}`;

  await t.test('the watch page plays the live stream for ten seconds', async () => {
    const tab = await plays(browser, `${server.media}/watch/main`, 10);
    await tab.screenshot({ path: path.join(temporary(t), 'watch.png') });
    await tab.close();
  });
  await t.test('dash.js plays the live stream', async () => (await plays(browser, at('dash', 'live/main'), 10)).close());
  await t.test('Shaka plays the live stream', async () => (await plays(browser, at('shaka', 'live/main'), 10)).close());
  await t.test('dash.js plays the title', async () => (await plays(browser, at('dash', 'vod/title'), 4)).close());
  await t.test('Shaka plays the title', async () => (await plays(browser, at('shaka', 'vod/title'), 4)).close());
});
