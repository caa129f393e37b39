// What plays a stream in the page: hls.js or the browser's own HLS, tokens that are renewed, failures that are told. The watch page and the
// embed page each bring a `view`: state(word), failed(text), recovered(), and, where they show it, rendition(level), stalled().
'use strict';

const video = document.getElementById('video');
const access = { token: null, refreshToken: null, refreshUrl: null, renewing: null, timer: null };
let view = null;
let renewed = async () => {};  // what else a new token is for
let started = false;

function showError(text) {
  const element = document.getElementById('error');
  element.textContent = text;
  element.hidden = !text;
}

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
  await renewed();
}

// One renewal is planned at a time, whoever asked for the last one.
function renewBefore(seconds) {
  clearTimeout(access.timer);
  access.timer = setTimeout(() => renew().catch((error) => view.failed(error.message)), Math.max(1, seconds * 0.75) * 1000);
}

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
  hls.on(Hls.Events.MANIFEST_PARSED, () => view.recovered());
  hls.on(Hls.Events.LEVEL_SWITCHED, (_, { level }) => view.rendition?.(hls.levels[level]));
  hls.loadSource(source);
  hls.attachMedia(video);
}

function recover(hls, source, problem) {
  const status = problem.response?.code ?? 0;
  if (status === 401 && canRenew()) {
    renew().then(() => restart(hls, source), (error) => view.failed(error.message));
    return;
  }
  if (!problem.fatal) return;
  if (problem.type === Hls.ErrorTypes.MEDIA_ERROR) {
    hls.recoverMediaError();
    return;
  }
  view.failed(reasonOf(status));
  if (status === 0 || status >= 500) setTimeout(() => restart(hls, source), 2000);
}

function restart(hls, source) {
  if (hls.levels.length === 0) hls.loadSource(source);
  else hls.startLoad();
}

// Safari on phones: no Media Source Extensions, but HLS of its own. The cookie that the multivariant playlist sets carries the token;
// it ends with it, so a new token is taken there for a new cookie.
function playNatively(source) {
  const withToken = () => (access.token ? `${source}?token=${encodeURIComponent(access.token)}` : source);
  renewed = () => fetch(withToken(), { cache: 'no-store' });
  video.src = withToken();
  video.addEventListener('error', () => view.failed(video.error?.message || 'The stream cannot be played.'));
}

function watchPlayback() {
  video.addEventListener('playing', () => { started = true; view.recovered(); view.state('playing'); });
  video.addEventListener('pause', () => view.state('paused'));
  video.addEventListener('ended', () => view.state('ended'));
  video.addEventListener('waiting', () => {
    if (!started || video.seeking) return;
    view.stalled?.();
    view.state('stalled');
  });
}

// `tokens`: { token, refresh, refresh_token }, each may be absent.
function play(source, tokens, itsView) {
  view = itsView;
  if (!source) {
    view.failed(kReasons[404]);
    return;
  }
  access.token = tokens.token ?? null;
  access.refreshUrl = tokens.refresh ?? null;
  access.refreshToken = tokens.refresh_token ?? null;
  watchPlayback();
  if (access.token && canRenew()) renewBefore(secondsLeft(access.token));
  if (window.Hls && Hls.isSupported()) playWithHls(source);
  else if (video.canPlayType('application/vnd.apple.mpegurl')) playNatively(source);
  else view.failed('This browser can play neither HLS nor Media Source Extensions.');
}

// What stands in the query or, where no server log sees it, behind '#'.
function pageParameters() {
  const parameters = new URLSearchParams(location.search);
  for (const [name, value] of new URLSearchParams(location.hash.slice(1))) parameters.set(name, value);
  return Object.fromEntries(parameters);
}
