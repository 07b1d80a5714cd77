import { describe, expect, it, vi } from 'vitest';

import { speedupCurve } from '../src/charts/curve';
import { LanesView } from '../src/charts/lanes';
import { ticks } from '../src/charts/scale';
import { criticalPath } from '../src/charts/steps';
import { english } from '../src/texts';
import type { Box, ComputationReport, Lane, Lanes } from '../src/wire';

const HOSTILE = '<img src=x onerror=alert(1)>';

function box(key: string, start: number, duration: number, changes: Partial<Box> = {}): Box {
  return { key, prefix: 0, start, duration, critical: false, erred: false, ...changes };
}

function lane(name: string, ...boxes: readonly Box[]): Lane {
  return { name, threads: 1, boxes, busy: [] };
}

function laid(lanes: readonly Lane[], changes: Partial<Lanes> = {}): Lanes {
  return { start: 0, duration: 10, tasks: 3, missing: 0, prefixes: ['load'], lanes, ...changes };
}

const TWO = laid([
  lane('thread 1', box('a', 0, 4), box('b', 4, 6)),
  lane('thread 2', box('c', 5, 1, { critical: true }))
]);

function pressed(view: LanesView, ...keys: readonly string[]): string {
  const list = view.node.querySelector('[role=listbox]');
  list?.dispatchEvent(new Event('focus'));
  for (const key of keys) {
    list?.dispatchEvent(new KeyboardEvent('keydown', { key }));
  }
  return view.node.querySelector('output')?.textContent ?? '';
}

Element.prototype.scrollIntoView = vi.fn(); // jsdom has none

describe('the lanes', () => {
  it('have a lane for each thread and a box for each task', () => {
    const { node } = new LanesView(TWO, english);
    expect(node.querySelectorAll('[role=group]')).toHaveLength(2);
    const boxes = [...node.querySelectorAll('[role=option]')];
    expect(boxes.map(one => [one.getAttribute('x'), one.getAttribute('width')])).toEqual([
      ['0', '400'],
      ['400', '600'],
      ['500', '100']
    ]);
  });

  it('mark the critical path, and no other task', () => {
    const { node } = new LanesView(TWO, english);
    const marked = [...node.querySelectorAll('.dask-lens-mod-critical')];
    expect(marked.map(one => one.getAttribute('aria-label'))).toEqual([
      'c · 1.0 s from 5.0 s · thread 2 · on the critical path'
    ]);
    expect(node.querySelector('ul')?.textContent).toContain('on the critical path');
  });

  it.each([
    ['the first', [], 'a ·'],
    ['the next', ['ArrowRight'], 'b ·'],
    ['back', ['ArrowRight', 'ArrowLeft'], 'a ·'],
    ['no further than the first', ['ArrowLeft'], 'a ·'],
    ['the last', ['End'], 'c ·'],
    ['the nearest in time of the next lane', ['ArrowRight', 'ArrowDown'], 'c ·'],
    ['the nearest in time of the lane above', ['End', 'ArrowUp'], 'b ·']
  ])('lead with the keyboard to %s', (_, keys, words) => {
    expect(pressed(new LanesView(TWO, english), ...keys)).toContain(words);
  });

  it('tell assistive technology which task is meant', () => {
    const view = new LanesView(TWO, english);
    pressed(view, 'ArrowRight');
    const id = view.node.querySelector('[role=listbox]')?.getAttribute('aria-activedescendant');
    expect(view.node.querySelector('[aria-selected=true]')?.id).toBe(id);
  });

  it('are no stop of the keyboard where there is nothing to choose', () => {
    const { node } = new LanesView(laid([lane('thread 1')]), english);
    expect(node.querySelector('[tabindex]')).toBeNull();
  });

  it('leave out what stands too close to be seen, but nothing of the critical path', () => {
    const tiny = Array.from({ length: 100 }, (_, n) => box(`t${n}`, n / 1000, 0.001));
    const view = new LanesView(
      laid([lane('x', ...tiny, box('z', 0.1, 0, { critical: true }))]),
      english
    );
    const shown = [...view.node.querySelectorAll('[role=option]')];
    expect(shown.length).toBeLessThan(20);
    expect(shown[shown.length - 1]?.getAttribute('aria-label')).toMatch(/^z/);
  });

  it('say how busy a lane was where tasks are too many, and what is missing', () => {
    const busy = { name: 'w', threads: 4, boxes: [], busy: [0, 1] };
    const { node } = new LanesView(laid([busy], { tasks: 90000, missing: 40000 }), english);
    expect(node.querySelector('.dask-lens-Lanes-busy')?.getAttribute('d')).toBe(
      'M0 14 V14 H500 V1 H1000 V14 Z'
    );
    expect(node.textContent).toContain('90,000 tasks are too many');
    expect(node.textContent).toContain('40,000 of 90,000 tasks were not kept');
  });

  it('call workers by the end of their addresses, as far as they differ', () => {
    const names = (...all: readonly string[]): readonly (string | null)[] => {
      const { node } = new LanesView(laid(all.map(name => lane(name))), english);
      return [...node.querySelectorAll('.dask-lens-Lanes-name')].map(one => one.textContent);
    };
    const one = '10.0.0.5:40';
    expect(names(`${one}1`, `${one}1 #2`, `${one}2`)).toEqual(['…:401', '…:401 #2', '…:402']);
    expect(names(one, '10.0.0.6:40')).toEqual([one, '10.0.0.6:40']);
    expect(names('10.0.0.5/7/4', '10.0.0.5/7/6')).toEqual(['…/4', '…/6']);
    expect(names('thread 1', 'thread 2')).toEqual(['thread 1', 'thread 2']);
  });

  it('show hostile names as text', () => {
    const evil = laid([lane(HOSTILE, box(HOSTILE, 0, 1))], { prefixes: [HOSTILE] });
    const view = new LanesView(evil, english);
    expect(pressed(view)).toContain(HOSTILE);
    expect(view.node.querySelector('img')).toBeNull();
  });
});

