/** Loaded before the server: sets its clock some hours ahead, so that the expiry of records that last a day can be observed. */
const ahead = Number(process.env["SOAK_HOURS_AHEAD"]) * 3600 * 1000;
const now = () => performance.timeOrigin + performance.now() + ahead;

globalThis.Date = new Proxy(Date, {
  construct: (target, args, newTarget) =>
    Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
  get: (target, name) => (name === "now" ? now : Reflect.get(target, name)),
});
