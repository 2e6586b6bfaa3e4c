/** Returns whether a text is a web origin in canonical form, such as `https://ui.example.com`, or `*` for all origins. */
export function isWebOrigin(text: string): boolean {
  return text === "*" || (/^https?:/.test(text) && URL.parse(text)?.origin === text);
}
