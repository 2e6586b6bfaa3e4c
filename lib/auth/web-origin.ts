/** Returns whether a text is an origin of web pages in its only valid form, such as `https://ui.example.com`, or `*` for all. */
export function isWebOrigin(text: string): boolean {
  return text === "*" || (/^https?:/.test(text) && URL.parse(text)?.origin === text);
}
