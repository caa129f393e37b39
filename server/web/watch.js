// The watch page. Parameters, in the query or after '#': token, refresh (URL of POST /v1/tokens/refresh), refresh_token.
'use strict';

let stalls = 0;

function show(id, text) { document.getElementById(id).textContent = text; }

function showState(state) {
  const element = document.getElementById('state');
  element.dataset.state = state;
  element.textContent = state;
}

function bufferAhead() {
  for (let i = 0; i < video.buffered.length; ++i)
    if (video.buffered.start(i) <= video.currentTime + 0.1 && video.currentTime <= video.buffered.end(i)) return video.buffered.end(i) - video.currentTime;
  return 0;
}

function latency() {
  const hls = window.hls;
  return hls?.latency > 0 && hls.levels[hls.currentLevel]?.details?.live ? `${hls.latency.toFixed(1)} s` : '–';
}

play(document.body.dataset.src, pageParameters(), {
  state: showState,
  failed: (text) => { showState('failed'); showError(text); },
  recovered: () => showError(''),
  stalled: () => show('stalls', String(++stalls)),
  rendition: (level) => {
    if (level) show('rendition', `${level.height ? `${level.height}p` : 'audio'} · ${(level.bitrate / 1e6).toFixed(2)} Mbit/s`);
  },
});
setInterval(() => { show('buffer', `${bufferAhead().toFixed(1)} s`); show('latency', latency()); }, 500);
