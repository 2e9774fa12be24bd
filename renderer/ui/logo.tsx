/** The sign of the app: an elephant's head, three members deep. */
export function Logo({ size }: { readonly size: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden fill="none">
      <path
        d="M5 15C3.4 8.600 8.500 4 16 4s12.600 4.600 11 11c-.7 2.800-2.700 4.500-5 4.800V24c0 2.600-1.700 4.500-4.200 4.500"
        stroke="var(--m-accent)"
        strokeWidth="2.600"
        strokeLinecap="round"
      />
      <path d="M10 20c-2.400-.3-4.300-2-5-5" stroke="var(--m-accent)" strokeWidth="2.600" strokeLinecap="round" />
      <path
        d="M10 13v7.500c0 2 1.300 3.500 3 3.500"
        stroke="var(--m-accent)"
        strokeWidth="2.600"
        strokeLinecap="round"
      />
      <circle cx="13.600" cy="12.500" r="1.500" fill="var(--m-accent)" />
      <circle cx="19.400" cy="12.500" r="1.500" fill="var(--m-accent)" />
    </svg>
  );
}
