/**
 * Adds copy buttons; everything else works without it. `navigator.clipboard` exists only on https and localhost, and
 * much of the time a server like this one is reached by plain http inside a company: then the older way is used.
 */
export const script = `'use strict';
(() => {
  const copy = async (text) => {
    if (window.isSecureContext && navigator.clipboard) {
      await navigator.clipboard.writeText(text);
      return;
    }
    const area = document.createElement('textarea');
    area.value = text;
    area.readOnly = true;
    area.className = 'offscreen';
    document.body.append(area);
    area.select();
    const copied = document.execCommand('copy');
    area.remove();
    if (!copied) throw new Error('not allowed to copy');
  };
  for (const holder of document.querySelectorAll('[data-copy]')) {
    const source = holder.querySelector('code');
    if (!source) continue;
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'copy';
    button.textContent = 'Copy';
    button.setAttribute('aria-label', 'Copy ' + holder.dataset.copy);
    let reset;
    button.addEventListener('click', async () => {
      try {
        await copy(source.textContent);
        button.textContent = 'Copied';
      } catch {
        getSelection().selectAllChildren(source);
        button.textContent = 'Press Ctrl+C';
      }
      button.focus();
      clearTimeout(reset);
      reset = setTimeout(() => { button.textContent = 'Copy'; }, 2000);
    });
    holder.append(button);
  }
})();
`;
