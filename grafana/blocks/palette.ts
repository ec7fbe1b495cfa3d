/**
 * One colour per class, on every dashboard and in every panel: whoever has learned it once reads the rest without a legend.
 * The names are Grafana's own palette, so they follow the light and the dark theme.
 */
export const CLASS_COLOURS = {
  eof: 'green',
  error: 'red',
  idle_timeout: 'orange',
  local: '#8e8e99',
} as const;

/** Connected is the calm background against which the ends stand out. */
export const CONNECTED_COLOUR = 'rgba(110, 159, 255, 0.22)';
/** A peer that has not been connected since the start, and every failed connect. */
export const NEVER_CONNECTED_COLOUR = 'purple';

/** Phases of a connect: cold to warm in the order they happen. Red and green stay with the classes. */
export const PHASE_COLOURS = {
  dns: 'light-blue',
  tcp: 'purple',
  tls: 'dark-purple',
  protocol: 'super-light-purple',
  total: 'text',
} as const;
