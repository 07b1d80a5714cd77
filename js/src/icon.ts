/** Our icon: tasks side by side, under a lens. */

import { LabIcon } from '@jupyterlab/ui-components';

const SVG = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" width="16">
  <g class="jp-icon3" fill="#616161">
    <path d="M10.5 1.5a9 9 0 1 0 5.3 16.3l4.5 4.5a1.4 1.4 0 0 0 2-2l-4.5-4.5A9 9 0 0 0 10.5 1.5zm0 2a7 7 0 1 1 0 14 7 7 0 0 1 0-14z"/>
    <rect x="6.2" y="6.4" width="6" height="2" rx="1"/>
    <rect x="6.2" y="9.5" width="8.6" height="2" rx="1"/>
    <rect x="6.2" y="12.6" width="4" height="2" rx="1"/>
  </g>
</svg>`;

export const lensIcon = new LabIcon({ name: 'dask-lens:lens', svgstr: SVG });
