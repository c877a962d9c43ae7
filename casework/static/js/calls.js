// Calls under way. The page of a call says that it is still open, and lets go when it is left; other
// pages ask now and then who is calling. Without this file the server does the same, only later.
const BEAT = 20000;
const LOOK = 15000;
const LEASE = 240000;
const call = document.querySelector('[data-call-keep]');
const seen = document.querySelector('[data-calls]');

function token() {
  return document.querySelector('input[name=csrf_token]')?.value ?? '';
}

function send(url, fields, options = {}) {
  const body = new URLSearchParams({ csrf_token: token(), ...fields });
  return fetch(url, { method: 'POST', body, ...options });
}

function lose() {
  call.querySelector('[data-call-lost]').hidden = false;
  for (const number of document.querySelectorAll('.revealed')) {
    number.textContent = number.dataset.mask ?? '•••';
    number.classList.replace('revealed', 'masked');
  }
}

if (call) {
  let sending = false;
  let last = Date.now();
  let timer = 0;

  const beat = async () => {
    try {
      const answer = await send(call.dataset.callKeep, { beat: '1' });
      if (answer.status === 204) {
        last = Date.now();
        return;
      }
      if (answer.status < 500) {
        clearInterval(timer);
        lose();
        return;
      }
    } catch {
      // no network just now: the next beat may find it
    }
    if (Date.now() - last > LEASE) lose();
  };
  const begin = () => {
    sending = false;
    clearInterval(timer);
    if (!call.querySelector('[data-call-lost]').hidden) return;
    timer = setInterval(beat, BEAT);
    beat();
  };
  document.addEventListener('submit', () => { sending = true; });
  addEventListener('pagehide', () => {
    clearInterval(timer);
    if (!sending) send(call.dataset.callAway, {}, { keepalive: true }).catch(() => {});
  });
  addEventListener('pageshow', begin);
}

function show(told) {
  for (const place of document.querySelectorAll('[data-caller]')) {
    const words = told[place.dataset.caller];
    place.hidden = !words;
    if (words) place.querySelector('.chip > span').textContent = words;
  }
  for (const place of document.querySelectorAll('[data-no-caller]')) {
    place.hidden = Boolean(told[place.dataset.noCaller]);
  }
}

async function look() {
  if (document.hidden || !seen.isConnected) return;
  try {
    const answer = await fetch(seen.dataset.calls, { headers: { Accept: 'application/json' } });
    if (answer.ok && !answer.redirected) show(await answer.json());
  } catch {
    // no network, or no words for machines: the page stays as the server drew it
  }
}

// My day asks once for all its news, and passes on who is calling.
document.addEventListener('calls', (event) => show(event.detail));

if (seen) {
  setInterval(look, LOOK);
  document.addEventListener('visibilitychange', look);
}
