/** Changes to the text of cells, worked out on strings alone. */

import type { Proposal } from '../wire';
import type { ISpan } from './places';
import { lineSpans } from './places';

/** The one stretch in which two texts differ. */
export interface IChange {
  readonly from: number;
  readonly to: number;
  readonly insert: string;
}

const IGNORE = /#\s*dask-lens:\s*ignore(?:\[([^\]]*)\])?/i;

/** The smallest single change from one text to another. */
export function smallestChange(before: string, after: string): IChange {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before[start] === after[start]) {
    start += 1;
  }
  let end = 0;
  while (
    end < shorter - start &&
    before[before.length - 1 - end] === after[after.length - 1 - end]
  ) {
    end += 1;
  }
  return { from: start, to: before.length - end, insert: after.slice(start, after.length - end) };
}

/** Whether two versions of one cell can be timed against each other. */
export function isComparable({ edits, safety }: Proposal): boolean {
  const [edit] = edits;
  return (
    safety !== 'tip' &&
    edits.length === 1 &&
    edit !== undefined &&
    [edit.before, edit.after].every(text => !/^\s*(%%|#\s*%%)/m.test(bare(text)))
  );
}

/** A cell without the magic above it that only looks on. */
function bare(text: string): string {
  return text.replace(/^\s*%%(time|lens)\b.*\n/, '');
}

/** A cell that times what is there against what a proposal makes of it. */
export function comparingCell(title: string, now: string, next: string): string {
  const [written, proposed] = [now, next].map(text => bare(text).trim());
  const name = title.replace(/\s+/g, ' ');
  return `%%lens_compare\n# %% as written\n${written ?? ''}\n# %% ${name}\n${proposed ?? ''}`;
}

/** The lines of a finding, from 1. */
export interface ILines {
  readonly line: number;
  readonly endLine: number;
}

/** Whether a comment silences a rule on one of these lines, or alone on the line above. */
export function isIgnored(text: string, lines: ILines, rule: string): boolean {
  return commentsAt(text, lines).some(({ rules }) => rules.length === 0 || rules.includes(rule));
}

/**
 * The change that silences a rule on these lines: in a comment that is there, else at the end
 * of the first line, else on a line of its own above.
 *
 * @returns null where no comment can stand: the line is not there, or is part of a string.
 */
export function ignoreChange(text: string, lines: ILines, rule: string): IChange | null {
  const span = lineSpans(text)[lines.line - 1];
  if (!span) {
    return null;
  }
  const [comment] = commentsAt(text, lines);
  if (comment) {
    return { ...comment.span, insert: ignoreComment([...comment.rules, rule]) };
  }
  const content = text.slice(span.from, span.to);
  if (!goesOn(content)) {
    const from = span.from + content.trimEnd().length;
    return { from, to: span.to, insert: `  ${ignoreComment([rule])}` };
  }
  if (goesOn(text.slice(0, span.from).trimEnd())) {
    return null;
  }
  const indent = /^\s*/.exec(content)?.[0] ?? '';
  return { from: span.from, to: span.from, insert: `${indent}${ignoreComment([rule])}\n` };
}

interface IComment {
  readonly span: ISpan;
  /** Names of the rules that it silences; empty for all. */
  readonly rules: readonly string[];
}

function commentsAt(text: string, { line, endLine }: ILines): readonly IComment[] {
  const spans = lineSpans(text);
  return spans.slice(Math.max(0, line - 2), endLine).flatMap((span, index) => {
    const content = text.slice(span.from, span.to);
    const comment = IGNORE.exec(content);
    const isAbove = index === 0 && line > 1;
    if (!comment || (isAbove && content.slice(0, comment.index).trim() !== '')) {
      return [];
    }
    const from = span.from + comment.index;
    const rules = (comment[1] ?? '')
      .split(',')
      .map(name => name.trim().toLowerCase().replace(/_/g, '-'))
      .filter(name => name !== '');
    return [{ span: { from, to: from + comment[0].length }, rules }];
  });
}

/** Whether what follows this text would be part of it: of a string, or after a backslash. */
function goesOn(text: string): boolean {
  const quotes = text.match(/"""|'''/g)?.length ?? 0;
  return text.trimEnd().endsWith('\\') || quotes % 2 === 1;
}

function ignoreComment(rules: readonly string[]): string {
  return `# dask-lens: ignore[${rules.join(', ')}]`;
}
