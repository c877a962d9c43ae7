// After a quiet time the screen locks; one minute before, it says so. Other tabs count as activity.
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
  tabs.addEventListener('message', stay);
  for (const kind of ['keydown', 'pointerdown', 'wheel']) {
    addEventListener(kind, () => {
      if (Date.now() - last > 1000) tabs.postMessage('here');
      stay();
    }, { passive: true });
  }
  setInterval(() => {
    const left = last + quiet - Date.now();
    if (left <= 0 && !locking) {
      locking = true;
      dialog.close();
      document.getElementById('main').replaceChildren();
      lock.click();
    } else if (left <= 60000 && !dialog.open && !locking) {
      dialog.showModal();
    }
  }, 1000);
}
