// After a quiet time the screen locks; one minute before, it says so. Other tabs count as activity,
// and a tab that locks takes what stands in the others away too.
const area = document.querySelector('[data-idle]');
const lock = document.querySelector('.menu [data-key="l"]');

if (area && lock) {
  const dialog = area.querySelector('dialog');
  const tabs = new BroadcastChannel('activity');
  const quiet = Number(area.dataset.idle) * 1000;
  let last = Date.now();
  let locking = false;

  const stay = () => {
    last = Date.now();
    if (dialog.open) dialog.close();
  };
  // People's details leave the page before the lock is even asked for.
  const clear = () => {
    locking = true;
    if (dialog.open) dialog.close();
    document.getElementById('main').replaceChildren();
  };
  const look = () => {
    const left = last + quiet - Date.now();
    if (locking) return;
    if (left <= 0) lock.click();
    else if (left <= 60000 && !dialog.open) dialog.showModal();
  };

  lock.form.addEventListener('submit', () => {
    clear();
    tabs.postMessage('locked');
  });
  tabs.addEventListener('message', (event) => {
    if (event.data !== 'locked') stay();
    else if (!locking) {
      clear();
      // The lock of the other tab needs a moment to arrive.
      setTimeout(() => location.replace(location.href), 1500);
    }
  });
  for (const kind of ['keydown', 'pointerdown', 'wheel']) {
    addEventListener(kind, () => {
      if (Date.now() - last > 1000) tabs.postMessage('here');
      stay();
    }, { passive: true });
  }
  setInterval(look, 1000);
  // A machine that slept wakes locked, and the Back button shows no page of before the lock.
  document.addEventListener('visibilitychange', look);
  addEventListener('pageshow', (event) => {
    if (event.persisted) location.reload();
  });
}
