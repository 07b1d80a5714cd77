/** The JupyterLab extension: small plugins, each of which may be switched off alone. */

import { commandsPlugin } from './plugins/commands';
import { panelPlugin } from './plugins/panel';
import { rendererPlugin } from './plugins/renderer';
import { squigglesPlugin } from './plugins/squiggles';
import { statusBarPlugin } from './plugins/statusbar';
import { trackerPlugin } from './plugins/tracker';

export default [
  trackerPlugin,
  rendererPlugin,
  panelPlugin,
  squigglesPlugin,
  statusBarPlugin,
  commandsPlugin
];
