/** What a browser shows beside the title: a held line, and what ends it. */
export const ICON_SVG = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><path stroke="#7487ab" stroke-width="2.5" fill="none" d="M0 4.5H10M0 11.5H10"/><circle cx="12" cy="4.5" r="3" fill="#2f9e57"/><path stroke="#d9363f" stroke-width="2.4" fill="none" d="M9.4 9l5 5m0-5l-5 5"/></svg>
`;
