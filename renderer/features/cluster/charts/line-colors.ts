/** Colours that are told apart on the page's background of each theme, also by most who do not see all colours. */
const light = ['#5744b0', '#b35300', '#17734a', '#b91f2a', '#1f64a8', '#8a2f8f', '#6b6200', '#0f6f7c'] as const;
const dark = ['#a595f8', '#f0a04a', '#56c48d', '#ff8488', '#7db8f0', '#d7a0f0', '#d6d25e', '#6fd0d8'] as const;

/** The colour of a member in all charts; by its place among the members, so that it stays. */
export function lineColor(place: number, isDark: boolean): string {
  const colors = isDark ? dark : light;
  return colors[place % colors.length] ?? colors[0];
}
