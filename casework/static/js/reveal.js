// Details shown in clear leave the page after a while, or as soon as the tab is hidden.
const SHOWN = '[data-remask]';

function mask(element) {
  element.replaceChildren(document.createTextNode(element.dataset.mask ?? '•••'));
  element.classList.replace('revealed', 'masked');
  element.removeAttribute('data-remask');
  for (const note of document.querySelectorAll('[data-remasked-note]')) note.hidden = false;
}

function maskAll() {
  for (const element of document.querySelectorAll(SHOWN)) mask(element);
}

for (const element of document.querySelectorAll(SHOWN)) {
  setTimeout(() => mask(element), Number(element.dataset.remask) * 1000);
}
document.addEventListener('visibilitychange', () => {
  if (document.hidden) maskAll();
});
addEventListener('pagehide', maskAll);
