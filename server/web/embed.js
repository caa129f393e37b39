// The embed page: plays in a frame of somebody else's page, when that page says so.
//   up:   { type: 'rehearsal:ready', stream }                                  once, when it can be started
//         { type: 'rehearsal:state', state, reason? }                          starting, playing, stalled, paused, ended, failed
//   down: { type: 'rehearsal:start', token?, refresh?, refresh_token? }        from the page around only, and from an allowed origin
'use strict';

const allowed = document.body.dataset.origins.split(' ').filter(Boolean);  // '*': any; the server's own is always allowed
let around = null;  // the origin that started it

function mayStart(message) {
  if (around || message.source !== window.parent || message.data?.type !== 'rehearsal:start') return false;
  return message.origin === location.origin || allowed.includes('*') || allowed.includes(message.origin);
}

function tell(state, more = {}) { window.parent.postMessage({ type: 'rehearsal:state', state, ...more }, around); }

window.addEventListener('message', (message) => {
  if (!mayStart(message)) return;
  around = message.origin === 'null' ? '*' : message.origin;  // a sandboxed page has no origin to answer to
  const { token, refresh, refresh_token } = message.data;
  video.autoplay = true;
  tell('starting');
  play(document.body.dataset.src, { ...pageParameters(), ...JSON.parse(JSON.stringify({ token, refresh, refresh_token })) }, {
    state: tell,
    failed: (text) => { showError(text); tell('failed', { reason: text }); },
    recovered: () => showError(''),
  });
});

// Whoever may frame this page (its Content-Security-Policy says) may know that it is ready; nothing else is said before a start.
if (window.parent !== window) window.parent.postMessage({ type: 'rehearsal:ready', stream: document.body.dataset.stream }, '*');
else showError('This page plays inside another page, which starts it.');
