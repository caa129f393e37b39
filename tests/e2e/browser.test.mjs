// Real players in Chromium: the watch page (hls.js), and dash.js and Shaka on the DASH manifest, live and VOD.
import assert from 'node:assert/strict';
import path from 'node:path';
import test from 'node:test';
import { startServer, temporary } from './lib.mjs';
import { openBrowser, playerPages, playing } from './players.mjs';

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
  await playing(tab);
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
  const pageOf = await playerPages(t);
  const browser = await openBrowser(t);
  const at = (player, stream) => pageOf(player, `${server.media}/${stream}/manifest.mpd`);

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
