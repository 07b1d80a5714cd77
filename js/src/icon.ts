/** Our icon: tasks side by side, under a lens. */

import { LabIcon } from '@jupyterlab/ui-components';

const SVG = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" width="16">
  <g class="jp-icon3" fill="none" stroke="#616161" stroke-width="2" stroke-linecap="round">
    <circle cx="10" cy="10" r="7"/>
    <path d="M15.2 15.2 21 21"/>
    <path d="M7 7.2h4M7 10h6.2M7 12.8h2.6" stroke-width="1.6"/>
  </g>
</svg>`;

export const lensIcon = new LabIcon({ name: 'dask-lens:lens', svgstr: SVG });
