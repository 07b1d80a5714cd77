/** The button that applies all fixes which cannot alter a value. */

import { html } from '../dom';
import type { ITexts } from '../texts';

/** The fixes at hand. */
export interface IFixes {
  /** How many fixes there are that need no look. */
  count(): number;
  applyAll(): Promise<void>;
}

/** Below this, the finding's own button does. */
const LEAST = 2;

/** The view: nothing where there is no choice. */
export class FixAllView {
  readonly node = html('div', { class: 'dask-lens-FixAll' });
  private readonly _button: HTMLButtonElement;

  constructor(
    private readonly _fixes: IFixes,
    private readonly _texts: ITexts
  ) {
    this._button = html('button', {
      type: 'button',
      class: 'dask-lens-Button',
      title: _texts.__(
        'The best fix of each finding, of those that cannot alter a value. Ctrl-Z in a cell takes its own back.'
      ),
      on: { click: () => void _fixes.applyAll() }
    });
    this.node.append(this._button);
    this.refresh();
  }

  /** Look again how many there are. */
  refresh(): void {
    const count = this._fixes.count();
    this.node.hidden = count < LEAST;
    this._button.textContent = this._texts.__('Apply all %1 safe fixes', count);
  }
}
