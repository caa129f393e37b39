// How viewers enter: a page of another origin embeds the player and starts it by message, an account signs in, and the emulated viewer
// asks for what Chromium asks for on the same pages before its first manifest.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import test from 'node:test';
import { chromium } from 'playwright-core';
import { rehearse, rows, startServer, temporary } from './lib.mjs';

const flags = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--autoplay-policy=no-user-gesture-required'];

// A publisher: frames what ?frame= names, starts it when it is ready, and keeps what it says.
const publisherPage = `<!doctype html><meta charset="utf-8"><title>news</title><iframe id="frame" width="640" height="360" allow="autoplay"></iframe>
<script>const frame = document.getElementById('frame'), said = [], { searchParams } = new URL(location);
addEventListener('message', ({ source, origin, data }) => {
  if (source !== frame.contentWindow) return;
  said.push({ origin, ...data });
  if (data.type === 'rehearsal:ready') source.postMessage({ type: 'rehearsal:start' }, origin);
});
frame.src = searchParams.get('frame');</script>`;

function publisher(t) {
  const server = http.createServer((_, response) => response.writeHead(200, { 'Content-Type': 'text/html' }).end(publisherPage));
  t.after(() => server.close());
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${server.address().port}`)));
}

const isManifest = (url) => url.endsWith('/master.m3u8');
const bare = (url) => url.split(/[?#]/)[0];

// The requests of `act` up to its first manifest: { url, start, answered, end } in ms, as Chromium timed them. A script runs as soon as its
// bytes are there; the end that Chromium's network process reports may come milliseconds later, so what a script has caused is only known
// to follow its first byte.
async function askedByChromium(browser, act) {
  const context = await browser.newContext();  // a fresh profile, as every emulated viewer has
  const tab = await context.newPage();
  const done = [];
  tab.on('requestfinished', (request) => done.push(request));
  const manifest = tab.waitForEvent('requestfinished', (request) => isManifest(bare(request.url())));
  await act(tab);
  await manifest;
  const all = done.filter((request) => request.url().startsWith('http')).map((request) => {
    const { startTime, responseStart, responseEnd } = request.timing();
    return { url: bare(request.url()), referrer: request.headers().referer, start: startTime, answered: startTime + responseStart, end: startTime + responseEnd };
  });
  await context.close();
  const first = all.find((request) => isManifest(request.url));
  return all.filter((request) => request.start <= first.start).sort((a, b) => a.start - b.start);
}

// The same of an emulated viewer: one session against the same server.
async function askedByRehearsal(t, server, cohort, target) {
  const directory = temporary(t);
  const file = path.join(directory, 'one.json');
  fs.writeFileSync(file, JSON.stringify({
    name: 'one', target: { url: `${server.media}/live/main/master.m3u8`, ...target }, content: { kind: 'live' }, duration: '4s', links: { backend: 'none' },
    audience: { sessions: 1, arrivals: { shape: 'steady', over: '0s' }, cohorts: [{ share: 1, device: 'desktop-hlsjs', network: 'fibre', region: 'eu', ...cohort }] },
  }));
  const { code, output } = await rehearse(['run', file, '--out', path.join(directory, 'run'), '-q']);
  assert.equal(code, 0, output);
  const all = rows(path.join(directory, 'run'), 'SELECT * FROM requests ORDER BY at').map((row) => {
    const end = (row.at + row.took) * 1000;
    return { url: row.url, kind: row.kind, start: row.at * 1000, answered: end, end };
  });
  return all.slice(0, all.findIndex((request) => request.kind === 'manifest') + 1);
}

// One page: the document alone, then its assets side by side, then the manifest.
function assertShape(asked, who) {
  const [page, ...assets] = asked;
  const manifest = assets.pop(), text = `${who}: ${JSON.stringify(asked)}`;
  assert.ok(isManifest(manifest.url), text);
  assert.ok(assets.length > 1, text);
  assert.ok(assets[0].start >= page.answered - 1, `the assets follow the page; ${text}`);
  assert.ok(assets.at(-1).start < Math.max(...assets.slice(0, -1).map((asset) => asset.end)), `side by side; ${text}`);
  assert.ok(manifest.start >= Math.max(...assets.map((asset) => asset.answered)) - 1, `the manifest follows the scripts; ${text}`);
}

const urls = (asked) => asked.map((request) => request.url).sort();

test('viewers enter by every path', async (t) => {
  const news = await publisher(t);
  const accounts = [{ user: 'ann', password: 'sesame', streams: ['closed'] }];
  const server = await startServer(t, { embed: { origins: [news] }, access: { accounts } });
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: flags });
  t.after(() => browser.close());
  const framing = (origin) => `${origin}/?frame=${encodeURIComponent(`${server.media}/embed/main`)}`;

  await t.test('a page of an allowed origin starts the embedded player and sees it play', async () => {
    const tab = await browser.newPage();
    await tab.goto(framing(news));
    await tab.waitForFunction(() => said.some((each) => each.state === 'playing'), null, { timeout: 30000 });
    const said = await tab.evaluate(() => said);
    assert.deepEqual(said[0], { origin: server.media, type: 'rehearsal:ready', stream: 'main' });
    assert.equal(said[1].state, 'starting');
    const frame = tab.frames().find((each) => each.url().includes('/embed/'));
    await frame.waitForFunction(() => document.querySelector('video').currentTime > 3, null, { timeout: 20000 });
    await tab.close();
  });

  await t.test('a page of another origin may not frame it', async () => {
    const tab = await browser.newPage();
    const refusal = tab.waitForEvent('console', (message) => message.text().includes('frame-ancestors'));
    await tab.goto(framing(news.replace('127.0.0.1', 'localhost')));
    await refusal;
    assert.deepEqual(await tab.evaluate(() => said), []);
    await tab.close();
  });

  await t.test('an account signs in and watches what it may see', async () => {
    const tab = await browser.newPage();
    await tab.goto(`${server.control}/login?stream=closed`);
    await tab.fill('#user', 'ann');
    await tab.fill('#password', 'wrong');
    await tab.click('button');
    await tab.waitForSelector('#error:visible');
    await tab.fill('#password', 'sesame');
    await tab.click('button');
    await tab.waitForURL(`${server.media}/watch/closed#**`);
    await tab.waitForFunction(() => document.querySelector('video').currentTime > 1, null, { timeout: 20000 });
    await tab.close();
  });

  await t.test('an emulated viewer of the watch page asks as Chromium does', async () => {
    const page = `${server.media}/watch/main`;
    const real = await askedByChromium(browser, (tab) => tab.goto(page));
    const ours = await askedByRehearsal(t, server, { path: 'direct' }, { page });
    assert.deepEqual(urls(ours), urls(real));
    assert.deepEqual(ours.map((request) => request.kind), [...Array(5).fill('page'), 'manifest']);
    assertShape(real, 'Chromium');
    assertShape(ours, 'emulated');
  });

  await t.test('an emulated viewer of the embedded player asks as Chromium does', async () => {
    const embed_page = `${server.media}/embed/main`;
    const real = (await askedByChromium(browser, (tab) => tab.goto(framing(news)))).filter((request) => !request.url.startsWith(news));
    const ours = await askedByRehearsal(t, server, { path: 'embed' }, { embed_page, referrer: `${news}/` });
    assert.equal(real[0].referrer, `${news}/`);
    assert.deepEqual(urls(ours), urls(real));
    assertShape(real, 'Chromium');
    assertShape(ours, 'emulated');
  });
});
