// The login page: signs in, asks what the account may see, gets a token for it, and goes on to the watch page. Parameter: stream, to go
// straight to that one.
'use strict';

const form = document.getElementById('form');

function showError(text) {
  const element = document.getElementById('error');
  element.textContent = text;
  element.hidden = !text;
}

async function call(method, path, session, body) {
  const headers = { 'Content-Type': 'application/json', ...(session && { Authorization: `Bearer ${session}` }) };
  const answer = await fetch(path, { method, headers, body: body && JSON.stringify(body) });
  const json = await answer.json();
  if (!answer.ok) throw new Error(json.detail ?? `The server answered ${answer.status}.`);
  return json;
}

// The tokens stand behind '#', which reaches no server.
async function watch(session, stream, user) {
  const grant = await call('POST', '/v1/tokens', session, { stream: stream.name, subject: user });
  const tokens = new URLSearchParams({
    token: grant.access_token, refresh: `${location.origin}/v1/tokens/refresh`, refresh_token: grant.refresh_token,
  });
  location.assign(`${stream.watch}#${tokens}`);
}

function offer(session, streams, user) {
  const list = document.getElementById('streams');
  list.replaceChildren(...streams.map((stream) => {
    const button = document.createElement('button');
    button.textContent = stream.name;
    button.addEventListener('click', () => watch(session, stream, user).catch((error) => showError(error.message)));
    const item = document.createElement('li');
    item.append(button);
    return item;
  }));
  form.hidden = true;
  list.hidden = false;
}

async function signIn(user, password) {
  const { session } = await call('POST', '/v1/login', null, { user, password });
  const { streams } = await call('GET', '/v1/entitlements', session);
  const wanted = new URLSearchParams(location.search).get('stream');
  const chosen = wanted ? streams.find((stream) => stream.name === wanted) : streams.length === 1 ? streams[0] : null;
  if (chosen) await watch(session, chosen, user);
  else if (wanted || streams.length === 0) showError('This account may not see the stream.');
  else offer(session, streams, user);
}

form.addEventListener('submit', (event) => {
  event.preventDefault();
  showError('');
  signIn(form.user.value, form.password.value).catch((error) => showError(error.message));
});
