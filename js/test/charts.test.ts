import { describe, expect, it } from 'vitest';

import { amountsOf, budgetBar } from '../src/charts/budget';
import { GaugeView } from '../src/charts/gauge';
import { steps } from '../src/charts/sparkline';
import { english } from '../src/texts';
import type { Budget } from '../src/wire';
import { report, sample } from './reports';

const NOTHING: Budget = {
  total: 100,
  cpu: 0,
  waiting: 0,
  movement: 0,
  scheduling: 0,
  dependencies: 0,
  tail: 0,
  client: 0
};

describe('the budget', () => {
  it('leaves out accounts too thin to see', () => {
    const bar = budgetBar({ ...NOTHING, cpu: 99.9, tail: 0.1 }, english);
    expect(bar.querySelectorAll('li')).toHaveLength(1);
  });

  it('fills the bar with its accounts, side by side', () => {
    const bar = budgetBar({ ...NOTHING, cpu: 25, scheduling: 75 }, english);
    const rects = [...bar.querySelectorAll('.dask-lens-Budget-bar rect')];
    expect(rects.map(rect => [rect.getAttribute('x'), rect.getAttribute('width')])).toEqual([
      ['0', '25'],
      ['25', '75']
    ]);
  });

  it('names each account with its seconds', () => {
    const bar = budgetBar({ ...NOTHING, scheduling: 75 }, english);
    expect(bar.querySelector('li')?.textContent).toBe('idle, tasks were ready 1 min 15 s');
  });
});

describe('time in tasks', () => {
  const budget = { ...NOTHING, total: 100, cpu: 75, scheduling: 25 };

  it('is on the CPU where that was measured', () => {
    expect(amountsOf(report({ budget }))).toMatchObject({ cpu: 75 });
  });

  it('is not called so where nobody measured it', () => {
    const unknown = [{ name: 'waiting', reason: 'all counted as cpu' }];
    const amounts = amountsOf(report({ budget, not_judged: unknown }));
    expect(amounts).toMatchObject({ cpu: 0, tasks: 75 });
  });

  it('is not drawn where there is none', () => {
    expect(amountsOf(report({ budget: { ...NOTHING, total: 0 } }))).toBeNull();
  });
});

describe('the sparkline', () => {
  it('is flat before the first sample', () => {
    expect(steps([])).toBe('M0 36 H240');
  });

  it('goes up and down in steps, the newest at the right edge', () => {
    const path = steps([sample(70, 4), sample(85, 0), sample(100, 2)]);
    expect(path).toBe('M120 36 H120 V1 H180 V35 H240 V18 H240');
  });
});

describe('the gauge', () => {
  const meterOf = ({ node }: GaugeView): Element | null => node.querySelector('[role=meter]');
  const result = { achieved: 1, threads: 4, ceiling: 2, available: null };

  it('has its name and its bounds before anything ran', () => {
    const meter = meterOf(new GaugeView(english));
    expect(meter?.getAttribute('aria-label')).toBe('Parallelism');
    expect(meter?.getAttribute('aria-valuenow')).toBe('0');
    expect(meter?.getAttribute('aria-valuetext')).toBe('nothing has run yet');
  });

  it('does not say so where something ran of which there is no report', () => {
    const view = new GaugeView(english);
    view.update({ live: null, samples: [sample(1)], result: null });
    expect(meterOf(view)?.getAttribute('aria-valuetext')).toBe('nothing runs now');
  });

  it('shows tasks running against threads, and how far the work is', () => {
    const view = new GaugeView(english);
    view.update({ live: sample(1, 3), samples: [sample(1, 3)], result });
    expect(meterOf(view)?.getAttribute('aria-valuenow')).toBe('3');
    expect(meterOf(view)?.getAttribute('aria-valuemax')).toBe('4');
    expect(view.node.textContent).toContain('1 of 9 tasks');
  });

  it('names no number of threads or tasks while there are none', () => {
    const view = new GaugeView(english);
    const early = { ...sample(1, 0), threads: 0, done: 0, total: 0 };
    view.update({ live: early, samples: [early], result: null });
    expect(meterOf(view)?.getAttribute('aria-valuetext')).toBe('0 threads busy');
    expect(view.node.textContent).toContain('no tasks yet · 1.0 s');
  });

  it('stacks the accounts so far, those that are not settled yet among them', () => {
    const view = new GaugeView(english);
    const accounts = { total: 8, tasks: 6, scheduling: 2 };
    view.update({ live: { ...sample(1), accounts }, samples: [], result: null });
    const legend = [...view.node.querySelectorAll('li')].map(one => one.textContent);
    expect(legend).toEqual(['in tasks 6.0 s', 'idle, tasks were ready 2.0 s']);
    view.update({ live: { ...sample(1), accounts: {} }, samples: [], result: null });
    expect(view.node.querySelector('.dask-lens-Budget')).toBeNull();
  });

  it('settles on parallelism and ceiling, in the same element', () => {
    const view = new GaugeView(english);
    const meter = meterOf(view);
    view.update({ live: sample(1), samples: [], result: null });
    view.update({ live: null, samples: [], result });
    expect(meterOf(view)).toBe(meter);
    expect(meter?.getAttribute('aria-valuetext')).toBe('1.0 of 4 in parallel, ceiling 2.0');
    expect(meter?.querySelector('.dask-lens-Gauge-ceiling')?.getAttribute('x1')).toBe('50');
  });

  it('never leaves its scale, whatever the numbers', () => {
    const view = new GaugeView(english);
    view.update({ live: sample(1, 9), samples: [], result: null });
    expect(meterOf(view)?.getAttribute('aria-valuemax')).toBe('9');
    expect(view.node.querySelector('.dask-lens-Gauge-fill')?.getAttribute('width')).toBe('100');
  });
});
