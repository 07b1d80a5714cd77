/** How a cell ran: where its time went, thread by thread, and what it could not do without. */

import { budgetBar } from '../charts/budget';
import { LanesView } from '../charts/lanes';
import { criticalPath } from '../charts/steps';
import type { IStepHost } from '../charts/steps';
import { html } from '../dom';
import type { IEntry } from '../model';
import type { ITexts } from '../texts';
import type { ILensNotebook } from '../tokens';
import type { Report } from '../wire';

/** Computations whose critical path is shown: those that took longest. */
const MOST_PATHS = 3;

/** Whether there is something to tell. */
export function hasRun({ computations }: Report): boolean {
  return computations.some(({ stop }) => stop !== null);
}

/** The view; its lanes are asked of the kernel when they are to be seen, and only then. */
export class RunDetails {
  readonly node: HTMLDetailsElement;
  private readonly _lanes = html('div', { class: 'dask-lens-RunDetails-lanes' });
  private _state: 'unasked' | 'asked' | 'failed' = 'unasked';

  constructor(
    private readonly _entry: IEntry,
    private readonly _notebook: () => ILensNotebook | null,
    private readonly _isVisible: () => boolean,
    private readonly _texts: ITexts
  ) {
    const { budget, limit } = _entry.report;
    this.node = html(
      'details',
      {
        class: 'dask-lens-RunDetails',
        on: {
          toggle: () => {
            this._onToggle();
          }
        }
      },
      html('summary', {}, _texts.__('Timeline')),
      budget && budget.total > 0 ? budgetBar(budget, _texts) : null,
      limit ? html('p', {}, _texts.__('What limits it: %1', limit)) : null,
      this._lanes,
      ...this._paths()
    );
  }

  /** Ask the kernel for the lanes, once, if they can be seen. */
  async load(): Promise<void> {
    if (!this.node.open || !this._isVisible() || this._state !== 'unasked') {
      return;
    }
    this._state = 'asked';
    this._lanes.replaceChildren(this._texts.__('Asking the kernel…'));
    this._lanes.replaceChildren(await this._drawn());
  }

  private _onToggle(): void {
    if (this.node.open) {
      void this.load();
    } else if (this._state === 'failed') {
      this._state = 'unasked'; // opened again, it asks again
    }
  }

  private async _drawn(): Promise<Node | string> {
    const link = this._notebook()?.link;
    if (!link) {
      return '';
    }
    try {
      const lanes = await link.lanes(this._entry.report.cell);
      return lanes
        ? new LanesView(lanes, this._texts).node
        : this._texts.__('No task was kept one by one.');
    } catch (error) {
      this._state = 'failed';
      const reason = error instanceof Error ? error.message : String(error);
      return html('p', { class: 'dask-lens-RunDetails-note' }, reason);
    }
  }

  private _paths(): readonly HTMLElement[] {
    const texts = this._texts;
    const host: IStepHost = {
      nameOf: ({ cell_id: id, execution_count: count }) => {
        const deeds = this._notebook()?.deeds;
        if (!deeds || id === null || !deeds.texts.has(id)) {
          return null;
        }
        return count === null ? deeds.nameOf(id) : texts.__('Cell [%1]', count);
      },
      reveal: ({ cell_id: id, line }) => {
        void this._notebook()?.deeds.revealLine(id, line ?? 1);
      }
    };
    return [...this._entry.report.computations]
      .sort((a, b) => (b.stop ?? b.start) - b.start - ((a.stop ?? a.start) - a.start))
      .map(computation => criticalPath(computation, host, texts))
      .filter(path => path !== null)
      .slice(0, MOST_PATHS);
  }
}
