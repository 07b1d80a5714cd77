/** Builds elements. Text always becomes a text node, so what it holds can never be markup. */

/** Attributes (null: left out) and event listeners. */
export interface Properties {
  readonly [attribute: string]: string | number | boolean | null | undefined | Listeners;
  readonly on?: Listeners;
}

type Listeners = Readonly<Record<string, (event: Event) => void>>;

/** What an element may hold. */
export type Child = Node | string | null;

const SVG = 'http://www.w3.org/2000/svg';

/** Build an HTML element. */
export function html<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  properties: Properties = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  return furnish(document.createElement(tag), properties, children);
}

/** Build an SVG element. */
export function svg<K extends keyof SVGElementTagNameMap>(
  tag: K,
  properties: Properties = {},
  ...children: readonly Child[]
): SVGElementTagNameMap[K] {
  return furnish(document.createElementNS(SVG, tag), properties, children);
}

function furnish<E extends Element>(
  element: E,
  properties: Properties,
  children: readonly Child[]
): E {
  for (const [name, value] of Object.entries(properties)) {
    if (typeof value === 'object' && value !== null) {
      for (const [event, listener] of Object.entries(value)) {
        element.addEventListener(event, listener);
      }
    } else if (value !== null && value !== undefined && value !== false) {
      element.setAttribute(name, value === true ? '' : String(value));
    }
  }
  element.append(...children.filter(child => child !== null));
  return element;
}
