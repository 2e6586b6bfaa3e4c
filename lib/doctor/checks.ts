import type { Check } from "./check.ts";
import { escapedDigest, headBlob, pull, range } from "./checks/blobs.ts";
import { dns, tls } from "./checks/connection.ts";
import { clock, headers, hostname, ping, routes } from "./checks/front.ts";
import { earlyRefusal, largePatch, largePost, largePut, longUpload } from "./checks/large.ts";
import {
  compression,
  headManifest,
  largeManifest,
  pullManifest,
  pushManifestCheck,
  tags,
} from "./checks/manifests.ts";
import { missingTag } from "./checks/missing.ts";
import { referrers } from "./checks/referrers.ts";
import { challenge, tokenByGet, tokenByPost } from "./checks/sign-in.ts";
import {
  cancel,
  expectContinue,
  location,
  outOfOrder,
  pushPatch,
  pushPost,
  pushPut,
  resume,
  wrongDigest,
} from "./checks/uploads.ts";

/** All checks, in the order of execution: prerequisites first, slow checks last. */
export const CHECKS: readonly Check[] = [
  dns,
  tls,
  ping,
  clock,
  challenge,
  tokenByGet,
  tokenByPost,
  hostname,
  routes,
  headers,
  pushPut,
  pushPatch,
  pushPost,
  location,
  resume,
  outOfOrder,
  wrongDigest,
  cancel,
  expectContinue,
  earlyRefusal,
  headBlob,
  pull,
  range,
  escapedDigest,
  pushManifestCheck,
  headManifest,
  pullManifest,
  compression,
  missingTag,
  tags,
  referrers,
  largeManifest,
  largePut,
  largePatch,
  largePost,
  longUpload,
];
