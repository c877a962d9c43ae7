// My day says that there is news, and never moves a row under somebody's hand: they ask to see it.
// The same answer tells who is calling whom; calls.js shows that at the rows.
const note = document.querySelector('[data-news]');
const EVERY = 15_000;
const SELDOM = 300_000;
let wait = EVERY;
let tag = null;
let known = null;
let timer;

async function ask() {
  const headers = { Accept: 'application/json', ...(tag && { 'If-None-Match': tag }) };
  const answer = await fetch(note.dataset.news, { headers, cache: 'no-store' });
  if (answer.status === 304) return true;
  // Signed out or locked meanwhile: the next page says so, and asking on would help nobody.
  if (answer.redirected || (answer.status >= 400 && answer.status < 500)) return false;
  if (!answer.ok) throw new Error(answer.status);
  const { news, calls } = await answer.json();
  tag = answer.headers.get('ETag');
  document.dispatchEvent(new CustomEvent('calls', { detail: calls }));
  const seen = JSON.stringify(news);
  if (known && seen !== known) note.hidden = false;
  known = seen;
  return true;
}

async function look() {
  clearTimeout(timer);
  if (document.hidden || !note.isConnected) return;
  let goesOn = true;
  try {
    goesOn = await ask();
    wait = EVERY;
  } catch {
    wait = Math.min(wait * 2, SELDOM);
  }
  if (goesOn) timer = setTimeout(look, wait);
}

if (note) {
  timer = setTimeout(look, 1_000);
  document.addEventListener('visibilitychange', look);
}
