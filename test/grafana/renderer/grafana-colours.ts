/** Grafana's named colours in the dark theme. */
const NAMED: Readonly<Record<string, string>> = {
  'super-light-red': '#FFA6B0',
  'light-red': '#FF7383',
  red: '#F2495C',
  'semi-dark-red': '#E02F44',
  'dark-red': '#C4162A',
  'super-light-orange': '#FFCB7D',
  'light-orange': '#FFB357',
  orange: '#FF9830',
  'semi-dark-orange': '#FF780A',
  'dark-orange': '#FA6400',
  'super-light-yellow': '#FFF899',
  'light-yellow': '#FFEE52',
  yellow: '#FADE2A',
  'semi-dark-yellow': '#F2CC0C',
  'dark-yellow': '#E0B400',
  'super-light-green': '#C8F2C2',
  'light-green': '#96D98D',
  green: '#73BF69',
  'semi-dark-green': '#56A64B',
  'dark-green': '#37872D',
  'super-light-blue': '#C0D8FF',
  'light-blue': '#8AB8FF',
  blue: '#5794F2',
  'semi-dark-blue': '#3274D9',
  'dark-blue': '#1F60C4',
  'super-light-purple': '#DEB6F2',
  'light-purple': '#CA95E5',
  purple: '#B877D9',
  'semi-dark-purple': '#A352CC',
  'dark-purple': '#8F3BB8',
  text: 'rgb(204, 204, 220)',
  transparent: 'transparent',
};

/** The order in which series without a colour of their own get one. */
const CLASSIC = ['green', 'yellow', 'blue', 'orange', 'red', 'purple'].flatMap((name) => [name]);
const PALETTE = [
  ...CLASSIC,
  'light-blue',
  'light-orange',
  'light-purple',
  'super-light-green',
  'dark-blue',
  'dark-yellow',
];

/** The colour as CSS has it; a name of Grafana's palette is looked up, anything else is taken as it is. */
export function css(colour: string): string {
  return NAMED[colour] ?? colour;
}

/** The colour of the n-th series, counted from 0. */
export function seriesColour(index: number): string {
  return css(PALETTE[index % PALETTE.length] ?? 'text');
}

/** From dark to bright: d3's "Oranges" turned round, as Grafana does on a dark page. `share` is 0..1. */
export function orangeScale(share: number): string {
  const stops = ['#7f2704', '#a63603', '#d94801', '#f16913', '#fd8d3c', '#fdae6b', '#fdd0a2', '#fee6ce', '#fff5eb'];
  const place = Math.min(Math.max(share, 0), 1) * (stops.length - 1);
  const [low, high] = [stops[Math.floor(place)] ?? '', stops[Math.ceil(place)] ?? ''];
  const mixed = [1, 3, 5].map((at) => {
    const [from, to] = [Number.parseInt(low.slice(at, at + 2), 16), Number.parseInt(high.slice(at, at + 2), 16)];
    return Math.round(from + (to - from) * (place % 1));
  });
  return `rgb(${mixed.join(', ')})`;
}
