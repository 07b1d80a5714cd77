/** What is known of one notebook: its cells' reports, and how things stand this moment. */

import type { PartialJSONValue } from '@lumino/coreutils';
import { JSONExt } from '@lumino/coreutils';
import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import type { ComparisonReport, FindingReport, Live, Parallelism, Report } from './wire';

/** Whether the kernel talks to us. */
export type Connection =
  /** There is no kernel. */
  | 'no-kernel'
  /** The kernel is not Python's. */
  | 'foreign'
  /** It has been asked and has not answered yet: it starts, or is busy. */
  | 'asking'
  /** The extension is not loaded there. */
  | 'absent'
  /** It is loaded, and observes. */
  | 'on'
  /** It is loaded, and told not to observe. */
  | 'off';

/** A report, and the texts of the cells it is about as they were when they ran. */
export interface IEntry {
  readonly report: Report;
  /** The cell that ran, as the notebook knows it; null where the report named none. */
  readonly cellId: string | null;
  /** Text by cell id, when the judged code ran. */
  readonly texts: ReadonlyMap<string, string>;
}

/** What the gauge draws. */
export interface IGauge {
  /** The latest sample; null while nothing runs. */
  readonly live: Live | null;
  /** The last minute, oldest first. */
  readonly samples: readonly Live[];
  /** What the latest run reached; null before the first. */
  readonly result: Parallelism | null;
}

/** Where a report came from, for telling the newer of two. */
interface IRank {
  /** Rises with each kernel; 0 for what was saved in the notebook. */
  readonly generation: number;
  readonly executionCount: number;
  readonly sequence: number;
}

const MINUTE = 60;
/** Comparisons that are kept. */
const COMPARISONS = 50;
const KINDS = ['wrong', 'fails', 'slow'];

/** What is known of one notebook. */
export class NotebookModel implements IDisposable {
  private _connection: Connection = 'no-kernel';
  private _generation = 1;
  private readonly _entries = new Map<string, IEntry & { readonly rank: IRank }>();
  private _comparisons: readonly ComparisonReport[] = [];
  private _live: Live | null = null;
  private _samples: readonly Live[] = [];
  private _result: Parallelism | null = null;
  private _latest: IEntry | null = null;
  private _isDisposed = false;
  private readonly _connectionChanged = new Signal<this, Connection>(this);
  private readonly _reportsChanged = new Signal<this, void>(this);
  private readonly _comparisonsChanged = new Signal<this, void>(this);
  private readonly _gaugeChanged = new Signal<this, IGauge>(this);

  /** Emitted when the kernel's answer changed. */
  get connectionChanged(): ISignal<this, Connection> {
    return this._connectionChanged;
  }

  /** Emitted when a report came or went. */
  get reportsChanged(): ISignal<this, void> {
    return this._reportsChanged;
  }

  /** Emitted when a comparison came. */
  get comparisonsChanged(): ISignal<this, void> {
    return this._comparisonsChanged;
  }

  /** Emitted when the gauge moved. */
  get gaugeChanged(): ISignal<this, IGauge> {
    return this._gaugeChanged;
  }

  get connection(): Connection {
    return this._connection;
  }

  set connection(value: Connection) {
    if (value !== this._connection) {
      this._connection = value;
      this._connectionChanged.emit(value);
    }
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** The latest report of each cell. */
  get entries(): readonly IEntry[] {
    return [...this._entries.values()];
  }

  /** What the kernel told last of a cell that ran. */
  get latest(): IEntry | null {
    return this._latest;
  }

  /** What was compared, oldest first. */
  get comparisons(): readonly ComparisonReport[] {
    return this._comparisons;
  }

  get gauge(): IGauge {
    return { live: this._live, samples: this._samples, result: this._result };
  }

  /** Whether work is going on. */
  get isRunning(): boolean {
    return this._live !== null;
  }

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      Signal.clearData(this);
    }
  }

  /**
   * Take in a report.
   *
   * @param sequence - the kernel's number of the message; null for a saved output, which
   * gives way to anything a kernel says.
   */
  add(entry: IEntry, sequence: number | null): void {
    const { cell, parallelism } = entry.report;
    const key = entry.cellId ?? `In [${String(cell.execution_count)}]`;
    const rank = {
      generation: sequence === null ? 0 : this._generation,
      executionCount: cell.execution_count ?? 0,
      sequence: sequence ?? 0
    };
    const known = this._entries.get(key);
    if (known && isOlder(rank, known.rank)) {
      return;
    }
    const ranked = { ...entry, rank };
    this._entries.set(key, ranked);
    if (parallelism && sequence !== null) {
      this._latest = ranked;
      this._result = parallelism;
      this._gaugeChanged.emit(this.gauge);
    }
    this._reportsChanged.emit();
  }

  /** Forget what was said of a cell: it ran again, or is gone. */
  remove(cellId: string): void {
    if (this._entries.delete(cellId)) {
      this._reportsChanged.emit();
    }
  }

  /**
   * Take in a comparison; one that is known, as a kernel tells all again, changes nothing.
   *
   * @param isSaved - whether it comes from the notebook's outputs: from before anything that a
   * kernel says.
   */
  addComparison(comparison: ComparisonReport, isSaved = false): void {
    // A saved one has its fields in another order.
    if (this._comparisons.some(known => JSONExt.deepEqual(plain(known), plain(comparison)))) {
      return;
    }
    const known = this._comparisons;
    const all = isSaved ? [comparison, ...known] : [...known, comparison];
    this._comparisons = all.slice(-COMPARISONS);
    this._comparisonsChanged.emit();
  }

  /** Take in a sample of the gauge. */
  addSample(sample: Live): void {
    const last = this._samples[this._samples.length - 1];
    if (last && sample.time <= last.time) {
      return;
    }
    const recent = this._samples.filter(({ time }) => time > sample.time - MINUTE);
    this._samples = [...recent, sample];
    this._live = sample.elapsed > 0 || sample.running > 0 ? sample : null;
    this._gaugeChanged.emit(this.gauge);
  }

  /** The kernel was replaced or restarted: what ran there is over. */
  startGeneration(): void {
    this._generation += 1;
    this._live = null;
    this._samples = [];
    this._gaugeChanged.emit(this.gauge);
  }
}

/** Entries of cells that used Dask and in which nothing was found. */
export function clean(entries: readonly IEntry[]): readonly IEntry[] {
  return entries.filter(
    ({ report }) => report.findings.length === 0 && report.computations.length > 0
  );
}

/** Entries with findings, the worst first. */
export function ranked(entries: readonly IEntry[]): readonly IEntry[] {
  return entries
    .filter(({ report }) => report.findings.length > 0)
    .sort((a, b) => compareFindings(a.report.findings[0], b.report.findings[0]));
}

function compareFindings(a: FindingReport | undefined, b: FindingReport | undefined): number {
  if (!a || !b) {
    return 0;
  }
  return KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind) || (b.cost ?? 0) - (a.cost ?? 0);
}

function plain(comparison: ComparisonReport): PartialJSONValue {
  return comparison as unknown as PartialJSONValue;
}

function isOlder(a: IRank, b: IRank): boolean {
  return (
    (a.generation - b.generation ||
      a.executionCount - b.executionCount ||
      a.sequence - b.sequence) < 0
  );
}
