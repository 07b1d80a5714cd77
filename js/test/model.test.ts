import { describe, expect, it } from 'vitest';

import type { IEntry } from '../src/model';
import { NotebookModel, ranked } from '../src/model';
import type { Report } from '../src/wire';
import { finding, report, sample } from './reports';

function entry(changes: Partial<Report> = {}, cellId: string | null = 'a'): IEntry {
  return { report: report(changes), cellId, texts: new Map() };
}

function run(executionCount: number, headline: string): Partial<Report> {
  return { cell: { cell_id: 'a', execution_count: executionCount }, headline };
}

function headlines(model: NotebookModel): readonly string[] {
  return model.entries.map(({ report: { headline } }) => headline);
}

describe('of several reports of a cell', () => {
  it('the latest run wins, whatever comes in last', () => {
    const model = new NotebookModel();
    model.add(entry(run(2, 'second')), 20);
    model.add(entry(run(1, 'first')), 0);
    expect(headlines(model)).toEqual(['second']);
  });

  it('the later word on the same run wins', () => {
    const model = new NotebookModel();
    model.add(entry(run(1, 'still running')), 10);
    model.add(entry(run(1, 'done')), 11);
    model.add(entry(run(1, 'still running')), 10);
    expect(headlines(model)).toEqual(['done']);
  });

  it('a kernel has more to say than a saved output', () => {
    const model = new NotebookModel();
    model.add(entry(run(1, 'live')), 0);
    model.add(entry(run(9, 'saved')), null);
    expect(headlines(model)).toEqual(['live']);
  });

  it('a new kernel counts from one again', () => {
    const model = new NotebookModel();
    model.add(entry(run(9, 'old kernel')), 10);
    model.startGeneration();
    model.add(entry(run(1, 'new kernel')), 11);
    expect(headlines(model)).toEqual(['new kernel']);
  });
});

describe('the gauge', () => {
  it('forgets samples after a minute', () => {
    const model = new NotebookModel();
    [100, 130, 161].forEach(time => {
      model.addSample(sample(time));
    });
    expect(model.gauge.samples.map(({ time }) => time)).toEqual([130, 161]);
  });

  it('takes each sample once', () => {
    const model = new NotebookModel();
    model.addSample(sample(1));
    model.addSample(sample(1));
    expect(model.gauge.samples).toHaveLength(1);
  });

  it('is at rest after the last sample of a run', () => {
    const model = new NotebookModel();
    model.addSample(sample(1));
    expect(model.gauge.live).not.toBeNull();
    model.addSample({ ...sample(2, 0), elapsed: 0 });
    expect(model.gauge.live).toBeNull();
  });

  it('settles on what a run reached, but not on what a saved one did', () => {
    const model = new NotebookModel();
    model.add(entry(), null);
    expect(model.gauge.result).toBeNull();
    model.add(entry(run(2, 'live')), 1);
    expect(model.gauge.result?.ceiling).toBe(2);
  });

  it('is at rest when the kernel is gone', () => {
    const model = new NotebookModel();
    model.addSample(sample(1));
    model.startGeneration();
    expect(model.gauge).toMatchObject({ live: null, samples: [] });
  });
});

describe('signals', () => {
  it('say what happened, and nothing after the end', () => {
    const model = new NotebookModel();
    const heard: string[] = [];
    model.reportsChanged.connect(() => heard.push('reports'));
    model.connectionChanged.connect((_, connection) => heard.push(connection));
    model.connection = 'on';
    model.connection = 'on';
    model.add(entry(), 1);
    model.remove('a');
    model.remove('a');
    model.dispose();
    model.add(entry(), 2);
    expect(heard).toEqual(['on', 'reports', 'reports']);
  });
});

describe('ranking', () => {
  it('puts wrong results before hangs before lost seconds, and the costly first', () => {
    const entries = [
      entry({ headline: 'cheap', findings: [finding({ cost: 1 })] }),
      entry({ headline: 'silent', findings: [] }),
      entry({ headline: 'fails', findings: [finding({ kind: 'fails', cost: null })] }),
      entry({ headline: 'dear', findings: [finding({ cost: 9 })] }),
      entry({ headline: 'wrong', findings: [finding({ kind: 'wrong', cost: null })] })
    ];
    const order = ranked(entries).map(({ report: { headline } }) => headline);
    expect(order).toEqual(['wrong', 'fails', 'dear', 'cheap']);
  });
});
