import type { RepositoryName } from "../../oci/repository-name.ts";
import { allGranteesOf, type Identity } from "../identity.ts";
import { type Action, includesAction } from "./actions.ts";
import type { Grantee } from "./grantee.ts";
import type { Grant } from "./grants.ts";
import { literalPrefixOf } from "./pattern.ts";
import { PatternTrie } from "./pattern-trie.ts";
import { PrefixList } from "./prefix-list.ts";

/** A grant and its position among all grants: of several that allow an action, the first is reported. */
interface RankedGrant {
  readonly grant: Grant;
  readonly rank: number;
}

/** The grants of one grantee, and their compiled patterns. */
interface GranteeGrants {
  readonly grants: readonly RankedGrant[];
  readonly patterns: PatternTrie<RankedGrant>;
}

/** Grants by grantee. Those of a grantee are compiled when they are first needed. */
export class GrantIndex {
  readonly #grants: ReadonlyMap<Grantee, readonly RankedGrant[]>;
  readonly #compiled = new Map<Grantee, GranteeGrants>();

  constructor(grants: readonly Grant[]) {
    this.#grants = Map.groupBy(
      grants.map((grant, rank) => ({ grant, rank })),
      ({ grant }) => grant.subject,
    );
  }

  /** Returns the grants of an identity. */
  of(identity: Identity): OwnGrants {
    return new OwnGrants(allGranteesOf(identity).flatMap((grantee) => this.#compile(grantee) ?? []));
  }

  #compile(grantee: Grantee): GranteeGrants | undefined {
    const grants = this.#grants.get(grantee);
    const known = this.#compiled.get(grantee);
    if (known !== undefined || grants === undefined) return known;
    const patterns = new PatternTrie<RankedGrant>();
    for (const ranked of grants) patterns.add(ranked.grant.pattern, ranked);
    const compiled = { grants, patterns };
    this.#compiled.set(grantee, compiled);
    return compiled;
  }
}

/** The grants of one identity. */
export class OwnGrants {
  readonly #grantees: readonly GranteeGrants[];

  constructor(grantees: readonly GranteeGrants[]) {
    this.#grantees = grantees;
  }

  /** Returns the first grant that allows the action on the repository. */
  find(action: Action, repository: RepositoryName): Grant | undefined {
    let first: RankedGrant | undefined;
    for (const { patterns } of this.#grantees) {
      for (const ranked of patterns.match(repository)) {
        const isFirst = first === undefined || ranked.rank < first.rank;
        if (isFirst && includesAction(ranked.grant.actions, action)) first = ranked;
      }
    }
    return first?.grant;
  }

  /** Returns whether a grant allows the action on all repositories. */
  coversAll(action: Action): boolean {
    return this.#grantees.some(({ grants }) =>
      grants.some(({ grant }) => grant.pattern === "**" && includesAction(grant.actions, action)),
    );
  }

  /** Returns the literal beginnings of the names of the repositories on which the action may be allowed. */
  prefixes(action: Action): PrefixList {
    const grants = this.#grantees.flatMap((grantee) => grantee.grants);
    const allowing = grants.filter(({ grant }) => includesAction(grant.actions, action));
    return new PrefixList(allowing.map(({ grant }) => literalPrefixOf(grant.pattern)));
  }
}
