/** Whether times are shown as instants, and the link that turns that round. */
export type TimesSwitch = { readonly isAbsolute: boolean; readonly href: string };

const ABSOLUTE = 'absolute';

/** @param path of the page, as links spell it */
export function timesSwitch(path: string, parameters: URLSearchParams): TimesSwitch {
  const isAbsolute = parameters.get('times') === ABSOLUTE;
  // What only a script of the page asks for is none of its address.
  const others = [...parameters].filter(([name]) => name !== 'times' && name !== 'also');
  const search = new URLSearchParams([
    ...others,
    ...(isAbsolute ? [] : [['times', ABSOLUTE] as [string, string]]),
  ]).toString();
  return { isAbsolute, href: `${path}${search === '' ? '' : `?${search}`}` };
}
