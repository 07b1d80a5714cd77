/** Which thread ran what, and when: a row for each lane, its tasks as boxes. */

import { html, svg } from '../dom';
import { PREFIXES } from '../legend';
import type { ITexts } from '../texts';
import { count, seconds } from '../units';
import type { Box, Lane, Lanes } from '../wire';
import { scale } from './scale';

const WIDTH = 1000;
const HEIGHT = 14;
/** Boxes that are narrower cannot be seen; those on the critical path are drawn all the same. */
const THIN = 1;

/** A box where it is drawn. */
interface IDrawn {
  readonly node: SVGElement;
  readonly row: number;
  readonly middle: number;
  readonly words: string;
}

let charts = 0;

/** The lanes; the arrow keys lead from task to task. */
export class LanesView {
  readonly node: HTMLElement;
  private readonly _detail: HTMLElement;
  private readonly _rows: HTMLElement;
  private readonly _drawn: readonly IDrawn[];
  private readonly _byNode = new Map<EventTarget, IDrawn>();
  private _current: IDrawn | null = null;
  /** How much of its beginning every lane's name has in common. */
  private readonly _shared: number;

  constructor(
    private readonly _lanes: Lanes,
    private readonly _texts: ITexts
  ) {
    const prefix = `dask-lens-lanes-${++charts}`;
    this._shared = shared(_lanes.lanes.map(({ name }) => name));
    this._drawn = _lanes.lanes.flatMap((lane, row) => this._boxes(lane, row, prefix));
    for (const drawn of this._drawn) {
      this._byNode.set(drawn.node, drawn);
    }
    const hint =
      this._drawn.length > 0 ? _texts.__('Point at a task, or use the arrow keys.') : '';
    this._detail = html('output', { class: 'dask-lens-Lanes-detail' }, hint);
    this._rows = html(
      'div',
      {
        class: 'dask-lens-Lanes-rows',
        role: 'listbox',
        'aria-label': _texts.__('Tasks by thread'),
        tabindex: this._drawn.length > 0 ? 0 : null,
        on: {
          keydown: event => {
            this._onKey(event as KeyboardEvent);
          },
          focus: () => {
            this._show(this._current ?? this._drawn[0] ?? null);
          },
          pointerover: ({ target }) => {
            this._show((target && this._byNode.get(target)) ?? null);
          }
        }
      },
      ..._lanes.lanes.flatMap((lane, row) => this._row(lane, row)),
      html('span'),
      scale(_lanes.duration)
    );
    this.node = html(
      'div',
      { class: 'dask-lens-Lanes' },
      this._rows,
      this._detail,
      this._legend(),
      ...this._notes()
    );
  }

  private _row(lane: Lane, row: number): readonly HTMLElement[] {
    const boxes = this._drawn.filter(drawn => drawn.row === row).map(({ node }) => node);
    const bar = svg(
      'svg',
      {
        class: 'dask-lens-Lanes-lane',
        viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
        preserveAspectRatio: 'none',
        role: 'group',
        'aria-label': lane.name
      },
      area(lane),
      ...boxes
    );
    return [
      html(
        'span',
        { class: 'dask-lens-Lanes-name', title: lane.name },
        html('bdi', {}, this._shared > 0 ? `…${lane.name.slice(this._shared)}` : lane.name)
      ),
      html('div', { class: 'dask-lens-Lanes-track' }, bar)
    ];
  }

  private _boxes(lane: Lane, row: number, prefix: string): readonly IDrawn[] {
    const unit = this._lanes.duration > 0 ? WIDTH / this._lanes.duration : 0;
    const drawn: IDrawn[] = [];
    let full = 0;
    lane.boxes.forEach((box, place) => {
      const [x, width] = [box.start * unit, box.duration * unit];
      if (width < THIN && x + width < full + THIN && !box.critical) {
        return; // beside its neighbours it would not be seen
      }
      full = x + Math.max(width, THIN);
      const words = this._words(box, lane);
      const id = `${prefix}-${row}-${place}`;
      const node = svg(
        'rect',
        {
          id,
          role: 'option',
          'aria-label': words,
          'aria-selected': 'false',
          class: classes(box, lane),
          x: rounded(x),
          y: 1,
          width: rounded(Math.max(width, THIN)),
          height: HEIGHT - 2
        },
        svg('title', {}, words)
      );
      drawn.push({ node, row, middle: x + width / 2, words });
    });
    return drawn;
  }

  private _words(box: Box, lane: Lane): string {
    const texts = this._texts;
    return [
      box.key,
      texts.__('%1 from %2', seconds(box.duration), seconds(box.start)),
      lane.name,
      ...(box.critical ? [texts.__('on the critical path')] : []),
      ...(box.erred ? [texts.__('erred')] : [])
    ].join(' · ');
  }

  private _onKey(event: KeyboardEvent): void {
    const next = this._neighbour(event.key);
    if (next) {
      event.preventDefault();
      event.stopPropagation();
      this._show(next);
      next.node.scrollIntoView({ block: 'nearest' });
    }
  }

