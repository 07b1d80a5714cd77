/** Marks under the code that a finding speaks of, with the fix in their tooltip. */

import type { Diagnostic } from '@codemirror/lint';
import { diagnosticCount, setDiagnostics } from '@codemirror/lint';
import type { ChangeDesc, Extension } from '@codemirror/state';
import type { EditorView, ViewUpdate } from '@codemirror/view';
import { ViewPlugin } from '@codemirror/view';

import { kindClass } from './finding';
import { lineSpans, spanOf } from './places';
import type { FindingReport } from '../wire';

/** One mark as it was when the code was judged. */
export interface IMark {
  readonly finding: FindingReport;
  /** The cell's text when it was judged; positions count in this text. */
  readonly judged: string;
  /** What the tooltip shows, with the fix where it fits; built anew each time it opens. */
  readonly render: () => HTMLElement;
}

/** A mark as CodeMirror draws it. */
export interface IDrawn extends Diagnostic {
  readonly mark: IMark;
}

/** Where the marks of one cell come from. */
export interface IMarkSource {
  marks(): readonly IMark[];
  /** Call back when `marks` would answer otherwise; returns what ends that. */
  watch(changed: () => void): () => void;
}

/** A CodeMirror extension that draws the marks of one cell. */
export function squiggles(source: IMarkSource): Extension {
  return ViewPlugin.define(view => new Squiggles(view, source));
}

class Squiggles {
  private _shown: readonly IDrawn[] = [];
  private _scheduled = 0;
  private readonly _unwatch: () => void;

  constructor(
    private readonly _view: EditorView,
    private readonly _source: IMarkSource
  ) {
    this._unwatch = _source.watch(() => {
      this._schedule(() => diagnosticsFor(this._source.marks(), this._text));
    });
    this._schedule(() => diagnosticsFor(this._source.marks(), this._text));
  }

  update(update: ViewUpdate): void {
    if (!update.docChanged) {
      return;
    }
    const before = update.startState.doc.toString();
    const kept = moved(this._shown, update.changes, before);
    this._shown = kept;
    const judged = diagnosticsFor(this._source.marks(), this._text);
    this._schedule(() => (judged.length > 0 ? judged : kept));
  }

  destroy(): void {
    window.clearTimeout(this._scheduled);
    this._unwatch();
  }

  private get _text(): string {
    return this._view.state.doc.toString();
  }

  /** CodeMirror allows no dispatch while it updates. */
  private _schedule(drawn: () => readonly IDrawn[]): void {
    window.clearTimeout(this._scheduled);
    this._scheduled = window.setTimeout(() => {
      const next = drawn();
      if (next.length > 0 || diagnosticCount(this._view.state) > 0) {
        this._view.dispatch(setDiagnostics(this._view.state, next));
      }
      this._shown = next;
    });
  }
}

/** The diagnostics of marks whose judged text is the text there is. */
export function diagnosticsFor(marks: readonly IMark[], text: string): readonly IDrawn[] {
  const found: IDrawn[] = [];
  for (const mark of marks) {
    const { finding, judged, render } = mark;
    const span = judged === text ? spanOf(finding, text) : null;
    if (span) {
      found.push({
        ...span,
        mark,
        severity: finding.kind === 'slow' ? 'warning' : 'error',
        message: finding.message,
        markClass: `dask-lens-mark dask-lens-mod-${kindClass(finding.kind)}`,
        renderMessage: render
      });
    }
  }
  return found;
}

/** Marks carried through a change of the text: dropped where their line was touched. */
export function moved(
  drawn: readonly IDrawn[],
  changes: ChangeDesc,
  before: string
): readonly IDrawn[] {
  const lines = lineSpans(before);
  return drawn.flatMap(one => {
    const { from, to } = one;
    const start = lines.find(line => line.to >= from)?.from ?? from;
    const end = lines.find(line => line.to >= to)?.to ?? to;
    if (changes.touchesRange(start, end) !== false) {
      return [];
    }
    return [{ ...one, from: changes.mapPos(from), to: changes.mapPos(to) }];
  });
}
