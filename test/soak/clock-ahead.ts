/** Offset of the server's clock, preloaded with `--import`, so that sessions with a lifetime of a day expire in a test. */
const offsetMilliseconds = Number(process.env["SOAK_HOURS_AHEAD"]) * 3600 * 1000;
const now = () => performance.timeOrigin + performance.now() + offsetMilliseconds;

globalThis.Date = new Proxy(Date, {
  construct: (target, args, newTarget) =>
    Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
  get: (target, name) => (name === "now" ? now : Reflect.get(target, name)),
});
