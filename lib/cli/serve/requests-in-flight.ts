import type { Server } from "node:http";

/** Counts a server's requests whose responses have not been sent completely. */
export class RequestsInFlight {
  #count = 0;

  constructor(server: Server) {
    server.on("request", (_incoming, outgoing) => {
      this.#count += 1;
      outgoing.once("close", () => {
        this.#count -= 1;
      });
    });
  }

  get count(): number {
    return this.#count;
  }
}
