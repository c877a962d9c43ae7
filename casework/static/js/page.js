// Small conveniences: dialogs, menus, copying a reference, keeping a form when the language changes.
for (const button of document.querySelectorAll('[data-dialog]')) {
  button.hidden = false;
  button.addEventListener('click', () => document.getElementById(button.dataset.dialog)?.showModal());
}

for (const button of document.querySelectorAll('[data-copy]')) {
  button.hidden = !navigator.clipboard;
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(button.dataset.copy);
    const words = button.querySelector('span');
    words.setAttribute('role', 'status');
    words.textContent = button.dataset.done;
  });
}

document.addEventListener('click', (event) => {
  for (const menu of document.querySelectorAll('.menu[open]')) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
document.addEventListener('keydown', (event) => {
  const menu = event.key === 'Escape' && document.activeElement?.closest('.menu[open]');
  if (menu) {
    menu.open = false;
    menu.querySelector('summary').focus();
  }
});

function carry(link) {
  const form = document.querySelector('form[data-keep]');
  if (!form) return;
  const secret = new Set([...form.querySelectorAll('[type=password], [type=file]')].map((e) => e.name));
  for (const name of ['csrf_token', 'next', 'page_language']) secret.add(name);
  const fields = [...new FormData(form)].filter(([name]) => !secret.has(name));
  for (const [name, value] of [...fields, ['kept', '1']]) {
    const field = document.createElement('input');
    Object.assign(field, { type: 'hidden', name, value });
    link.append(field);
  }
}
for (const link of document.querySelectorAll('form[data-lang-link]')) {
  link.addEventListener('submit', () => carry(link), { once: true });
}
