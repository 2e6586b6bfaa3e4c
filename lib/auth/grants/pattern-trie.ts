import type { RepositoryName } from "../../oci/repository-name.ts";
import { matchesSegment, type RepositoryPattern } from "./pattern.ts";

/** An edge for a segment with wildcards. */
interface WildcardEdge<T> {
  readonly segment: string;
  readonly next: TrieNode<T>;
}

/** A match state: all patterns that begin with the same segments. */
class TrieNode<T> {
  /** Values of the patterns that end here. */
  readonly values: T[] = [];
  readonly literals = new Map<string, TrieNode<T>>();
  /** Edges by the text before the first star, and by the text after the last one. */
  readonly wildcards = new Map<string, Map<string, WildcardEdge<T>[]>>();
  /** The state after a segment `**`. */
  run: TrieNode<T> | undefined;
  /** Whether the state follows a segment `**`, and is therefore kept for any further segment. */
  readonly isRun: boolean;

  constructor(isRun = false) {
    this.isRun = isRun;
  }
}

/**
 * Repository patterns, compiled so that matching time depends on the length of the name and on the patterns that match its
 * beginning, not on the total number of patterns.
 */
export class PatternTrie<T> {
  readonly #root = new TrieNode<T>();

  add(pattern: RepositoryPattern, value: T): void {
    pattern.split("/").reduce(extend, this.#root).values.push(value);
  }

  /** Returns the values of all patterns that match the name. */
  match(name: RepositoryName): readonly T[] {
    let reached = new Set<TrieNode<T>>();
    reach(reached, this.#root);
    for (const segment of name.split("/")) {
      if (reached.size === 0) return [];
      reached = step(reached, segment);
    }
    return [...reached].flatMap(({ values }) => values);
  }
}

/** Returns the state after a segment of a pattern, and creates it if necessary. */
function extend<T>(node: TrieNode<T>, segment: string): TrieNode<T> {
  if (segment === "**") {
    node.run ??= new TrieNode<T>(true);
    return node.run;
  }
  if (segment.includes("*")) return extendByWildcard(node, segment);
  const next = node.literals.get(segment) ?? new TrieNode<T>();
  node.literals.set(segment, next);
  return next;
}

function extendByWildcard<T>({ wildcards }: TrieNode<T>, segment: string): TrieNode<T> {
  const prefix = segment.slice(0, segment.indexOf("*"));
  const suffix = segment.slice(segment.lastIndexOf("*") + 1);
  const bySuffix = wildcards.get(prefix) ?? new Map<string, WildcardEdge<T>[]>();
  wildcards.set(prefix, bySuffix);
  const edges = bySuffix.get(suffix) ?? [];
  bySuffix.set(suffix, edges);
  const existing = edges.find((edge) => edge.segment === segment);
  if (existing !== undefined) return existing.next;
  const next = new TrieNode<T>();
  edges.push({ segment, next });
  return next;
}

/** Adds a state, and the states reachable from it through empty `**` segments. */
function reach<T>(reached: Set<TrieNode<T>>, node: TrieNode<T>): void {
  for (let state: TrieNode<T> | undefined = node; state !== undefined; state = state.run) reached.add(state);
}

function step<T>(reached: ReadonlySet<TrieNode<T>>, segment: string): Set<TrieNode<T>> {
  const next = new Set<TrieNode<T>>();
  for (const node of reached) {
    if (node.isRun) reach(next, node);
    const literal = node.literals.get(segment);
    if (literal !== undefined) reach(next, literal);
    if (node.wildcards.size > 0) stepByWildcards(next, node, segment);
  }
  return next;
}

function stepByWildcards<T>(next: Set<TrieNode<T>>, { wildcards }: TrieNode<T>, segment: string): void {
  for (let start = 0; start <= segment.length; start++) {
    const bySuffix = wildcards.get(segment.slice(0, start));
    if (bySuffix === undefined) continue;
    for (let end = start; end <= segment.length; end++) {
      for (const edge of bySuffix.get(segment.slice(end)) ?? []) {
        if (matchesSegment(edge.segment, segment)) reach(next, edge.next);
      }
    }
  }
}
