import { parseDynamodbCall } from "./dynamodb-actions.ts";
import type { ServiceProtocol } from "./guard.ts";
import { isAllowed } from "./policy.ts";
import { parseS3Call } from "./s3-actions.ts";

const S3: ServiceProtocol = {
  parseCall: parseS3Call,
  needsBody: ({ method, url = "" }) => method === "POST" && /[?&]delete(=|&|$)/.test(url),
  sendAccessDenied: (outgoing, missing) => {
    const head = '<?xml version="1.0" encoding="UTF-8"?>';
    const message = `not authorized to perform ${missing} because no identity-based policy allows it`;
    const body = `${head}\n<Error><Code>AccessDenied</Code><Message>${message}</Message></Error>`;
    outgoing.writeHead(403, { "content-type": "application/xml" });
    outgoing.end(outgoing.req.method === "HEAD" ? undefined : body);
  },
  // "If the object that you request doesn't exist, the error depends on whether you also have the s3:ListBucket permission":
  // https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
  mustHide: ({ kind, requiredPermissions }, status, statements) => {
    if (status !== 404 || !/^S3 (Get|Head)Object/.test(kind)) return false;
    return requiredPermissions.some(({ resource }) => {
      const bucket = resource.split("/")[0] ?? "";
      return !isAllowed(statements, { action: "s3:ListBucket", resource: bucket });
    });
  },
};

const DYNAMODB: ServiceProtocol = {
  parseCall: parseDynamodbCall,
  needsBody: () => true,
  sendAccessDenied: (outgoing, missing) => {
    const Message = `User is not authorized to perform: ${missing} because no identity-based policy allows it`;
    const body = { __type: "com.amazon.coral.service#AccessDeniedException", Message };
    outgoing.writeHead(400, { "content-type": "application/x-amz-json-1.0" }).end(JSON.stringify(body));
  },
  mustHide: () => false,
};

/** Service protocols by service. */
export const SERVICES = { s3: S3, dynamodb: DYNAMODB } as const;
