import { describe, expect, it, vi } from 'vitest';

import { ComparisonView } from '../src/cells/comparison';
import { comparingCell, isComparable } from '../src/cells/edits';
import type { IProposalHost } from '../src/cells/proposal';
import { NotebookModel } from '../src/model';
import { comparisonList } from '../src/panel/comparisons';
import { readComparison } from '../src/reading';
import { english } from '../src/texts';
import type { ComparisonReport, VariantReport } from '../src/wire';
import { proposal } from './reports';

const HOSTILE = '<img src=x onerror=alert(1)>';

function variant(changes: Partial<VariantReport> = {}): VariantReport {
  return {
    name: 'threads',
    runs: [1, 1.1, 0.9],
    median: 1,
    mean: 1,
    deviation: 0.1,
    half: [0.95, 1.05],
    waited: 1,
    outliers: [],
    ratio: null,
    verdict: 'about the same',
    startup: null,
    parallelism: 1.5,
    threads: 2,
    budget: null,
    cause: null,
    cpu: null,
    memory: null,
    moved: null,
    results_equal: true,
    predicted: null,
    error: null,
    ...changes
  };
}

function comparison(changes: Partial<ComparisonReport> = {}): ComparisonReport {
  return {
    version: 1,
    baseline: 'threads',
    variants: [variant()],
    recommended: 'threads',
    conclusion: 'Stay with threads: nothing is surely faster.',
    warnings: [],
    rounds: 3,
    seed: 0,
    tolerance: '',
    curve: [],
    proposal: null,
    ...changes
  };
}

function host(apply = vi.fn(() => Promise.resolve())): IProposalHost {
  return { state: () => 'ready', refusal: () => '', isTrusted: () => true, apply };
}

describe('a comparison', () => {
  it('shows every run as a dot and names of variants as text', () => {
    const shown = comparison({
      variants: [variant(), variant({ name: HOSTILE, outliers: [1], error: HOSTILE })],
      warnings: [HOSTILE],
      conclusion: HOSTILE
    });
    const { node } = new ComparisonView(shown, host(), english);
    expect(node.querySelectorAll('circle')).toHaveLength(6);
    expect(node.querySelectorAll('.dask-lens-mod-odd')).toHaveLength(1);
    expect(node.querySelector('img')).toBeNull();
  });

  it('tells of results that differ before any time', () => {
    const shown = comparison({ variants: [variant(), variant({ results_equal: false })] });
    const { node } = new ComparisonView(shown, host(), english);
    const alert = node.querySelector('[role=alert]');
    const table = node.querySelector('table');
    expect(table && alert?.compareDocumentPosition(table)).toBe(Node.DOCUMENT_POSITION_FOLLOWING);
  });

  it('tells what each variant took, and where its threads spent it', () => {
    const budget = {
      total: 2,
      cpu: 1,
      waiting: 0,
      movement: 0,
      scheduling: 1,
      dependencies: 0,
      tail: 0,
      client: 0
    };
    const took = variant({
      cpu: 0.5,
      memory: 3 << 20,
      moved: 2048,
      startup: 2,
      budget,
      cause: 'tasks ran one after another in batches of 6'
    });
    const { node } = new ComparisonView(comparison({ variants: [took] }), host(), english);
    const told = node.querySelector('.dask-lens-Costs')?.textContent;
    for (const text of [
      '1.0 s ± 100 ms',
      '500 ms',
      '+3.0 MiB',
      '2.0 KiB',
      '2.0 s',
      'in batches of 6'
    ]) {
      expect(told).toContain(text);
    }
    expect(node.querySelectorAll('.dask-lens-Costs .dask-lens-Budget-bar')).toHaveLength(1);
    const elsewhere = comparison({ variants: [{ ...took, memory: null }] });
    const card = new ComparisonView(elsewhere, host(), english);
    expect(card.node.querySelector('.dask-lens-Costs')?.textContent).toContain('could not look');
    const failed = comparison({ variants: [{ ...took, runs: [], memory: null }] });
    expect(new ComparisonView(failed, host(), english).node.textContent).not.toContain(
      'could not'
    );
    const mixed = comparison({ variants: [took, variant({ name: 'none', runs: [] })] });
    const mixedCosts = new ComparisonView(mixed, host(), english).node.querySelector(
      '.dask-lens-Costs'
    );
    expect(mixedCosts?.textContent).not.toContain('none');
    expect(mixedCosts?.textContent).not.toContain('predicted');
    const unknown = new ComparisonView(comparison(), host(), english);
    expect(unknown.node.querySelector('.dask-lens-Costs')).toBeNull();
  });

  it('applies what it recommends', () => {
    const apply = vi.fn(() => Promise.resolve());
    const taken = proposal({ safety: 'same' });
    const { node } = new ComparisonView(comparison({ proposal: taken }), host(apply), english);
    const button = [...node.querySelectorAll('button')].find(
      ({ textContent }) => textContent === 'Apply'
    );
    button?.click();
    expect(apply).toHaveBeenCalledWith(taken, false);
  });

  it('draws the measured curve over the predicted one', () => {
    const point = { speedup: 1, low: 0.9, high: 1.1, predicted: 1, serial_fraction: null };
    const curve = [
      { ...point, workers: 1 },
      { ...point, workers: 2, speedup: 1.8, predicted: null, serial_fraction: 0.11 }
    ];
    const { node } = new ComparisonView(comparison({ curve }), host(), english);
    expect(node.querySelectorAll('.dask-lens-Measured-point')).toHaveLength(2);
    expect(node.textContent).toContain('Dashed: predicted');
    expect(node.textContent).toContain('0.11');
  });

  it('of another version is not read', () => {
    expect(readComparison(comparison())).not.toBeNull();
    expect(readComparison(comparison({ version: 2 }))).toBeNull();
    expect(readComparison({ variants: 'many' })).toBeNull();
  });
});

