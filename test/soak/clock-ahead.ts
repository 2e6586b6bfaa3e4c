/** Loaded before the server: its clock is some hours ahead, so that what lives for a day can be seen to die. */
const ahead = Number(process.env["SOAK_HOURS_AHEAD"]) * 3600 * 1000;
const now = () => performance.timeOrigin + performance.now() + ahead;

globalThis.Date = new Proxy(Date, {
  construct: (target, args, newTarget) =>
    Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
  get: (target, name) => (name === "now" ? now : Reflect.get(target, name)),
});
