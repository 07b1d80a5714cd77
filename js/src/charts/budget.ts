/** The budget of a run: where its thread-seconds went, as one stacked bar. */

import { html, svg } from '../dom';
import type { ITexts } from '../texts';
import { seconds } from '../units';
import type { Budget } from '../wire';

/** An account of the budget, without the total. */
export type Account = Exclude<keyof Budget, 'total'>;

/** Accounts in the order they are drawn: what worked, then what was lost. */
export const ACCOUNTS: readonly Account[] = [
  'cpu',
  'waiting',
  'movement',
  'scheduling',
  'dependencies',
  'tail',
  'client'
];

/** What is too thin to see is left out of the bar and its legend. */
const VISIBLE = 0.005;

/** Draw a budget with its legend. */
export function budgetBar(budget: Budget, texts: ITexts): HTMLElement {
  const shown = ACCOUNTS.filter(name => budget[name] >= VISIBLE * budget.total);
  let x = 0;
  const bars = shown.map(name => {
    const width = (100 * budget[name]) / budget.total;
    const title = `${describe(name, texts)}: ${seconds(budget[name])}`;
    const bar = svg(
      'rect',
      { class: `dask-lens-Account dask-lens-mod-${name}`, x, width, y: 0, height: 10 },
      svg('title', {}, title)
    );
    x += width;
    return bar;
  });
  const legend = shown.map(name =>
    html(
      'li',
      { title: describe(name, texts) },
      svg(
        'svg',
        { class: 'dask-lens-Budget-key', viewBox: '0 0 10 10', 'aria-hidden': 'true' },
        svg('rect', {
          class: `dask-lens-Account dask-lens-mod-${name}`,
          width: 10,
          height: 10,
          rx: 2
        })
      ),
      label(name, texts),
      ' ',
      html('span', { class: 'dask-lens-Budget-value' }, seconds(budget[name]))
    )
  );
  return html(
    'div',
    { class: 'dask-lens-Budget' },
    svg(
      'svg',
      {
        class: 'dask-lens-Budget-bar',
        viewBox: '0 0 100 10',
        preserveAspectRatio: 'none',
        role: 'img',
        'aria-label': texts.__('Where %1 of thread time went', seconds(budget.total))
      },
      ...bars
    ),
    html('ul', { class: 'dask-lens-Budget-legend' }, ...legend)
  );
}

function label(name: Account, texts: ITexts): string {
  switch (name) {
    case 'cpu':
      return texts.__('on the CPU');
    case 'waiting':
      return texts.__('waiting inside tasks');
    case 'movement':
      return texts.__('moving data');
    case 'scheduling':
      return texts.__('idle, tasks were ready');
    case 'dependencies':
      return texts.__('idle, waiting for other tasks');
    case 'tail':
      return texts.__('idle, waiting for the last task');
    case 'client':
      return texts.__('no task in the system');
  }
}

function describe(name: Account, texts: ITexts): string {
  switch (name) {
    case 'cpu':
      return texts.__('In a task, on the CPU');
    case 'waiting':
      return texts.__('In a task, off the CPU: I/O, sleep, locks, the GIL');
    case 'movement':
      return texts.__('The next task waited for transfer, serialisation or disk');
    case 'scheduling':
      return texts.__('Idle although tasks could have run: batches, start-up, latency');
    case 'dependencies':
      return texts.__('Idle because fewer tasks could run than there were threads');
    case 'tail':
      return texts.__('Idle while the last tasks finished');
    case 'client':
      return texts.__('No task was there: building graphs, Python between computations');
  }
}
