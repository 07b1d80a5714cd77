import { Text, ChangeSet } from '@codemirror/state';
import { describe, expect, it } from 'vitest';

import type { IMark } from '../src/cells/squiggles';
import { diagnosticsFor, moved } from '../src/cells/squiggles';
import { SLOW, finding } from './reports';

function mark(changes: Parameters<typeof finding>[0] = {}): IMark {
  return {
    finding: finding(changes),
    judged: SLOW,
    render: () => document.createElement('p')
  };
}

function change(from: number, to: number, insert: string): ChangeSet {
  return ChangeSet.of({ from, to, insert: Text.of(insert.split('\n')) }, SLOW.length);
}

describe('marks', () => {
  it('are not drawn on any other text', () => {
    expect(diagnosticsFor([mark()], `${SLOW} `)).toEqual([]);
  });

  it('are not drawn without a line', () => {
    expect(diagnosticsFor([mark({ line: null })], SLOW)).toEqual([]);
  });

  it('are drawn under the code that was judged, by their kind', () => {
    const [drawn] = diagnosticsFor([mark({ kind: 'fails' })], SLOW);
    expect(SLOW.slice(drawn?.from, drawn?.to)).toBe('joined.compute(scheduler="processes")');
    expect(drawn?.severity).toBe('error');
    expect(drawn?.markClass).toContain('dask-lens-mod-fails');
  });
});

describe('when the text changes, a mark', () => {
  const drawn = diagnosticsFor([mark()], SLOW);

  it.each([
    ['inside it', change(25, 26, 'x')],
    ['before it on its line', change(12, 13, 'x')],
    ['at the end of its line', change(SLOW.length - 1, SLOW.length - 1, ' # x')],
    ['around it', change(0, SLOW.length, '')]
  ])('is dropped where the change is %s', (_, changes) => {
    expect(moved(drawn, changes, SLOW)).toEqual([]);
  });

  it('moves with its line', () => {
    const [kept] = moved(drawn, change(0, 0, '# new\n'), SLOW);
    expect(kept?.from).toBe((drawn[0]?.from ?? 0) + 6);
  });

  it('stays where the change is behind it', () => {
    const [kept] = moved(drawn, change(SLOW.length, SLOW.length, 'x = 1'), SLOW);
    expect(kept?.from).toBe(drawn[0]?.from);
  });
});
