// Single keys for people who live on the keyboard. Never inside a field, never with AltGr.
const FIELD = 'input, select, textarea, [contenteditable]';
const shown = (element) => element.checkVisibility?.() ?? true;
const on = () => document.documentElement.dataset.keys === 'on';

function typing(target) {
  if (!(target instanceof Element)) return false;
  const field = target.closest(FIELD);
  return Boolean(field) && !/^(radio|checkbox|submit|button)$/.test(field.type ?? '');
}

function rows() {
  return [...document.querySelectorAll('[data-row]')].filter(shown);
}

function walk(step) {
  const all = rows();
  const here = all.indexOf(document.activeElement?.closest('[data-row]'));
  const next = all[here < 0 ? (step > 0 ? 0 : all.length - 1) : here + step];
  next?.querySelector('.row-title a, a[href], button')?.focus();
}

function press(key) {
  const row = document.activeElement?.closest('[data-row]');
  const name = `[data-key="${CSS.escape(key)}"]`;
  const inRow = row?.querySelector(name);
  const outside = [...document.querySelectorAll(name)].find((e) => !e.closest('[data-row]'));
  const target = inRow ?? outside;
  if (!target || target.disabled) return false;
  if (target.matches(FIELD)) {
    target.focus();
    target.select?.();
  } else {
    target.click();
  }
  return true;
}

function save() {
  const form = document.activeElement?.closest('form');
  const button = form?.querySelector('[data-save]') ?? document.querySelector('[data-save]');
  if (!button || button.disabled) return false;
  button.click();
  return true;
}

document.addEventListener('keydown', (event) => {
  if (event.defaultPrevented || event.isComposing || event.repeat) return;
  if (event.getModifierState('AltGraph') || event.altKey) return;
  const key = event.key.toLowerCase();
  let done = false;
  if (event.ctrlKey || event.metaKey) {
    if (event.key === 'Enter') done = save();
    else if (key === 'k' && on()) done = press('/');
  } else if (on() && !typing(event.target) && !document.querySelector('dialog[open]')) {
    if (key === 'j' || key === 'k') {
      walk(key === 'j' ? 1 : -1);
      done = rows().length > 0;
    } else if (key.length === 1 && key !== ' ') {
      done = press(key);
    }
  }
  if (done) event.preventDefault();
});
