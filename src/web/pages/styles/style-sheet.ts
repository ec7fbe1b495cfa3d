import { BASE_STYLES } from './base-styles.ts';
import { DETAIL_STYLES } from './detail-styles.ts';
import { PEERS_STYLES } from './peers-styles.ts';

/** The one style sheet of the pages: light and dark by the system, from phones to walls, forced colours, paper. */
export const STYLE_SHEET = BASE_STYLES + PEERS_STYLES + DETAIL_STYLES;
