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
/** The same for letters, which have to be read. */
export const CONNECTED_INK = 'light-blue';
/** A peer without a connection, and every failed connect. */
export const NOT_CONNECTED_COLOUR = 'purple';
/** A peer whose first attempt has no outcome yet. */
export const NOT_TRIED_COLOUR = '#5b5b66';
/** A number that counts nothing. */
export const CALM_COLOUR = '#3d3d46';

/** Severities of alerts, and deadlines that come near. Not the colours of the classes: an alert is no end. */
export const SEVERITY_COLOURS = {
  critical: 'semi-dark-red',
  warning: 'yellow',
  info: 'text',
} as const;

/** Phases of a connect, all of the colour of what is not connected. Neighbours in a stack differ in brightness. */
export const PHASE_COLOURS = {
  dns: 'super-light-purple',
  protocol: 'light-purple',
  tcp: 'purple',
  tls: 'dark-purple',
  total: 'text',
} as const;
