/** The status bar item: how parallel, and how many findings. */

import type { TranslationBundle } from '@jupyterlab/translation';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';
import { Widget } from '@lumino/widgets';

import { html } from '../dom';
import type { ILensNotebook, ILensTracker } from '../tokens';
import { parallel } from '../units';

/** The item; a click opens the panel. */
export class StatusItem extends Widget {
  private readonly _tracker: ILensTracker;
  private readonly _trans: TranslationBundle;
  private readonly _button: HTMLButtonElement;
  private readonly _activeStateChanged = new Signal<this, void>(this);
  private _notebook: ILensNotebook | null = null;

  constructor(tracker: ILensTracker, trans: TranslationBundle, open: () => void) {
    super();
    this._tracker = tracker;
    this._trans = trans;
    this._button = html('button', {
      type: 'button',
      class: 'dask-lens-StatusItem jp-StatusBar-TextItem',
      title: trans.__('Show the Dask Lens panel'),
      on: { click: open }
    });
    this.addClass('jp-mod-highlighted');
    this.node.append(this._button);
    tracker.currentChanged.connect(this._onCurrentChanged, this);
    this._onCurrentChanged(tracker, tracker.current);
  }

  /** Emitted when the item has, or no longer has, something to say. */
  get activeStateChanged(): ISignal<this, void> {
    return this._activeStateChanged;
  }

  /** Whether there is something to say. */
  get isActive(): boolean {
    return this._button.textContent !== '';
  }

  override dispose(): void {
    if (!this.isDisposed) {
      this._tracker.currentChanged.disconnect(this._onCurrentChanged, this);
      this._leave();
      super.dispose();
    }
  }

  private _onCurrentChanged(_: ILensTracker, notebook: ILensNotebook | null): void {
    this._leave();
    this._notebook = notebook;
    notebook?.model.gaugeChanged.connect(this._draw, this);
    notebook?.model.reportsChanged.connect(this._draw, this);
    notebook?.model.connectionChanged.connect(this._draw, this);
    this._draw();
  }

  private _leave(): void {
    const model = this._notebook?.model;
    model?.gaugeChanged.disconnect(this._draw, this);
    model?.reportsChanged.disconnect(this._draw, this);
    model?.connectionChanged.disconnect(this._draw, this);
    this._notebook = null;
  }

  private _draw(): void {
    const wasActive = this.isActive;
    const parts = [this._parallelism(), this._findings()].filter(part => part !== null);
    this._button.textContent = parts.join(' · ');
    if (wasActive !== this.isActive) {
      this._activeStateChanged.emit();
    }
  }

  private _parallelism(): string | null {
    const { live, result } = this._notebook?.model.gauge ?? { live: null, result: null };
    if (live) {
      return this._trans.__('%1 of %2 running', live.running, live.threads);
    }
    return (
      result && this._trans.__('%1 of %2 in parallel', parallel(result.achieved), result.threads)
    );
  }

  private _findings(): string | null {
    const model = this._notebook?.model;
    const found = model?.entries.reduce((sum, { report }) => sum + report.findings.length, 0) ?? 0;
    if (found === 0 && model?.gauge.result == null) {
      return null;
    }
    return this._trans._n('%1 finding', '%1 findings', found);
  }
}
