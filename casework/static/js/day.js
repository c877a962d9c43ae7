// My day says that there is news, and never moves a row under somebody's hand: they ask to see it.
const note = document.querySelector('[data-news]');
const EVERY = 30_000;
const SELDOM = 300_000;
let wait = EVERY;
let known = null;
let timer;

async function ask() {
  const headers = { Accept: 'application/json', ...(known && { 'If-None-Match': known }) };
  const answer = await fetch(note.dataset.news, { headers, cache: 'no-store' });
  if (answer.status === 304) return true;
  // Signed out or locked meanwhile: the next page says so, and asking on would help nobody.
  if (answer.redirected || (answer.status >= 400 && answer.status < 500)) return false;
  if (!answer.ok) throw new Error(answer.status);
  const seen = answer.headers.get('ETag');
  if (known && seen !== known) note.hidden = false;
  known = seen;
  return note.hidden;
}

async function look() {
  clearTimeout(timer);
  if (document.hidden) return;
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
