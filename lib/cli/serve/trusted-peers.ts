import { BlockList, isIP } from "node:net";

/** Names for groups of addresses in a list of trusted peers. */
const LOOPBACK = "loopback";
const NONE = "none";

/** Returns whether the text is `loopback`, `none`, an address or a range of addresses, such as 10.0.0.0/8. */
export function isPeer(text: string): boolean {
  if (text === LOOPBACK || text === NONE || isIP(text) !== 0) return true;
  const [, address = "", bits = ""] = /^([^/]+)\/(\d{1,3})$/.exec(text) ?? [];
  const version = isIP(address);
  return version !== 0 && Number(bits) <= (version === 4 ? 32 : 128);
}

/** Creates a predicate that returns whether a connection's peer address is in a list. */
export function createPeerCheck(peers: readonly string[]): (address: string | undefined) => boolean {
  const list = new BlockList();
  for (const peer of peers) {
    if (peer === LOOPBACK) addLoopback(list);
    else if (peer !== NONE) addPeer(list, peer);
  }
  return (address = "") => {
    const version = isIP(address);
    return version !== 0 && list.check(address, familyOf(version));
  };
}

function addLoopback(list: BlockList): void {
  list.addSubnet("127.0.0.0", 8);
  list.addAddress("::1", "ipv6");
}

function addPeer(list: BlockList, peer: string): void {
  const [address = "", bits] = peer.split("/");
  const family = familyOf(isIP(address));
  if (bits === undefined) list.addAddress(address, family);
  else list.addSubnet(address, Number(bits), family);
}

function familyOf(version: number): "ipv4" | "ipv6" {
  return version === 6 ? "ipv6" : "ipv4";
}