describe('the scale', () => {
  it.each([
    [0, []],
    [10, [5]],
    [1, [0.5]],
    [3.9, [1, 2, 3]]
  ])('of %s s has round marks', (duration, marks) => {
    expect(ticks(duration)).toEqual(marks);
  });
});

describe('the curve', () => {
  const points = [1, 2, 3, 4].map(workers => ({
    workers,
    seconds: 12 / Math.min(workers, 2),
    speedup: Math.min(workers, 2)
  }));
  const text = `More than 2 workers bring little: ${HOSTILE}.`;
  const { firstChild: chart, textContent } = speedupCurve(
    { points, flat_from: 2, limit: 'span', text },
    english
  );
  const all = (selector: string): Element[] => [
    ...((chart as Element | null)?.querySelectorAll(selector) ?? [])
  ];

  it('has a point for each number of workers, with its seconds', () => {
    const words = all('circle').map(one => one.textContent);
    expect(words).toHaveLength(4);
    expect(words[1]).toBe('2 workers: 6.0 s, 2.0×');
  });

  it('names the numbers that double, and how fast the top is', () => {
    expect(all('text').map(one => one.textContent)).toEqual(['2.0×', '0', '1', '2', '4']);
  });

  it('marks where it is flat, and says why, as text', () => {
    const flat = all('.dask-lens-Curve-flat')[0]?.getAttribute('x1');
    expect(flat).toBe(all('circle')[1]?.getAttribute('cx'));
    expect(textContent).toContain(`Predicted: ${text}`);
    expect(all('img')).toHaveLength(0);
  });
});

describe('the critical path', () => {
  const step = { key: 'load-1', cell_id: 'a', cell: null, execution_count: 1 };
  const steps = Array.from({ length: 10 }, (_, n) => ({
    ...step,
    layer: n === 0 ? HOSTILE : `layer ${n}`,
    duration: 10 - n,
    line: n === 1 ? null : n + 1
  }));
  const computation = { critical_path: steps, critical_tasks: 12, bounds: null };
  const reveal = vi.fn();
  const host = { nameOf: () => 'Cell [1]', reveal };

  it('lists the longest tasks in their order, and counts the others', () => {
    const node = criticalPath(computation as unknown as ComputationReport, host, english);
    expect(node?.querySelector('h4')?.textContent).toBe('Critical path: 55.0 s in 12 tasks');
    expect(node?.querySelectorAll('li')).toHaveLength(8);
    expect(node?.textContent).toContain('and 4 shorter ones');
    expect(node?.querySelector('li')?.textContent).toContain(HOSTILE);
    expect(node?.querySelector('img')).toBeNull();
  });

  it('leads to the line of a task, where there is one', () => {
    const node = criticalPath(computation as unknown as ComputationReport, host, english);
    const links = [...(node?.querySelectorAll('button') ?? [])];
    expect(links).toHaveLength(7);
    links[0]?.click();
    expect(reveal).toHaveBeenCalledWith(steps[0]);
    expect(links[0]?.textContent).toBe('Cell [1], line 1');
  });

  it('is not there where it is not known', () => {
    const unknown = { ...computation, critical_path: [] } as unknown as ComputationReport;
    expect(criticalPath(unknown, host, english)).toBeNull();
  });
});
