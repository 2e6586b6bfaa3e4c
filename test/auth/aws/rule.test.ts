import { expect, it } from "vitest";
import { parseAwsRule } from "../../../lib/auth/aws/rule.ts";

const RULE = { name: "ci", accounts: ["123456789012"] };

it.each<object>([RULE, { ...RULE, arn: "arn:aws:**" }, { ...RULE, session: "i-*" }])(
  "parseAwsRule returns only the fields of %j",
  (rule) => {
    expect(parseAwsRule(rule)).toStrictEqual(rule);
  },
);
