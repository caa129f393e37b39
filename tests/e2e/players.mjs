// Real players in Chromium for the end-to-end tests: pages with hls.js, dash.js and Shaka that write down every error they report.
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { chromium } from 'playwright-core';
import { root } from './lib.mjs';

const flags = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--autoplay-policy=no-user-gesture-required'];

export async function openBrowser(t) {
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: flags });
  t.after(() => browser.close());
  return browser;
}

const page = (script, start) => `<!doctype html><meta charset="utf-8"><title>player</title><video id="v" muted width="640" height="360"></video>
<script src="/${script}"></script><script>window.errors = [];
const video = document.getElementById('v');
video.addEventListener('error', () => errors.push('media element: ' + video.error.message));
const url = new URLSearchParams(location.search).get('url');
${start}</script>`;

const hlsPage = page('hls.js', `const player = new Hls();
player.on(Hls.Events.ERROR, (_, e) => { if (e.fatal || e.type === Hls.ErrorTypes.MEDIA_ERROR) errors.push('hls.js: ' + e.type + ' ' + e.details); });
player.loadSource(url);
player.attachMedia(video);
video.play().catch(() => {});`);
const dashPage = page('dash.js', `const player = dashjs.MediaPlayer().create();
player.on(dashjs.MediaPlayer.events.ERROR, (e) => errors.push('dash.js: ' + JSON.stringify(e.error)));
player.initialize(video, url, true);`);
const shakaPage = page('shaka.js', `const player = new shaka.Player();
player.addEventListener('error', (e) => errors.push('shaka: ' + e.detail.code + ' ' + e.detail.message));
player.attach(video).then(() => player.load(url)).then(() => video.play()).catch((e) => errors.push('shaka: ' + e.code + ' ' + e.message));`);

// Serves the pages; resolves to a function: page(player, url) with player "hls", "dash" or "shaka".
export function playerPages(t) {
  const dist = (file) => fs.readFileSync(path.join(root, 'node_modules', file));
  const files = {
    '/hls.html': hlsPage, '/dash.html': dashPage, '/shaka.html': shakaPage, '/hls.js': dist('hls.js/dist/hls.min.js'),
    '/dash.js': dist('dashjs/dist/legacy/umd/dash.all.min.js'), '/shaka.js': dist('shaka-player/dist/shaka-player.compiled.js'),
  };
  const server = http.createServer((request, response) => {
    const body = files[request.url.split('?')[0]];
    response.writeHead(body ? 200 : 404, { 'Content-Type': request.url.includes('.html') ? 'text/html' : 'text/javascript' });
    response.end(body);
  });
  t.after(() => server.close());
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => {
    resolve((player, url) => `http://127.0.0.1:${server.address().port}/${player}.html?url=${encodeURIComponent(url)}`);
  }));
}

// Resolves when the page plays.
export async function playing(tab, timeout = 30000) {
  await tab.waitForFunction(() => {
    const video = document.querySelector('video');
    return video && video.readyState >= 3 && !video.paused;
  }, null, { timeout });
}
