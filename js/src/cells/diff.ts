/** What a proposal changes, line by line. */

import { html } from '../dom';

/** One line of a diff. */
export interface ILine {
  readonly sign: '+' | '-' | ' ';
  readonly text: string;
}

/** Unchanged lines shown around a change. */
const CONTEXT = 2;

/** Compare two texts by their longest common lines. */
export function diffLines(before: string, after: string): readonly ILine[] {
  const [old, now] = [linesOf(before), linesOf(after)];
  const common = commonLengths(old, now);
  const lines: ILine[] = [];
  let i = 0;
  let j = 0;
  while (i < old.length || j < now.length) {
    if (i < old.length && j < now.length && old[i] === now[j]) {
      lines.push({ sign: ' ', text: old[i] ?? '' });
      i += 1;
      j += 1;
    } else if (
      j >= now.length ||
      (i < old.length && at(common, i + 1, j) >= at(common, i, j + 1))
    ) {
      lines.push({ sign: '-', text: old[i] ?? '' });
      i += 1;
    } else {
      lines.push({ sign: '+', text: now[j] ?? '' });
      j += 1;
    }
  }
  return lines;
}

/** Draw a diff: the changes with a little around them. */
export function diffView(before: string, after: string): HTMLElement {
  const lines = diffLines(before, after);
  const near = (index: number): boolean =>
    lines
      .slice(Math.max(0, index - CONTEXT), index + CONTEXT + 1)
      .some(({ sign }) => sign !== ' ');
  const view = html('pre', { class: 'dask-lens-Diff', tabindex: 0 });
  let gap = false;
  lines.forEach(({ sign, text }, index) => {
    if (near(index)) {
      const kind = { '+': 'added', '-': 'removed', ' ': 'kept' }[sign];
      view.append(
        html('span', { class: `dask-lens-Diff-line dask-lens-mod-${kind}` }, `${sign} ${text}\n`)
      );
      gap = false;
    } else if (!gap) {
      view.append(html('span', { class: 'dask-lens-Diff-line dask-lens-mod-gap' }, '⋯\n'));
      gap = true;
    }
  });
  return view;
}

function linesOf(text: string): readonly string[] {
  return text.replace(/\n$/, '').split('\n');
}

/** Length of the longest common tail of lines, for every pair of starts. */
function commonLengths(old: readonly string[], now: readonly string[]): readonly number[][] {
  const lengths = Array.from({ length: old.length + 1 }, () =>
    new Array<number>(now.length + 1).fill(0)
  );
  for (let i = old.length - 1; i >= 0; i--) {
    const row = lengths[i] ?? [];
    for (let j = now.length - 1; j >= 0; j--) {
      row[j] =
        old[i] === now[j]
          ? at(lengths, i + 1, j + 1) + 1
          : Math.max(at(lengths, i + 1, j), at(lengths, i, j + 1));
    }
  }
  return lengths;
}

function at(lengths: readonly number[][], i: number, j: number): number {
  return lengths[i]?.[j] ?? 0;
}
