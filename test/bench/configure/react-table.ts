import { createElement } from 'react';
import { flushSync } from 'react-dom';
import { createRoot } from 'react-dom/client';

declare global {
  interface Window {
    measureReactTable: (rows: number) => Promise<number>;
  }
}

/** Draws a table of so many rows, each with a name, a sentence and a field, by React alone; ms until it was painted. */
window.measureReactTable = async (rows) => {
  const host = document.createElement('div');
  document.body.append(host);
  const root = createRoot(host);
  const names = Array.from({ length: rows }, (_, index) => `parameter_${index}`);
  await nextFrame();
  const began = performance.now();
  flushSync(() => root.render(createElement('table', null, createElement('tbody', null, names.map(rowOf)))));
  await nextFrame();
  const took = performance.now() - began;
  root.unmount();
  host.remove();
  return took;
};

const rowOf = (name: string) =>
  createElement(
    'tr',
    { key: name },
    createElement('td', null, name),
    createElement('td', null, 'What it is for, in a sentence of the usual length.'),
    createElement('td', null, createElement('input', { defaultValue: '128MB' })),
  );

/** When the next frame has been painted. */
const nextFrame = (): Promise<void> =>
  new Promise((resolve) => requestAnimationFrame(() => setTimeout(() => resolve(), 0)));