describe('the panel', () => {
  it('tells each comparison once, and how well times were predicted', () => {
    const model = new NotebookModel();
    const told = comparison({
      variants: [variant({ predicted: { low: 0.9, mid: 1.2, high: 1.4 } })]
    });
    model.addComparison(told);
    model.addComparison({ ...told });
    expect(model.comparisons).toHaveLength(1);
    const list = comparisonList(model.comparisons, english);
    expect(list?.textContent).toContain('Stay with threads');
    expect(list?.textContent).toContain('+20 %');
    expect(list?.textContent).toContain('off by 20 % or less');
    expect(list?.textContent).not.toContain('outside');
    expect(comparisonList([], english)).toBeNull();
  });

  it('puts what was saved in the notebook before what the kernel tells, once', () => {
    const model = new NotebookModel();
    const [saved, told] = [comparison({ conclusion: 'saved' }), comparison()];
    model.addComparison(told);
    // As it is saved: the fields of each object in the order of their names.
    const sorted = Object.fromEntries(Object.entries(told).sort()) as unknown as typeof told;
    model.addComparison(sorted, true);
    model.addComparison(saved, true);
    expect(model.comparisons).toEqual([saved, told]);
  });
});

describe('a proposal', () => {
  const edit = { cell_id: 'a', cell: null, before: 'x = 1\n', after: 'x = 2\n' };

  it('is timed against what is there', () => {
    const made = comparingCell('Set\n2', edit.before, edit.after);
    expect(made).toBe('%%lens_compare\n# %% as written\nx = 1\n# %% Set 2\nx = 2');
    expect(comparingCell('Set\n2', '%%time\nx = 1\n', '%%time\nx = 2\n')).toBe(made);
  });

  it('cannot be where it is a tip, changes several cells or begins with a magic', () => {
    expect(isComparable(proposal({ edits: [edit] }))).toBe(true);
    expect(isComparable(proposal({ edits: [edit], safety: 'tip' }))).toBe(false);
    expect(isComparable(proposal({ edits: [edit, edit] }))).toBe(false);
    expect(isComparable(proposal({ edits: [{ ...edit, before: '%%bash\nx' }] }))).toBe(false);
    expect(isComparable(proposal({ edits: [{ ...edit, before: '%%timeit\nx' }] }))).toBe(false);
    expect(isComparable(proposal({ edits: [{ ...edit, before: '%%time -q\nx' }] }))).toBe(true);
  });
});
