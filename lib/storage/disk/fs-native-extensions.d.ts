declare module "fs-native-extensions" {
  /** Takes an advisory lock on a part of a file, all of it when the length is 0. @returns false when it is taken */
  export function tryLock(
    fd: number,
    offset: number,
    length: number,
    options: { readonly shared: boolean },
  ): boolean;
}
