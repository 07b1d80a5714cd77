/** Says what stands between the panel and findings, and offers the deed that mends it. */

import { html } from '../dom';
import type { Child } from '../dom';
import type { ITexts } from '../texts';
import type { ILensNotebook } from '../tokens';

/** The view of a notebook's connection. */
export class ConnectionView {
  readonly node = html('div', { class: 'dask-lens-Connection', 'aria-live': 'polite' });
  private readonly _texts: ITexts;
  private _notebook: ILensNotebook | null = null;
  /** What loading said when it failed, and in which notebook. */
  private _failure: { readonly notebook: ILensNotebook; readonly reason: string } | null = null;
  private _isLoading = false;

  constructor(texts: ITexts) {
    this._texts = texts;
  }

  /** Look again. */
  update(notebook: ILensNotebook | null): void {
    this._notebook = notebook;
    const content = this._content();
    this.node.hidden = content.length === 0;
    this.node.replaceChildren(...content.filter(child => child !== null));
  }

  private _content(): readonly Child[] {
    const texts = this._texts;
    if (!this._notebook) {
      return [line(texts.__('Open a notebook to see how parallel its Dask code runs.'))];
    }
    const { connection } = this._notebook.model;
    switch (connection) {
      case 'no-kernel':
        return [line(texts.__('This notebook has no kernel. Start one to observe its cells.'))];
      case 'foreign':
        return [line(texts.__('Dask Lens observes Python kernels, and this is another.'))];
      case 'asking':
        return [line(texts.__('Waiting for the kernel…'))];
      case 'off':
        return [line(texts.__('Not observing: run %lens on in a cell to go on.'))];
      case 'absent':
        return this._offer();
      case 'on':
        return this._nothingYet(this._notebook);
    }
  }

  private _nothingYet({ model }: ILensNotebook): readonly Child[] {
    const isTold = model.entries.some(
      ({ report }) => report.findings.length > 0 || report.computations.length > 0
    );
    if (isTold || model.isRunning) {
      return [];
    }
    return model.comparisons.length > 0
      ? [line(this._texts.__('Observing. Only comparisons have used Dask so far.'))]
      : [line(this._texts.__('Observing. No cell has used Dask yet.'))];
  }

  private _offer(): readonly Child[] {
    const texts = this._texts;
    const button = html(
      'button',
      {
        type: 'button',
        class: 'dask-lens-Button dask-lens-mod-primary',
        disabled: this._isLoading,
        on: { click: () => void this._load() }
      },
      texts.__('Load dask_lens')
    );
    const failure = this._failure?.notebook === this._notebook ? this._failure : null;
    return [
      line(texts.__('Dask Lens is not loaded in this kernel.')),
      button,
      failure &&
        html(
          'div',
          { class: 'dask-lens-Connection-failure', role: 'alert' },
          html('p', {}, failure.reason),
          html('p', {}, texts.__('In the environment of the kernel:')),
          html('code', {}, 'pip install dask-lens')
        )
    ];
  }

  private async _load(): Promise<void> {
    const notebook = this._notebook;
    if (!notebook) {
      return;
    }
    this._isLoading = true;
    this._failure = null;
    this.update(notebook);
    try {
      await notebook.link.load();
    } catch (error) {
      this._failure = { notebook, reason: error instanceof Error ? error.message : String(error) };
    } finally {
      this._isLoading = false;
      this.update(this._notebook);
    }
  }
}

function line(text: string): HTMLElement {
  return html('p', { class: 'dask-lens-Connection-text' }, text);
}
