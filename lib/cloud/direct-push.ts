import { VARIABLES } from "../ports/environment.ts";

/** Props of the registry that determine whether clients may use the web function's own hostname. */
interface DirectPushProps {
  readonly directPush?: boolean;
  readonly directPushBypassesWebAcl?: boolean;
  readonly uploads?: string;
  readonly webAclArn?: string;
}

/** Returns the error message for props that conflict with direct pushes, or undefined. */
export function findDirectPushConflict(props: DirectPushProps): string | undefined {
  if (props.directPush !== true) return undefined;
  if (props.uploads === "fargate")
    return 'directPush is not available with Fargate, which is reachable only through CloudFront: set uploads to "web-function"';
  if (props.webAclArn !== undefined && props.directPushBypassesWebAcl !== true)
    return "directPush bypasses the web ACL, which covers CloudFront only: omit webAclArn, or acknowledge this by setting directPushBypassesWebAcl";
  return undefined;
}

/** Returns the environment variables that enable direct pushes to the web function: functions/direct-push.ts */
export function directPushEnvironment({ directPush }: DirectPushProps): Record<string, string> {
  return directPush === true ? { [VARIABLES.directPush]: "true" } : {};
}
