// Forms that shorten themselves: an answer of "No" rests what needs a yes, needs open their details.
function values(form, name) {
  return [...(form?.elements ?? [])]
    .filter((e) => e.name === name && (!/^(radio|checkbox)$/.test(e.type) || e.checked))
    .map((e) => e.value);
}

// Resting keeps what was typed: a disabled field is not sent, and comes back with a change of mind.
function rest(area, resting, reason) {
  const fields = area.matches('input, select, textarea, button')
    ? [area]
    : area.querySelectorAll('input, select, textarea, button');
  for (const field of fields) {
    const reasons = new Set((field.dataset.rests ?? '').split(' ').filter(Boolean));
    if (field.disabled && reasons.size === 0) continue;
    if (resting) reasons.add(reason);
    else reasons.delete(reason);
    field.dataset.rests = [...reasons].join(' ');
    field.disabled = reasons.size > 0;
  }
}

function gate() {
  const group = document.querySelector('[data-gate]');
  if (!group) return;
  const no = group.querySelector(`input[value="${CSS.escape(group.dataset.gate)}"]`)?.checked ?? false;
  for (const area of document.querySelectorAll('[data-needs-consent]')) {
    rest(area, no, 'consent');
    area.toggleAttribute('data-resting', no);
  }
  for (const button of document.querySelectorAll('[data-label-no]')) {
    const words = button.querySelector('span');
    button.dataset.labelYes ??= words.textContent;
    words.textContent = no ? button.dataset.labelNo : button.dataset.labelYes;
  }
}

function matches(area, rule) {
  const [name, wanted] = rule.split('=');
  const given = values(area.closest('form'), name);
  return wanted.split(',').some((value) => given.includes(value));
}

function sections() {
  for (const area of document.querySelectorAll('[data-when], [data-unless]')) {
    const { when, unless } = area.dataset;
    const show = (!when || matches(area, when)) && !(unless && matches(area, unless));
    area.hidden = !show;
    rest(area, !show, 'section');
  }
}

function open(input) {
  for (const id of input.checked ? (input.dataset.opens ?? '').split(' ').filter(Boolean) : []) {
    const fold = document.getElementById(id);
    if (fold) fold.open = true;
  }
}

function settle() {
  gate();
  sections();
}

document.addEventListener('change', (event) => {
  if (event.target.dataset?.opens) open(event.target);
  settle();
});
for (const input of document.querySelectorAll('[data-opens]:checked')) open(input);
settle();
addEventListener('pageshow', settle);
