import { answerOf, answers, isBlob, isUpload, type Spoiled, withHeaders } from "./spoil.ts";

/** Fronts that spoil headers, clocks and deletes. */
export const OTHER_FRONTS: readonly Spoiled[] = [
  {
    what: "502 for huge headers",
    spoil: {
      instead: ({ headers }) => (headers["x-padding"] === undefined ? undefined : answerOf(502, "")),
    },
    fails: ["headers"],
    says: /502/,
  },
  {
    what: "DELETE refused by a firewall",
    spoil: {
      instead: (asked) =>
        asked.method === "DELETE" && !isUpload(asked) ? answerOf(403, "<html>cloudfront</html>") : undefined,
    },
    fails: ["clean-up"],
    says: /are left[\s\S]*\/v2\/doctor\/\w+\/blobs\/sha256:[\s\S]*curl -X DELETE/,
  },
  {
    what: "DELETE that gets no answer",
    spoil: { instead: (asked) => (asked.method === "DELETE" && isBlob(asked) ? "hang up" : undefined) },
    fails: ["clean-up"],
    says: /came:.*\/blobs\/sha256:\w+ \(no answer: ECONNRESET\)/,
  },
  {
    what: "a clock that is an hour off",
    spoil: answers(
      () => true,
      (answered) => withHeaders(answered, { date: new Date(Date.now() - 3_600_000).toUTCString() }),
    ),
    fails: ["clock"],
    says: /differs by -36\d\d s[\s\S]*NTP/,
  },
];
