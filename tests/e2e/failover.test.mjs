// hls.js, dash.js and Shaka in Chromium play a live stream on whose contribution everything goes wrong: the primary source dies, both die,
// the primary comes back, flaps. Time always advances; no media error, no reload.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Publisher, srtUrl, startContributionServer } from './contribution.mjs';
import { eventually } from './lib.mjs';
import { openBrowser, playerPages, playing } from './players.mjs';

const stream = {
  name: 'main', source: { srt: { publish_key: 'primary' } }, backup: { srt: { publish_key: 'backup', passphrase: 'ten characters' } },
  failover: { failback_after: '1s', dwell: '1s' }, slate: { sound: 'tone' }, ladder: [{ height: 240, bitrate: '300kbit' }],
};

// Notes how the element's time goes on, four times a second.
const watch = () => {
  const video = document.querySelector('video');
  window.seen = { reloads: 0, waits: 0, longest_ms: 0 };
  video.addEventListener('emptied', () => (window.seen.reloads += 1));
  video.addEventListener('waiting', () => (window.seen.waits += 1));
  let last = video.currentTime, since = performance.now();
  setInterval(() => {
    const now = performance.now();
    if (video.currentTime > last) since = now;
    last = video.currentTime;
    window.seen.longest_ms = Math.max(window.seen.longest_ms, now - since);
  }, 250);
};

test('players play through everything that befalls the contribution', async (t) => {
  const server = await startContributionServer(t, [stream]);
  const status = () => server.status('main');
  const onAir = (feed) => eventually(`${feed} is on air`, async () => (await status()).on_air === feed);
  const primary = new Publisher(t, srtUrl(server.srt_port, '#!::r=main,m=publish,u=primary'));
  const backup = new Publisher(t, srtUrl(server.srt_port, '#!::r=main/backup,m=publish,u=backup', '&passphrase=ten characters'));
  primary.start();
  backup.start();
  await server.plays('main');

  const browser = await openBrowser(t);
  const pageOf = await playerPages(t);
  const manifests = { hls: 'master.m3u8', dash: 'manifest.mpd', shaka: 'manifest.mpd' };
  const tabs = {};
  for (const [player, manifest] of Object.entries(manifests)) {
    tabs[player] = await browser.newPage();
    await tabs[player].goto(pageOf(player, `${server.media}/live/main/${manifest}`));
  }
  for (const tab of Object.values(tabs)) {
    await playing(tab);
    await tab.evaluate(watch);
  }
  // Until each has played so much more.
  const play = (seconds) => Promise.all(Object.values(tabs).map(async (tab) => {
    const from = await tab.evaluate(() => document.querySelector('video').currentTime);
    await tab.waitForFunction((until) => document.querySelector('video').currentTime >= until, from + seconds, { timeout: (seconds + 20) * 1000 });
  }));

  await play(1);
  primary.kill();
  await onAir('backup');
  await play(2);
  primary.start();
  await onAir('primary');
  for (let flap = 0; flap < 3; ++flap) {
    primary.kill();
    await onAir('backup');
    primary.start();
    await onAir('primary');
  }
  primary.kill();
  backup.kill();
  await onAir('slate');
  await play(4);
  backup.start();
  await onAir('backup');
  primary.start();
  await onAir('primary');
  await play(10); // all of it has come to the players by then

  for (const [player, tab] of Object.entries(tabs)) {
    const { seen, errors } = await tab.evaluate(() => ({ seen: window.seen, errors: window.errors }));
    assert.deepEqual(errors, [], player);
    assert.equal(seen.reloads, 0, player);
    assert.ok(seen.longest_ms < 1000, `${player} stood still for ${seen.longest_ms.toFixed(0)} ms (${seen.waits} times waiting)`);
  }
  const end = await status();
  assert.equal(end.source_losses, 1, 'only the loss of both was one');
  const lost = end.switched.filter((made) => made.reason === 'media-gap' && made.to === 'backup');
  assert.ok(lost.length >= 4);
  for (const made of lost) assert.ok(made.gap_ms < 600, JSON.stringify(made));
  const playlist = await (await fetch(`${server.media}/live/main/video-240p/playlist.m3u8`)).text();
  assert.doesNotMatch(playlist, /EXT-X-(GAP|DISCONTINUITY)\n/);
});
