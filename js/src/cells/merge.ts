/** Several changes of one text put together, line by line. */

import { diffLines } from './diff';

/** Lines of a text, counted from 0, and what stands for them afterwards. */
interface IHunk {
  readonly from: number;
  /** The line after the last; as `from` where lines are only put in. */
  readonly to: number;
  readonly lines: readonly string[];
}

/** More versions than this are not tried against each other. */
const MOST_VERSIONS = 8;

/**
 * What several versions of a text change, all in one: a change that two of them make is made
 * once.
 *
 * @returns null where two of them change the same lines, each in its way.
 */
export function merge(before: string, versions: readonly string[]): string | null {
  const all = new Map<string, IHunk>();
  for (const hunk of versions.flatMap(version => hunksOf(before, version))) {
    all.set(JSON.stringify(hunk), hunk);
  }
  const hunks = [...all.values()].sort((a, b) => a.from - b.from || a.to - b.to);
  const lines = before.split('\n');
  const made: string[] = [];
  let next = 0;
  let last: IHunk | null = null;
  for (const hunk of hunks) {
    if (hunk.from < next || (last && isAmbiguous(last, hunk))) {
      return null;
    }
    made.push(...lines.slice(next, hunk.from), ...hunk.lines);
    next = hunk.to;
    last = hunk;
  }
  return [...made, ...lines.slice(next)].join('\n');
}

/**
 * What a text becomes by a change, where other changes may have been made to it already.
 *
 * @param before - the text that all of these changes were made for.
 * @param now - the text as it is.
 * @param after - the text with the change alone.
 * @param others - the text with each of the other changes alone.
 * @returns `now` itself where the change has been made; null where the text holds something
 * that none of the changes explains, or where they are at odds.
 */
export function rebase(
  before: string,
  now: string,
  after: string,
  others: readonly string[]
): string | null {
  const possible = [...new Set([after, ...others])]
    .filter(version => hunksOf(before, version).every(({ lines }) => holds(now, lines)))
    .slice(0, MOST_VERSIONS);
  const made = subsets(possible).find(some => merge(before, some) === now);
  return made ? merge(before, [...made, after]) : null;
}

/** Where a line is now, counted from 1; null where it was taken out or cut up. */
export function lineNow(before: string, now: string, line: number): number | null {
  let shift = 0;
  for (const { from, to, lines } of hunksOf(before, now)) {
    if (line - 1 < from) {
      break;
    }
    const grown = lines.length - (to - from);
    if (line - 1 < to && grown !== 0) {
      return null;
    }
    shift += grown;
  }
  return line + shift;
}

function hunksOf(before: string, after: string): readonly IHunk[] {
  const hunks: IHunk[] = [];
  let line = 0;
  let from: number | null = null;
  let lines: string[] = [];
  const close = (): void => {
    if (from !== null) {
      hunks.push({ from, to: line, lines });
      from = null;
      lines = [];
    }
  };
  // It leaves out the last line break, which counts here.
  for (const { sign, text } of diffLines(`${before}\n`, `${after}\n`)) {
    if (sign === ' ') {
      close();
    } else {
      from ??= line;
    }
    if (sign === '+') {
      lines.push(text);
    } else {
      line += 1;
    }
  }
  close();
  return hunks;
}

/** Whether two changes put lines in at one place, where their order would matter. */
function isAmbiguous(a: IHunk, b: IHunk): boolean {
  const isOnlyPutIn = a.from === a.to && b.from === b.to && a.from === b.from;
  return isOnlyPutIn && ![...a.lines, ...b.lines].every(line => /^(from|import)\s/.test(line));
}

function holds(text: string, lines: readonly string[]): boolean {
  return `\n${text}\n`.includes(`\n${lines.map(line => `${line}\n`).join('')}`);
}

/** All of them, the smaller ones first. */
function subsets<T>(items: readonly T[]): readonly (readonly T[])[] {
  let found: (readonly T[])[] = [[]];
  for (const item of items) {
    found = [...found, ...found.map(some => [...some, item])];
  }
  return found.sort((a, b) => a.length - b.length);
}
