/** The critical path, task by task: the chain that no number of threads makes shorter. */

import { html } from '../dom';
import type { ITexts } from '../texts';
import { count, seconds } from '../units';
import type { ComputationReport, CriticalStep } from '../wire';

/** Steps that are shown at first, the longest. */
const MOST = 8;

/** What leads from a step to the line that made it. */
export interface IStepHost {
  /** How the user calls the step's cell; null where it is not in the notebook. */
  nameOf(step: CriticalStep): string | null;
  /** Show the line. */
  reveal(step: CriticalStep): void;
}

/** List the critical path of a computation; null where it is not known. */
export function criticalPath(
  computation: ComputationReport,
  host: IStepHost,
  texts: ITexts
): HTMLElement | null {
  const { critical_path: steps, critical_tasks: tasks, bounds } = computation;
  if (steps.length === 0) {
    return null;
  }
  const long = [...steps].sort((a, b) => b.duration - a.duration).slice(0, MOST);
  const shown = steps.filter(step => long.includes(step));
  const most = Math.max(...steps.map(({ duration }) => duration), 0);
  const rows = shown.map(step => row(step, most, host, texts));
  const span = bounds?.span ?? steps.reduce((sum, { duration }) => sum + duration, 0);
  const heading =
    tasks === 1
      ? texts.__('Critical path: %1 in one task', seconds(span))
      : texts.__('Critical path: %1 in %2 tasks', seconds(span), count(tasks));
  const left = Math.max(tasks, steps.length) - shown.length;
  return html(
    'section',
    { class: 'dask-lens-Steps' },
    html('h4', {}, heading),
    html('ol', {}, ...rows),
    left > 0
      ? html('p', { class: 'dask-lens-Steps-note' }, texts.__('and %1 shorter ones', count(left)))
      : null
  );
}

function row(step: CriticalStep, most: number, host: IStepHost, texts: ITexts): HTMLElement {
  const { key, layer, line, duration } = step;
  const cell = host.nameOf(step);
  const share = most > 0 ? (100 * duration) / most : 0;
  const where =
    cell === null || line === null
      ? null
      : html(
          'button',
          {
            type: 'button',
            class: 'dask-lens-Link',
            title: texts.__('Show the line'),
            on: {
              click: () => {
                host.reveal(step);
              }
            }
          },
          texts.__('%1, line %2', cell, line)
        );
  return html(
    'li',
    { title: key },
    html('span', { class: 'dask-lens-Steps-layer' }, layer),
    html('span', { class: 'dask-lens-Steps-duration' }, seconds(duration)),
    html('span', {
      class: 'dask-lens-Steps-bar',
      style: `width: ${share.toFixed(1)}%`,
      'aria-hidden': 'true'
    }),
    where
  );
}
