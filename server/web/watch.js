// The watch page. Parameters, in the query or after '#' (which no server log sees): token, refresh (URL of POST
// /v1/tokens/refresh), refresh_token.
'use strict';

const parameters = new URLSearchParams(location.search);
for (const [name, value] of new URLSearchParams(location.hash.slice(1))) parameters.set(name, value);

const video = document.getElementById('video');
const access = {
  token: parameters.get('token'),
  refreshToken: parameters.get('refresh_token'),
  refreshUrl: parameters.get('refresh'),
  renewing: null,
};
const shown = { stalls: 0, started: false };

function show(id, text) { document.getElementById(id).textContent = text; }

function showState(state) {
  const element = document.getElementById('state');
  element.dataset.state = state;
  element.textContent = state;
}

function fail(text) {
  showState('failed');
  const element = document.getElementById('error');
  element.textContent = text;
  element.hidden = false;
}

function clearError() { document.getElementById('error').hidden = true; }

const kReasons = {
  401: 'Your access has expired or no token was given. Open the page with a fresh link.',
  403: 'This token does not give access to this stream, or it was withdrawn.',
  404: 'There is no such stream.',
  503: 'The stream is still starting; trying again.',
};

function reasonOf(status) {
  if (kReasons[status]) return kReasons[status];
  return status ? `The server answered ${status}.` : 'The server cannot be reached.';
}

function canRenew() { return Boolean(access.refreshUrl && access.refreshToken); }

// A refresh token works once, so concurrent callers share one request.
function renew() {
  access.renewing ??= renewOnce().finally(() => { access.renewing = null; });
  return access.renewing;
}

async function renewOnce() {
  const answer = await fetch(access.refreshUrl, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ refresh_token: access.refreshToken }),
  });
  if (!answer.ok) throw new Error(`The session could not be renewed (${answer.status}).`);
  const grant = await answer.json();
  access.token = grant.access_token;
  access.refreshToken = grant.refresh_token;
  renewBefore(grant.expires_in);
}

function renewBefore(seconds) { setTimeout(() => renew().catch((error) => fail(error.message)), Math.max(1, seconds * 0.75) * 1000); }

function secondsLeft(token) {
  try {
    return JSON.parse(atob(token.split('.')[1].replace(/-/g, '+').replace(/_/g, '/'))).exp - Date.now() / 1000;
  } catch {
    return 0;
  }
}

function playWithHls(source) {
  const hls = new Hls({
    xhrSetup: (xhr) => { if (access.token) xhr.setRequestHeader('Authorization', `Bearer ${access.token}`); },
  });
  window.hls = hls;
  hls.on(Hls.Events.ERROR, (_, problem) => recover(hls, source, problem));
  hls.on(Hls.Events.MANIFEST_PARSED, clearError);
  hls.on(Hls.Events.LEVEL_SWITCHED, (_, { level }) => showRendition(hls.levels[level]));
  hls.loadSource(source);
  hls.attachMedia(video);
  setInterval(() => show('latency', hls.latency > 0 && hls.levels[hls.currentLevel]?.details?.live ? `${hls.latency.toFixed(1)} s` : '–'), 500);
}

function showRendition(level) {
  if (level) show('rendition', `${level.height ? `${level.height}p` : 'audio'} · ${(level.bitrate / 1e6).toFixed(2)} Mbit/s`);
}

function recover(hls, source, problem) {
  const status = problem.response?.code ?? 0;
  if (status === 401 && canRenew()) {
    renew().then(() => restart(hls, source), (error) => fail(error.message));
    return;
  }
  if (!problem.fatal) return;
  if (problem.type === Hls.ErrorTypes.MEDIA_ERROR) {
    hls.recoverMediaError();
    return;
  }
  fail(reasonOf(status));
  if (status === 0 || status >= 500) setTimeout(() => restart(hls, source), 2000);
}

function restart(hls, source) {
  if (hls.levels.length === 0) hls.loadSource(source);
  else hls.startLoad();
}

// Safari on phones: no Media Source Extensions, but HLS of its own. The cookie that the multivariant playlist sets carries the token.
function playNatively(source) {
  video.src = access.token ? `${source}?token=${encodeURIComponent(access.token)}` : source;
  video.addEventListener('error', () => fail(video.error?.message || 'The stream cannot be played.'));
}

function bufferAhead() {
  for (let i = 0; i < video.buffered.length; ++i)
    if (video.buffered.start(i) <= video.currentTime + 0.1 && video.currentTime <= video.buffered.end(i)) return video.buffered.end(i) - video.currentTime;
  return 0;
}

function watchPlayback() {
  video.addEventListener('playing', () => { shown.started = true; clearError(); showState('playing'); });
  video.addEventListener('pause', () => showState('paused'));
  video.addEventListener('ended', () => showState('ended'));
  video.addEventListener('waiting', () => {
    if (!shown.started || video.seeking) return;
    show('stalls', String(++shown.stalls));
    showState('stalled');
  });
  setInterval(() => show('buffer', `${bufferAhead().toFixed(1)} s`), 500);
}

function start() {
  const source = document.body.dataset.src;
  if (!source) {
    fail(kReasons[404]);
    return;
  }
  watchPlayback();
  if (access.token && canRenew()) renewBefore(secondsLeft(access.token));
  if (window.Hls && Hls.isSupported()) playWithHls(source);
  else if (video.canPlayType('application/vnd.apple.mpegurl')) playNatively(source);
  else fail('This browser can play neither HLS nor Media Source Extensions.');
}

start();
