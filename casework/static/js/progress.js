// A long job shows how far it is without reloading; when a run begins or ends the page is drawn anew.
const area = document.querySelector('[data-progress]');
const EVERY = 2000;

function runs() {
  return [...area.querySelectorAll('[data-run]')];
}

function isActive(run) {
  return run.dataset.state === 'running';
}

function show(run, told) {
  run.querySelector('progress').value = told.percent;
  for (const place of run.querySelectorAll('[data-live]')) {
    place.textContent = told[place.dataset.live];
  }
}

async function look() {
  if (document.hidden || !area.isConnected) return;
  let answer;
  try {
    answer = await fetch(area.dataset.progress, { headers: { Accept: 'application/json' } });
  } catch {
    return; // no network just now: the next look may find it
  }
  // Signed out or locked meanwhile: the page itself says so.
  if (answer.status >= 500) return;
  if (!answer.ok || answer.redirected) return location.reload();
  const told = await answer.json();
  for (const run of runs()) {
    const now = told[run.dataset.run];
    if (!now || now.state !== run.dataset.state) return location.reload();
    show(run, now);
  }
}

if (area && runs().some(isActive)) {
  setInterval(look, EVERY);
  document.addEventListener('visibilitychange', look);
}
