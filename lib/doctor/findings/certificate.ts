import type { LikelyCause } from "./likely-cause.ts";

const SELF_SIGNED: LikelyCause = {
  cause: "the certificate is not signed by a certificate authority that this machine trusts",
  advice:
    "use a certificate issued by ACM; for a private certificate authority, set NODE_EXTRA_CA_CERTS=ca.pem, and install its certificate on all client machines",
};

/** Likely causes by error code of OpenSSL or Node. */
const CAUSES: Readonly<Record<string, LikelyCause>> = {
  CERT_HAS_EXPIRED: {
    cause: "the certificate has expired",
    advice:
      "renew the certificate; ACM renews certificates automatically as long as the ACM DNS validation record exists",
  },
  CERT_NOT_YET_VALID: {
    cause: "the certificate is not valid yet, or the clock of this machine is slow",
    advice: "check the clock of this machine first",
  },
  ERR_TLS_CERT_ALTNAME_INVALID: {
    cause: "the certificate is not valid for this hostname",
    advice:
      "use a hostname that the certificate covers, or add this hostname to the certificate and to the alternate domain names of the CloudFront distribution",
  },
  DEPTH_ZERO_SELF_SIGNED_CERT: SELF_SIGNED,
  SELF_SIGNED_CERT_IN_CHAIN: SELF_SIGNED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: SELF_SIGNED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: {
    cause:
      "the server does not send the intermediate certificates, or the certificate authority is not trusted",
    advice: "configure the server to send the complete certificate chain",
  },
};

/** Returns the likely cause of a certificate error. @param code error code of OpenSSL or Node */
export function findCertificateCause(code: string): LikelyCause {
  return (
    CAUSES[code] ?? {
      cause: "the certificate cannot be verified",
      advice: "inspect the certificate: openssl s_client -connect HOST:443 -servername HOST",
    }
  );
}
