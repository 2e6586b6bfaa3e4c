import { parsePolicy, type Statement } from "../iam/policy.ts";
import type { Properties } from "./properties.ts";
import type { Template } from "./template.ts";

/** AWS's own policy for writing logs, which no call here needs. */
const MAY_LOG = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";

/** What a role may do, by all policies that are attached to it. @param arn of the role */
export function statementsOf(template: Template, arn: string): readonly Statement[] {
  const role = template.ofType("AWS::IAM::Role").find((resource) => template.arnOf(resource) === arn);
  if (role === undefined) throw new Error(`there is no role ${arn}`);
  const name = template.nameOf(role);
  const properties = template.propertiesOf(role).withoutEffect("AssumeRolePolicyDocument", "Description");
  for (const policy of properties.texts("ManagedPolicyArns"))
    if (policy !== MAY_LOG) throw new Error(`${properties.where}: the policy ${policy} is not understood`);
  const own = properties.objects("Policies").map((policy) => policy.get("PolicyDocument"));
  properties.finish();
  const attached = template.ofType("AWS::IAM::Policy").flatMap((resource) => {
    const policy: Properties = template.propertiesOf(resource);
    return policy.texts("Roles").includes(name) ? [policy.get("PolicyDocument")] : [];
  });
  return [...own, ...attached].flatMap(parsePolicy);
}
