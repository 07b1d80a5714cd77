/** The anywidget behind `%lens gauge`: the panel's gauge in a cell's output. */

import budget from '../style/budget.css';
import gauge from '../style/gauge.css';
import legend from '../style/legend.css';
import { GaugeView } from './charts/gauge';
import { html } from './dom';
import { read } from './reading';
import { english } from './texts';
import type { Live } from './wire';

/** What anywidget hands over, as far as it is used here. */
interface IWidgetModel {
  get(name: string): unknown;
  on(event: string, callback: () => void): void;
  off(event: string, callback: () => void): void;
}

const MINUTE = 60;
const EVENTS = ['change:live', 'change:samples', 'change:result'];

function render({ model, el }: { model: IWidgetModel; el: HTMLElement }): () => void {
  const view = new GaugeView(english);
  el.append(
    html('style', {}, legend + gauge + budget),
    html('div', { class: 'dask-lens-GaugeWidget' }, view.node)
  );
  let samples: readonly Live[] = [];
  const draw = (): void => {
    const live = read('Live', model.get('live'));
    samples = joined([...savedSamples(model.get('samples')), ...samples, ...(live ? [live] : [])]);
    view.update({
      live: live && (live.elapsed > 0 || live.running > 0) ? live : null,
      samples,
      result: read('Parallelism', model.get('result'))
    });
  };
  for (const event of EVENTS) {
    model.on(event, draw);
  }
  draw();
  return () => {
    for (const event of EVENTS) {
      model.off(event, draw);
    }
  };
}

function savedSamples(value: unknown): readonly Live[] {
  const items: readonly unknown[] = Array.isArray(value) ? value : [];
  return items.map(item => read('Live', item)).filter(sample => sample !== null);
}

/** Samples of the last minute by time, each once. */
function joined(samples: readonly Live[]): readonly Live[] {
  const byTime = new Map(samples.map(sample => [sample.time, sample]));
  const sorted = [...byTime.values()].sort((a, b) => a.time - b.time);
  const last = sorted[sorted.length - 1]?.time ?? 0;
  return sorted.filter(({ time }) => time > last - MINUTE);
}

export default { render };
