declare module "fs-native-extensions" {
  /** Takes an advisory lock on a part of a file, or on the whole file when the length is 0. @returns false when it is locked */
  export function tryLock(
    fd: number,
    offset: number,
    length: number,
    options: { readonly shared: boolean },
  ): boolean;
}
