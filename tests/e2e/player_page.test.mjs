// The pages' player without a browser: when it renews its token, and what it does with the new one.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import vm from 'node:vm';
import { root } from './lib.mjs';

const script = fs.readFileSync(path.join(root, 'server/web/player.js'), 'utf8');

function tokenFor(seconds) { return `h.${btoa(JSON.stringify({ exp: Date.now() / 1000 + seconds }))}.s`; }

// A page whose timers do not run by themselves. `hls`: what hls.js would be; null: the browser plays HLS itself.
function page(hls) {
  const timers = new Map();
  const asked = [];
  const video = { addEventListener() {}, canPlayType: () => 'maybe', currentTime: 0 };
  let issued = 0;
  const context = vm.createContext({
    document: { getElementById: () => video },
    atob,
    encodeURIComponent,
    setTimeout: (call, delay) => { timers.set(timers.size + 1, { call, delay }); return timers.size; },
    clearTimeout: (id) => { if (timers.has(id)) timers.get(id).cleared = true; },
    fetch: async (url) => {
      asked.push(url);
      return { ok: true, json: async () => ({ access_token: `token-${++issued}`, refresh_token: `refresh-${issued}`, expires_in: 60 }) };
    },
  });
  context.window = context;
  if (hls) context.Hls = hls;
  vm.runInContext(script, context);
  return { asked, video, context, planned: () => [...timers.values()].filter((timer) => !timer.cleared) };
}

const tokens = { token: tokenFor(60), refresh: 'https://c.example/v1/tokens/refresh', refresh_token: 'refresh-0' };
const view = { state() {}, failed(text) { throw new Error(text); }, recovered() {} };

test('a browser that plays HLS itself gets a cookie for each new token', async () => {
  const { asked, video, context, planned } = page(null);
  context.play('/live/main/master.m3u8', tokens, view);
  assert.equal(video.src, `/live/main/master.m3u8?token=${encodeURIComponent(tokens.token)}`);
  assert.equal(planned().length, 1);
  planned()[0].call();
  await context.renew();  // the one under way
  assert.deepEqual(asked, [tokens.refresh, '/live/main/master.m3u8?token=token-1']);
});

test('one renewal is planned, however often the token was renewed', async () => {
  class Hls {
    static Events = {};
    static isSupported() { return true; }
    on() {}
    loadSource() {}
    attachMedia() {}
  }
  const { asked, context, planned } = page(Hls);
  context.play('/live/main/master.m3u8', tokens, view);
  for (let i = 0; i < 3; ++i) await context.renew();
  assert.deepEqual(asked, Array(3).fill(tokens.refresh));
  assert.equal(planned().length, 1);
  assert.equal(planned()[0].delay, 45000);
});
