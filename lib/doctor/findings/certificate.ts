import type { Likely } from "./likely.ts";

const SELF_SIGNED: Likely = {
  cause: "the certificate is not signed by an authority that this machine trusts",
  advice:
    "use a certificate of ACM; if the authority is your own, run with NODE_EXTRA_CA_CERTS=its-certificate.pem, and install it where clients run",
};

/** What is wrong with a certificate, by the codes of OpenSSL and Node. */
const FAULTS: Readonly<Record<string, Likely>> = {
  CERT_HAS_EXPIRED: {
    cause: "the certificate has expired",
    advice: "renew it; ACM renews by itself as long as its DNS validation record exists",
  },
  CERT_NOT_YET_VALID: {
    cause: "the certificate is not valid yet, or the clock of this machine is slow",
    advice: "check the clock of this machine first",
  },
  ERR_TLS_CERT_ALTNAME_INVALID: {
    cause: "the certificate is for other names than this one",
    advice:
      "use the hostname that the certificate names, or add this one to the certificate and to the distribution's domain names",
  },
  DEPTH_ZERO_SELF_SIGNED_CERT: SELF_SIGNED,
  SELF_SIGNED_CERT_IN_CHAIN: SELF_SIGNED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: SELF_SIGNED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: {
    cause: "the server does not send the intermediate certificates, or the authority is not trusted here",
    advice: "send the whole chain with the certificate",
  },
};

export function likelyFault(code: string): Likely {
  return (
    FAULTS[code] ?? {
      cause: "the certificate cannot be verified",
      advice: "look at it with: openssl s_client -connect HOST:443 -servername HOST",
    }
  );
}
