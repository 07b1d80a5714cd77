import { describe, expect, it } from 'vitest';

import { cellOfFinding, spanOf } from '../src/cells/places';
import { SLOW, finding } from './reports';

function marked(text: string, changes: Parameters<typeof finding>[0]): string | null {
  const span = spanOf(finding(changes), text);
  return span && text.slice(span.from, span.to);
}

describe('the stretch that is marked', () => {
  it('is none without a line, or with one that is not there', () => {
    expect(marked(SLOW, { line: null })).toBeNull();
    expect(marked(SLOW, { line: 7 })).toBeNull();
  });

  it('is what the finding names', () => {
    expect(marked(SLOW, {})).toBe('joined.compute(scheduler="processes")');
  });

  it('is the line without its indentation where no column is known', () => {
    const only = { line: 2, column: null, end_line: null, end_column: null };
    expect(marked('for x in y:\n    x.compute()\n', only)).toBe('x.compute()');
  });

  it('may go over several lines', () => {
    const both = { line: 1, column: 5, end_line: 2, end_column: 2 };
    expect(marked('a = b(\n)', both)).toBe('b(\n)');
  });

  it('counts characters as Python does', () => {
    const call = { line: 1, column: 8, end_line: 1, end_column: 11 };
    expect(marked('"🐍🐍" + f()', call)).toBe('f()');
  });

  it('never leaves the text', () => {
    expect(marked('short', { line: 1, column: 3, end_line: 9, end_column: 99 })).toBe('ort');
  });
});

describe('the cell of a finding', () => {
  it('is the one it names', () => {
    expect(cellOfFinding(finding(), new Map([['a', 'anything']]), 'b')).toBe('a');
  });

  it('is the one that holds the text to change, for a notebook that ran elsewhere', () => {
    const edits = [{ cell_id: null, cell: null, before: SLOW, after: '' }];
    const moved = finding({ cell_id: null });
    const found = { ...moved, proposals: moved.proposals.map(one => ({ ...one, edits })) };
    expect(cellOfFinding(found, new Map([['z', SLOW]]), 'b')).toBe('z');
  });

  it('is the one it is shown in where nothing better is known', () => {
    expect(cellOfFinding(finding({ proposals: [] }), new Map(), 'b')).toBe('b');
  });
});
