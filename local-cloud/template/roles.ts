import { parsePolicy, type Statement } from "../iam/policy.ts";
import type { Properties } from "./properties.ts";
import type { Template } from "./template.ts";

/** AWS managed policy for writing logs, which no call here requires. */
const LOGGING_POLICY = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";

/** Returns the statements of all policies attached to a role. @param arn ARN of the role */
export function statementsOf(template: Template, arn: string): readonly Statement[] {
  const role = template.ofType("AWS::IAM::Role").find((resource) => template.arnOf(resource) === arn);
  if (role === undefined) throw new Error(`role not found: ${arn}`);
  const name = template.nameOf(role);
  const properties = template.propertiesOf(role).withoutEffect("AssumeRolePolicyDocument", "Description");
  for (const policy of properties.texts("ManagedPolicyArns"))
    if (policy !== LOGGING_POLICY) throw new Error(`${properties.where}: unsupported policy ${policy}`);
  const own = properties.objects("Policies").map((policy) => policy.get("PolicyDocument"));
  properties.finish();
  const attached = template.ofType("AWS::IAM::Policy").flatMap((resource) => {
    const policy: Properties = template.propertiesOf(resource);
    return policy.texts("Roles").includes(name) ? [policy.get("PolicyDocument")] : [];
  });
  return [...own, ...attached].flatMap(parsePolicy);
}
