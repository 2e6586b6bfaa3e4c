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

/** Grants by grantee. Those of a grantee are compiled when they are first needed. */
export class GrantIndex {
  readonly #grants: ReadonlyMap<Grantee, readonly RankedGrant[]>;
  readonly #compiled = new Map<Grantee, PatternTrie<RankedGrant>>();

  constructor(grants: readonly Grant[]) {
    this.#grants = Map.groupBy(
      grants.map((grant, rank) => ({ grant, rank })),
      ({ grant }) => grant.subject,
    );
  }

  /** Returns the grants of an identity. */
  of(identity: Identity): OwnGrants {
    const grantees = allGranteesOf(identity).filter((grantee) => this.#grants.has(grantee));
    const grants = grantees.flatMap((grantee) => this.#grants.get(grantee) ?? []);
    return new OwnGrants(
      grants,
      grantees.map((grantee) => this.#compile(grantee)),
    );
  }

  #compile(grantee: Grantee): PatternTrie<RankedGrant> {
    const known = this.#compiled.get(grantee);
    if (known !== undefined) return known;
    const trie = new PatternTrie<RankedGrant>();
    for (const ranked of this.#grants.get(grantee) ?? []) trie.add(ranked.grant.pattern, ranked);
    this.#compiled.set(grantee, trie);
    return trie;
  }
}

/** The grants of one identity. */
export class OwnGrants {
  readonly #grants: readonly RankedGrant[];
  readonly #tries: readonly PatternTrie<RankedGrant>[];

  constructor(grants: readonly RankedGrant[], tries: readonly PatternTrie<RankedGrant>[]) {
    this.#grants = grants;
    this.#tries = tries;
  }

  /** Returns the first grant that allows the action on the repository. */
  find(action: Action, repository: RepositoryName): Grant | undefined {
    let first: RankedGrant | undefined;
    for (const trie of this.#tries) {
      for (const ranked of trie.match(repository)) {
        const isFirst = first === undefined || ranked.rank < first.rank;
        if (isFirst && includesAction(ranked.grant.actions, action)) first = ranked;
      }
    }
    return first?.grant;
  }

  /** Returns the literal beginnings of the names of the repositories on which the action may be allowed. */
  prefixes(action: Action): PrefixList {
    const allowing = this.#grants.filter(({ grant }) => includesAction(grant.actions, action));
    return new PrefixList(allowing.map(({ grant }) => literalPrefixOf(grant.pattern)));
  }
}
