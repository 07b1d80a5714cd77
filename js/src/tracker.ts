/** Gives each open notebook its model and its line to the kernel, and ties the two. */

import type { ICodeCellModel } from '@jupyterlab/cells';
import { NotebookActions } from '@jupyterlab/notebook';
import type { INotebookTracker, Notebook, NotebookPanel } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import { Deeds } from './cells/deeds';
import { cellOfFinding, textsOf } from './cells/places';
import { KernelLink } from './comm';
import type { Connection, IEntry } from './model';
import { NotebookModel } from './model';
import { read, readComparison, readReport } from './reading';
import type { Message } from './comm';
import type { ILensNotebook, ILensTracker } from './tokens';
import type { ComparisonReport, Report } from './wire';

/** The MIME type of a report in a cell's outputs. */
export const MIME_TYPE = 'application/vnd.dask-lens.report+json';

/** The MIME type of a comparison in a cell's outputs. */
export const COMPARISON_TYPE = 'application/vnd.dask-lens.comparison+json';

/** The open notebooks. */
export class LensTracker implements ILensTracker {
  private readonly _tracker: INotebookTracker;
  private readonly _trans: TranslationBundle;
  private readonly _notebooks = new Map<NotebookPanel, LensNotebook>();
  private readonly _added = new Signal<this, ILensNotebook>(this);
  private readonly _currentChanged = new Signal<this, ILensNotebook | null>(this);

  constructor(tracker: INotebookTracker, trans: TranslationBundle) {
    this._tracker = tracker;
    this._trans = trans;
    tracker.forEach(panel => {
      this._add(panel);
    });
    tracker.widgetAdded.connect((_, panel) => {
      this._add(panel);
    }, this);
    tracker.currentChanged.connect(() => {
      this._currentChanged.emit(this.current);
    }, this);
  }

  get current(): ILensNotebook | null {
    const panel = this._tracker.currentWidget;
    return (panel && this._notebooks.get(panel)) ?? null;
  }

  get currentChanged(): ISignal<this, ILensNotebook | null> {
    return this._currentChanged;
  }

  get added(): ISignal<this, ILensNotebook> {
    return this._added;
  }

  get notebooks(): readonly ILensNotebook[] {
    return [...this._notebooks.values()];
  }

  private _add(panel: NotebookPanel): void {
    const notebook = new LensNotebook(panel, this._trans);
    this._notebooks.set(panel, notebook);
    panel.disposed.connect(() => {
      this._notebooks.delete(panel);
      notebook.dispose();
    }, this);
    this._added.emit(notebook);
    if (this._tracker.currentWidget === panel) {
      this._currentChanged.emit(notebook);
    }
  }
}

class LensNotebook implements ILensNotebook {
  readonly model = new NotebookModel();
  readonly link: KernelLink;
  readonly deeds: Deeds;
  /** Texts by cell id, as they were when the cell was last sent to the kernel. */
  private readonly _ran = new Map<string, string>();
  /** Cells that run now and of which nothing new was said yet. */
  private readonly _silent = new Set<string>();

  constructor(
    readonly panel: NotebookPanel,
    trans: TranslationBundle
  ) {
    this.deeds = new Deeds(panel, trans, () => this.model.entries);
    this.link = new KernelLink(panel.sessionContext);
    this.link.told.connect(this._onTold, this);
    this.link.connectionChanged.connect(this._onConnectionChanged, this);
    this.link.kernelReplaced.connect(this._onKernelReplaced, this);
    NotebookActions.executionScheduled.connect(this._onScheduled, this);
    NotebookActions.executed.connect(this._onExecuted, this);
    void panel.context.ready.then(() => {
      this._readOutputs();
    });
  }

  dispose(): void {
    Signal.clearData(this);
    this.link.dispose();
    this.deeds.dispose();
    this.model.dispose();
  }

  private _onTold(_: KernelLink, message: Message): void {
    if (message.kind === 'gauge') {
      const sample = read('Live', message.content);
      if (sample) {
        this.model.addSample(sample);
      }
      return;
    }
    if (message.kind === 'comparison') {
      const comparison = readComparison(message.content);
      if (comparison) {
        this.model.addComparison(comparison);
      }
      return;
    }
    const report = readReport(message.content);
    if (!report) {
      return;
    }
    const id = report.cell.cell_id;
    if (!this._isOurs(report)) {
      return; // a console or another notebook on the same kernel, or a cell that is gone
    }
    this._silent.delete(id ?? '');
    this.model.add(this._entry(report, id), message.sequence);
  }

  private _isOurs({ cell, findings }: Report): boolean {
    const texts = textsOf(this.panel);
    return cell.cell_id === null
      ? findings.some(finding => cellOfFinding(finding, texts, null) !== null)
      : texts.has(cell.cell_id);
  }

  private _onConnectionChanged(_: KernelLink, connection: Connection): void {
    this.model.connection = connection;
  }

  private _onKernelReplaced(): void {
    this.model.startGeneration();
  }

  private _onScheduled(
    _: unknown,
    { notebook, cell }: { notebook: Notebook; cell: Notebook['widgets'][0] }
  ): void {
    if (notebook === this.panel.content) {
      this._ran.set(cell.model.id, cell.model.sharedModel.getSource());
      this._silent.add(cell.model.id);
    }
  }

  private _onExecuted(
    _: unknown,
    { notebook, cell }: { notebook: Notebook; cell: Notebook['widgets'][0] }
  ): void {
    if (notebook === this.panel.content && this._silent.delete(cell.model.id)) {
      // What is known of it is about an earlier run.
      this.model.remove(cell.model.id);
    }
  }

  /** Take in the reports and comparisons that were saved with the notebook. */
  private _readOutputs(): void {
    const comparisons: ComparisonReport[] = [];
    for (const cell of this.panel.model?.cells ?? []) {
      if (cell.type !== 'code') {
        continue;
      }
      const { outputs } = cell as ICodeCellModel;
      for (let i = 0; i < outputs.length; i++) {
        const { data } = outputs.get(i);
        const comparison = readComparison(data[COMPARISON_TYPE]);
        if (comparison) {
          comparisons.unshift(comparison);
        }
        const report = readReport(data[MIME_TYPE]);
        if (report && !this._isShownElsewhere(report, cell.id)) {
          this.model.add(this._entry(report, cell.id), null);
        }
      }
    }
    // The last first, as each goes before those that are there.
    for (const comparison of comparisons) {
      this.model.addComparison(comparison, true);
    }
  }

  /** Whether a report is of another cell of this notebook, and only shown again in this one. */
  private _isShownElsewhere({ cell }: Report, cellId: string): boolean {
    const id = cell.cell_id;
    return id !== null && id !== cellId && textsOf(this.panel).has(id);
  }

  private _entry(report: Report, cellId: string | null): IEntry {
    const texts = new Map([...textsOf(this.panel), ...this._ran]);
    for (const { edits } of report.findings.flatMap(({ proposals }) => proposals)) {
      for (const { cell_id: id, before } of edits) {
        if (id !== null) {
          texts.set(id, before);
        }
      }
    }
    return { report, cellId, texts };
  }
}
