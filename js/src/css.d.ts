/** Style sheets are bundled as text (esbuild's loader). */
declare module '*.css' {
  const text: string;
  export default text;
}