  private _neighbour(key: string): IDrawn | null {
    const place = this._current ? this._drawn.indexOf(this._current) : -1;
    switch (key) {
      case 'ArrowRight':
        return this._drawn[place + 1] ?? null;
      case 'ArrowLeft':
        return this._drawn[place - 1] ?? null;
      case 'Home':
        return this._drawn[0] ?? null;
      case 'End':
        return this._drawn[this._drawn.length - 1] ?? null;
      case 'ArrowDown':
        return this._beside(1);
      case 'ArrowUp':
        return this._beside(-1);
      default:
        return null;
    }
  }

  /** The box of the next lane that has one, nearest in time. */
  private _beside(step: number): IDrawn | null {
    const { row, middle } = this._current ?? { row: -1, middle: 0 };
    const rows = this._drawn.map(drawn => drawn.row).filter(one => (one - row) * step > 0);
    const nearest = step > 0 ? Math.min(...rows) : Math.max(...rows);
    return this._drawn
      .filter(drawn => drawn.row === nearest)
      .reduce<IDrawn | null>(
        (best, one) =>
          best && Math.abs(best.middle - middle) <= Math.abs(one.middle - middle) ? best : one,
        null
      );
  }

  private _show(drawn: IDrawn | null): void {
    if (!drawn) {
      return;
    }
    this._current?.node.setAttribute('aria-selected', 'false');
    this._current = drawn;
    drawn.node.setAttribute('aria-selected', 'true');
    this._rows.setAttribute('aria-activedescendant', drawn.node.id);
    this._detail.textContent = drawn.words;
  }

  private _legend(): HTMLElement {
    const texts = this._texts;
    const { prefixes, lanes } = this._lanes;
    const boxes = lanes.flatMap(lane => lane.boxes);
    const items = prefixes.map((name, n) => key(`dask-lens-Prefix ${prefixClass(n)}`, name));
    if (boxes.some(({ prefix }) => prefix >= prefixes.length)) {
      items.push(key(`dask-lens-Prefix ${prefixClass(prefixes.length)}`, texts.__('other tasks')));
    }
    if (boxes.some(({ critical }) => critical)) {
      items.push(key('dask-lens-Lanes-critical', texts.__('on the critical path')));
    }
    return html('ul', { class: 'dask-lens-Lanes-legend' }, ...items);
  }

  private _notes(): readonly HTMLElement[] {
    const texts = this._texts;
    const { lanes, tasks, missing } = this._lanes;
    const notes: string[] = [];
    if (lanes.some(({ busy }) => busy.length > 0)) {
      notes.push(
        texts.__(
          '%1 tasks are too many to draw each: the height is the share of a lane’s threads that ran one, the boxes are the critical path.',
          count(tasks)
        )
      );
    }
    if (missing > 0) {
      notes.push(
        texts.__('%1 of %2 tasks were not kept, and are missing.', count(missing), count(tasks))
      );
    }
    return notes.map(note => html('p', { class: 'dask-lens-Lanes-note' }, note));
  }
}

/** How long a beginning, up to a port or the like, addresses have in common; 0 for other names. */
function shared([first = '', ...others]: readonly string[]): number {
  const ends = [...first.matchAll(/[/:](?=[^/:])/g)].map(({ index }) => index);
  const common = ends.filter(end => others.every(name => name.startsWith(first.slice(0, end))));
  return Math.max(0, ...common);
}

/** How busy a lane was, as steps. */
function area({ busy }: Lane): SVGElement | null {
  if (busy.length === 0) {
    return null;
  }
  const width = WIDTH / busy.length;
  const steps = busy.map(
    (share, n) => `V${rounded(HEIGHT - (HEIGHT - 1) * share)} H${rounded((n + 1) * width)}`
  );
  return svg('path', {
    class: 'dask-lens-Lanes-busy',
    d: `M0 ${HEIGHT} ${steps.join(' ')} V${HEIGHT} Z`
  });
}

function classes(box: Box, lane: Lane): string {
  const critical = box.critical && lane.busy.length === 0 ? ' dask-lens-mod-critical' : '';
  const erred = box.erred ? ' dask-lens-mod-erred' : '';
  return `dask-lens-Lanes-box dask-lens-Prefix ${prefixClass(box.prefix)}${critical}${erred}`;
}

function prefixClass(prefix: number): string {
  return `dask-lens-mod-${PREFIXES.charAt(Math.min(prefix, PREFIXES.length - 1))}`;
}

function key(name: string, label: string): HTMLElement {
  return html(
    'li',
    { title: label },
    svg(
      'svg',
      { class: 'dask-lens-Lanes-key', viewBox: '0 0 10 10', 'aria-hidden': 'true' },
      svg('rect', { class: name, x: 1, y: 1, width: 8, height: 8 })
    ),
    html('span', {}, label)
  );
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
