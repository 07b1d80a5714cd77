/** Reports for tests; the compiler checks them against the wire. */

import type { FindingReport, Live, Proposal, Report } from '../src/wire';

export const SLOW = 'import dask\nresult = joined.compute(scheduler="processes")\n';
export const FAST = SLOW.replace(')', ', chunksize=1)');

export function proposal(changes: Partial<Proposal> = {}): Proposal {
  return {
    name: 'set-chunksize',
    safety: 'same',
    title: 'Send one task at a time',
    edits: [{ cell_id: 'a', cell: null, before: SLOW, after: FAST }],
    estimate: { low: 1, mid: 1.5, high: 2 },
    unpredicted: null,
    ...changes
  };
}

export function finding(changes: Partial<FindingReport> = {}): FindingReport {
  return {
    code: 'DSK201',
    name: 'processes-small-batch',
    kind: 'slow',
    certainty: 'seen',
    message: '2 tasks went to 1 of 4 processes',
    advice: 'Send them one by one.',
    cost: 14.9,
    cell_id: 'a',
    cell: null,
    line: 2,
    column: 10,
    end_line: 2,
    end_column: 47,
    evidence: { tasks: 2, chunksize: 6 },
    proposals: [proposal()],
    untouched: [],
    ...changes
  };
}

export function report(changes: Partial<Report> = {}): Report {
  return {
    version: 1,
    cell: { cell_id: 'a', execution_count: 1 },
    headline: '1.0 of 4 in parallel',
    computations: [],
    parallelism: { achieved: 1, threads: 4, ceiling: 2, available: null },
    budget: null,
    findings: [finding()],
    not_judged: [],
    efficiencies: null,
    limit: null,
    ...changes
  };
}

export function sample(time: number, running = 2): Live {
  return { time, running, threads: 4, done: 1, total: 9, elapsed: 1, accounts: {} };
}
