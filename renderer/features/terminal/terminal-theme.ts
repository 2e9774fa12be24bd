import type { ITheme } from '@xterm/xterm';

/** The sixteen colours of programs, readable on the page's own background of each theme. */
const light: ITheme = {
  black: '#191c22',
  red: '#b91f2a',
  green: '#17734a',
  yellow: '#8a5300',
  blue: '#1f64a8',
  magenta: '#8a2f8f',
  cyan: '#0f6f7c',
  white: '#565f6d',
  brightBlack: '#666e7b',
  brightRed: '#c93a3a',
  brightGreen: '#1d8557',
  brightYellow: '#9a6200',
  brightBlue: '#2b75bd',
  brightMagenta: '#9c43a1',
  brightCyan: '#17808e',
  brightWhite: '#2b2f37',
};
const dark: ITheme = {
  black: '#2b303a',
  red: '#ff8488',
  green: '#56c48d',
  yellow: '#f0b24a',
  blue: '#7db8f0',
  magenta: '#d7a0f0',
  cyan: '#6fd0d8',
  white: '#e7e9ee',
  brightBlack: '#8f98a6',
  brightRed: '#ffa3a6',
  brightGreen: '#7fd6a9',
  brightYellow: '#f6c877',
  brightBlue: '#a3cdf5',
  brightMagenta: '#e4bdf5',
  brightCyan: '#97e0e6',
  brightWhite: '#ffffff',
};

/** The colours of a terminal, from the page's tokens as they are now. */
export function terminalTheme(isDark: boolean): ITheme {
  const style = getComputedStyle(document.body);
  const token = (name: string): string => style.getPropertyValue(name).trim();
  return {
    ...(isDark ? dark : light),
    background: token('--m-surface'),
    foreground: token('--m-text'),
    cursor: token('--m-accent'),
    cursorAccent: token('--m-surface'),
    selectionBackground: isDark ? '#4a4480' : '#cfc8f3',
    selectionInactiveBackground: isDark ? '#353b47' : '#dde1e7',
  };
}

/** How matches of a search are marked. */
export function searchMarks(isDark: boolean) {
  return {
    matchBackground: isDark ? '#4d3f14' : '#fbe3a8',
    matchOverviewRuler: isDark ? '#f0b24a' : '#8a5300',
    activeMatchBackground: isDark ? '#8a5f00' : '#f3b73f',
    activeMatchColorOverviewRuler: isDark ? '#ffffff' : '#191c22',
  };
}

/** The font of the page's code. */
export function terminalFont(): string {
  return getComputedStyle(document.body).getPropertyValue('--m-mono').trim();
}
