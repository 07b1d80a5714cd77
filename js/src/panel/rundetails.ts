/** How a cell ran: where its time went, thread by thread, and what it could not do without. */

import { amountsOf, budgetBar } from '../charts/budget';
import { speedupCurve } from '../charts/curve';
import { LanesView } from '../charts/lanes';
import { criticalPath } from '../charts/steps';
import type { IStepHost } from '../charts/steps';
import { html } from '../dom';
import type { IEntry } from '../model';
import type { ITexts } from '../texts';
import type { ILensNotebook } from '../tokens';
import { unbroken } from '../unbroken';
import type { Report } from '../wire';

/** Computations whose critical path is shown: those that took longest. */
const MOST_PATHS = 3;

/** Whether there is something to tell. */
export function hasRun({ computations }: Report): boolean {
  return computations.some(({ stop }) => stop !== null);
}

/** What is asked of the kernel when it is to be seen, and only then. */
class OnDemand {
  readonly node = html('div', { class: 'dask-lens-RunDetails-asked' });
  private _state: 'unasked' | 'asked' | 'failed' = 'unasked';

  constructor(
    readonly details: HTMLDetailsElement,
    private readonly _draw: () => Promise<Node | string>,
    private readonly _isVisible: () => boolean,
    private readonly _texts: ITexts
  ) {
    details.append(this.node);
    details.addEventListener('toggle', () => {
      this._onToggle();
    });
  }

  /** Ask, once, if it can be seen. */
  async load(): Promise<void> {
    if (!this.details.open || !this._isVisible() || this._state !== 'unasked') {
      return;
    }
    this._state = 'asked';
    this.node.replaceChildren(this._texts.__('Asking the kernel…'));
    try {
      this.node.replaceChildren(await this._draw());
    } catch (error) {
      this._state = 'failed';
      const reason = error instanceof Error ? error.message : String(error);
      this.node.replaceChildren(html('p', { class: 'dask-lens-RunDetails-note' }, reason));
    }
  }

  private _onToggle(): void {
    if (this.details.open) {
      void this.load();
    } else if (this._state === 'failed') {
      this._state = 'unasked'; // opened again, it asks again
    }
  }
}

/** The view. */
export class RunDetails {
  readonly node: HTMLDetailsElement;
  private readonly _lanes: OnDemand;
  private readonly _curve: OnDemand;

  constructor(
    private readonly _entry: IEntry,
    private readonly _notebook: () => ILensNotebook | null,
    isVisible: () => boolean,
    private readonly _texts: ITexts
  ) {
    const { limit } = _entry.report;
    const amounts = amountsOf(_entry.report);
    this.node = html(
      'details',
      { class: 'dask-lens-RunDetails' },
      html('summary', {}, _texts.__('Timeline')),
      amounts && budgetBar(amounts, _texts),
      limit ? html('p', {}, ...unbroken(_texts.__('What limits it: %1', limit))) : null
    );
    const more = html('details', {}, html('summary', {}, _texts.__('With more workers')));
    this._lanes = new OnDemand(this.node, () => this._drawLanes(), isVisible, _texts);
    this._curve = new OnDemand(more, () => this._drawCurve(), isVisible, _texts);
    this.node.append(...this._paths(), more);
  }

  /** Ask for what is open and can be seen. */
  load(): void {
    void this._lanes.load();
    void this._curve.load();
  }

  private async _drawLanes(): Promise<Node | string> {
    const lanes = await this._notebook()?.link.lanes(this._entry.report.cell);
    return lanes
      ? new LanesView(lanes, this._texts).node
      : this._texts.__('No task was kept one by one.');
  }

  private async _drawCurve(): Promise<Node | string> {
    const speedup = await this._notebook()?.link.speedup(this._entry.report.cell);
    return speedup ? speedupCurve(speedup, this._texts) : this._texts.__('No prediction.');
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
